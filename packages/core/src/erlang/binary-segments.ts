import { codePoints } from './term';

/** How one segment of a binary is written: `Value:Size/TypeList`. */
export interface SegmentSpec {
  readonly size?: number | bigint;
  readonly type?: 'integer' | 'float' | 'binary' | 'utf8' | 'utf16' | 'utf32';
  readonly signedness?: 'signed' | 'unsigned';
  readonly endianness?: 'big' | 'little' | 'native';
  readonly unit?: number;
}

export type SegmentValue =
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'float'; readonly value: number }
  /** Stands for one segment for each of its characters. */
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array; readonly bitsInLastByte: number };

/** What a literal may expand to beyond the length of the text that holds it, in bytes: `<<0:99999999999>>` is short. */
const expansionLimit = 16 * 1024 * 1024;

/** Counts what the binaries of one text take. */
export class ExpansionBudget {
  private left: number;

  constructor(textLength: number) {
    this.left = 4 * textLength + expansionLimit;
  }

  /** Whether so many more bytes are within the budget. */
  spend(bytes: number): boolean {
    this.left -= bytes;
    return this.left >= 0;
  }
}

/** Adds the specifier of that name to a type list; undefined when there is none such or it contradicts an earlier one. */
export function withSpecifier(spec: SegmentSpec, name: string): SegmentSpec | undefined {
  const added = specifiers.get(name);
  return added === undefined ? undefined : merge(spec, added);
}

export function withUnit(spec: SegmentSpec, unit: number | bigint): SegmentSpec | undefined {
  return unit >= 1 && unit <= 256 ? merge(spec, { unit: Number(unit) }) : undefined;
}

const specifiers: ReadonlyMap<string, SegmentSpec> = new Map<string, SegmentSpec>([
  ['integer', { type: 'integer' }],
  ['float', { type: 'float' }],
  ['binary', { type: 'binary' }],
  ['bytes', { type: 'binary', unit: 8 }],
  ['bitstring', { type: 'binary', unit: 1 }],
  ['bits', { type: 'binary', unit: 1 }],
  ['utf8', { type: 'utf8' }],
  ['utf16', { type: 'utf16' }],
  ['utf32', { type: 'utf32' }],
  ['signed', { signedness: 'signed' }],
  ['unsigned', { signedness: 'unsigned' }],
  ['big', { endianness: 'big' }],
  ['little', { endianness: 'little' }],
  ['native', { endianness: 'native' }],
]);

function merge(spec: SegmentSpec, added: SegmentSpec): SegmentSpec | undefined {
  const contradiction =
    differ(spec.type, added.type) ||
    differ(spec.signedness, added.signedness) ||
    differ(spec.endianness, added.endianness) ||
    differ(spec.unit, added.unit);
  return contradiction ? undefined : { ...spec, ...added };
}

function differ<T>(earlier: T | undefined, later: T | undefined): boolean {
  return earlier !== undefined && later !== undefined && earlier !== later;
}

/** Puts segments together as `eval_bits:expr_grp/4` does for literals. `native` is little-endian, as on all common machines. */
export class BitBuilder {
  private buffer = Buffer.alloc(64);
  private bits = 0;

  constructor(private readonly budget: ExpansionBudget) {}

  /** Appends one segment; returns what is wrong with it, if anything. */
  append(value: SegmentValue, spec: SegmentSpec): string | undefined {
    if (spec.size !== undefined && spec.size < 0) return 'the size of a segment is not negative';
    switch (spec.type ?? 'integer') {
      case 'binary':
        return value.kind === 'binary'
          ? this.appendBinary(value.bytes, value.bitsInLastByte, spec)
          : 'only a binary can be a segment of type binary';
      case 'integer':
        return this.appendEach(value, 'integer', this.sizeOf(spec, 8), (number, size) =>
          typeof number === 'object' ? undefined : this.appendInteger(number, size, isLittle(spec)),
        );
      case 'float':
        return this.appendEach(value, 'float', this.sizeOf(spec, 64), (number, size) =>
          this.appendFloat(typeof number === 'object' ? number.float : Number(number), size, isLittle(spec)),
        );
      case 'utf8':
      case 'utf16':
      case 'utf32':
        if (spec.size !== undefined || spec.unit !== undefined)
          return 'a segment of type utf8, utf16 or utf32 has no size or unit';
        return this.appendEach(value, 'integer', 0, (number) =>
          typeof number === 'object' ? undefined : this.appendCharacter(number, spec),
        );
    }
  }

  /** All that was appended. */
  build(): { readonly bytes: Uint8Array; readonly bitsInLastByte: number } {
    const bytes = Uint8Array.from(this.buffer.subarray(0, Math.ceil(this.bits / 8)));
    return { bytes, bitsInLastByte: this.bits % 8 || 8 };
  }

  /** In bits; a problem when it makes no sense or is too large. */
  private sizeOf(spec: SegmentSpec, defaultSize: number): number | string {
    if (spec.size === undefined) {
      return spec.unit === undefined
        ? defaultSize
        : 'a segment of this type that has a unit needs a size too';
    }
    const bits = Number(spec.size) * (spec.unit ?? 1);
    return bits <= 8 * expansionLimit ? bits : tooLarge;
  }

  private appendEach(
    value: SegmentValue,
    type: 'integer' | 'float',
    size: number | string,
    append: (number: number | bigint | { readonly float: number }, size: number) => string | undefined,
  ): string | undefined {
    if (typeof size === 'string') return size;
    if (type === 'float' && ![16, 32, 64].includes(size)) return 'a float takes 16, 32 or 64 bits';
    switch (value.kind) {
      case 'binary':
        return 'a binary inside a binary needs the type binary: `<<...>>/binary`';
      case 'float':
        return type === 'float'
          ? append({ float: value.value }, size)
          : 'a float inside a binary needs the type float: `1.5/float`';
      case 'integer':
        return append(value.value, size);
      case 'string':
        for (const point of codePoints(value.value)) {
          const problem = append(point, size);
          if (problem !== undefined) return problem;
        }
        return undefined;
    }
  }

  private appendInteger(value: number | bigint, size: number, little: boolean): string | undefined {
    const byteCount = Math.ceil(size / 8);
    if (!this.budget.spend(byteCount)) return tooLarge;
    if (typeof value === 'number' && size <= 32 && !little) {
      const modulus = 2 ** size;
      const left = Buffer.alloc(4);
      left.writeUInt32BE((((value % modulus) + modulus) % modulus) * 2 ** (32 - size));
      this.push(left, size);
      return undefined;
    }
    const partial = size % 8;
    const digits = BigInt.asUintN(size, BigInt(value)).toString(16);
    const bytes = Buffer.from(digits.padStart(2 * byteCount, '0'), 'hex');
    // The odd bits are the highest ones; they come first in big-endian order and last in little-endian order.
    if (little) {
      bytes.reverse();
      if (partial > 0) bytes[byteCount - 1] = (bytes[byteCount - 1] ?? 0) << (8 - partial);
      this.push(bytes, size);
    } else if (partial > 0) {
      this.push(Uint8Array.of((bytes[0] ?? 0) << (8 - partial)), partial);
      this.push(bytes.subarray(1), size - partial);
    } else this.push(bytes, size);
    return undefined;
  }

  private appendFloat(value: number, size: number, little: boolean): string | undefined {
    if (!Number.isFinite(value)) return 'this integer is larger than a float can be';
    if (!this.budget.spend(size / 8)) return tooLarge;
    const bytes = Buffer.alloc(size / 8);
    if (size === 16) bytes.writeUInt16BE(halfPrecision(value));
    else if (size === 32) bytes.writeFloatBE(value);
    else bytes.writeDoubleBE(value);
    this.push(little ? bytes.reverse() : bytes, size);
    return undefined;
  }

  private appendCharacter(value: number | bigint, spec: SegmentSpec): string | undefined {
    const isCharacter = value >= 0 && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
    if (!isCharacter) return `${value.toString().slice(0, 20)} is no Unicode character`;
    if (!this.budget.spend(4)) return tooLarge;
    const bytes = encodeCharacter(Number(value), spec);
    this.push(bytes, 8 * bytes.length);
    return undefined;
  }

  private appendBinary(bytes: Uint8Array, bitsInLastByte: number, spec: SegmentSpec): string | undefined {
    const available = bytes.length === 0 ? 0 : 8 * (bytes.length - 1) + bitsInLastByte;
    const unit = spec.unit ?? 8;
    const taken = spec.size === undefined ? available : Number(spec.size) * unit;
    if (taken > available) return 'this binary has fewer bits than its segment takes';
    if (taken % unit !== 0)
      return `the ${available} bits of this binary are no multiple of ${unit}; a bit string needs the type bits`;
    if (!this.budget.spend(Math.ceil(taken / 8))) return tooLarge;
    this.push(bytes.subarray(0, Math.ceil(taken / 8)), taken);
    return undefined;
  }

  /** Appends the first `count` bits of `bytes`. */
  private push(bytes: Uint8Array, count: number): void {
    const needed = Math.ceil((this.bits + count) / 8);
    if (needed > this.buffer.length) {
      const larger = Buffer.alloc(Math.max(2 * this.buffer.length, needed));
      this.buffer.copy(larger);
      this.buffer = larger;
    }
    const shift = this.bits % 8;
    let at = Math.floor(this.bits / 8);
    for (let left = count, from = 0; left > 0; left -= 8, from++, at++) {
      const byte = left >= 8 ? (bytes[from] ?? 0) : (bytes[from] ?? 0) & (0xff << (8 - left));
      this.buffer[at] = (this.buffer[at] ?? 0) | (byte >> shift);
      if (shift > 0 && at + 1 < this.buffer.length) this.buffer[at + 1] = (byte << (8 - shift)) & 0xff;
    }
    this.bits += count;
  }
}

const tooLarge = `a binary that is much larger than the text it is written as (over ${expansionLimit} bytes) is not accepted`;

function isLittle(spec: SegmentSpec): boolean {
  return spec.endianness === 'little' || spec.endianness === 'native';
}

function encodeCharacter(codePoint: number, spec: SegmentSpec): Uint8Array {
  if (spec.type === 'utf8') return Buffer.from(String.fromCodePoint(codePoint), 'utf8');
  if (spec.type === 'utf16') {
    const bytes = Buffer.from(String.fromCodePoint(codePoint), 'utf16le');
    return isLittle(spec) ? bytes : bytes.swap16();
  }
  const bytes = Buffer.alloc(4);
  if (isLittle(spec)) bytes.writeUInt32LE(codePoint);
  else bytes.writeUInt32BE(codePoint);
  return bytes;
}

/** The IEEE 754 half-precision bits nearest to `value`, ties to even. */
function halfPrecision(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // From here on the nearest half is infinity.
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude || 1)));
  const scaled = roundHalfToEven(magnitude / 2 ** (exponent - 10));
  // A subnormal lacks the implicit bit that a normal number carries into the exponent field.
  return sign | (scaled < 0x400 ? scaled : scaled + ((exponent + 14) << 10));
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
