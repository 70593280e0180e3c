import { tags } from './external-term-tags';
import { codePoints } from './term';
import type { Term } from './term';

export interface EncodeOptions {
  /**
   * `latin1-ext`, the default, is what `term_to_binary/1` of OTP 25 and earlier writes: ATOM_EXT for an atom of
   * Latin-1 characters. `utf8` is what OTP 26 and later write: UTF-8 for every atom.
   */
  readonly atoms?: 'latin1-ext' | 'utf8';
}

/**
 * The bytes that `term_to_binary(Term)` gives, uncompressed, minor version 1 or 2. The keys of a map come in the order of
 * map keys, as with `term_to_binary(Term, [deterministic])`; without it OTP 25 writes maps of over 32 keys, and
 * OTP 26 writes all maps, in an order that depends on the node.
 */
export function encodeExternalTerm(term: Term, options: EncodeOptions = {}): Buffer {
  const bytes = new ByteWriter();
  bytes.uint8(tags.version);
  const utf8 = options.atoms === 'utf8';
  const pending: Term[] = [term];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const parts = encodeHead(next, bytes, utf8);
    for (let at = parts.length - 1; at >= 0; at--) {
      const part = parts[at];
      if (part !== undefined) pending.push(part);
    }
  }
  return bytes.toBuffer();
}

/** Writes all of a term but its parts, which it returns. */
function encodeHead(term: Term, bytes: ByteWriter, utf8: boolean): readonly Term[] {
  switch (term.kind) {
    case 'atom':
      encodeAtom(term.name, bytes, utf8);
      return [];
    case 'integer':
      encodeInteger(term.value, bytes);
      return [];
    case 'float':
      bytes.uint8(tags.newFloat);
      bytes.float64(term.value);
      return [];
    case 'string':
      encodeString(term.value, bytes);
      return [];
    case 'list':
      return encodeList(term.elements, term.tail, bytes);
    case 'tuple':
      if (term.elements.length <= 0xff) {
        bytes.uint8(tags.smallTuple);
        bytes.uint8(term.elements.length);
      } else {
        bytes.uint8(tags.largeTuple);
        bytes.uint32(term.elements.length);
      }
      return term.elements;
    case 'map':
      bytes.uint8(tags.map);
      bytes.uint32(term.entries.length);
      return term.entries.flat();
    case 'binary':
      encodeBinary(term.bytes, term.bitsInLastByte, bytes);
      return [];
    case 'fun':
      bytes.uint8(tags.export);
      encodeAtom(term.module, bytes, utf8);
      encodeAtom(term.name, bytes, utf8);
      encodeInteger(term.arity, bytes);
      return [];
    case 'identifier':
      bytes.append(term.encoded);
      return [];
  }
}

function encodeAtom(name: string, bytes: ByteWriter, utf8: boolean): void {
  // Latin-1 characters are the code points up to U+00FF.
  if (!utf8 && !/[^\0-\xff]/.test(name)) {
    bytes.uint8(tags.atom);
    bytes.uint16(name.length);
    bytes.append(Buffer.from(name, 'latin1'));
    return;
  }
  const encoded = Buffer.from(name, 'utf8');
  if (encoded.length <= 0xff) {
    bytes.uint8(tags.smallAtomUtf8);
    bytes.uint8(encoded.length);
  } else {
    bytes.uint8(tags.atomUtf8);
    bytes.uint16(encoded.length);
  }
  bytes.append(encoded);
}

function encodeInteger(value: number | bigint, bytes: ByteWriter): void {
  if (value >= 0 && value <= 0xff) {
    bytes.uint8(tags.smallInteger);
    bytes.uint8(Number(value));
  } else if (value >= -0x80000000 && value <= 0x7fffffff) {
    bytes.uint8(tags.integer);
    bytes.uint32(Number(value) >>> 0);
  } else {
    const digits = (value < 0 ? -BigInt(value) : BigInt(value)).toString(16);
    const magnitude = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').reverse();
    if (magnitude.length <= 0xff) {
      bytes.uint8(tags.smallBig);
      bytes.uint8(magnitude.length);
    } else {
      bytes.uint8(tags.largeBig);
      bytes.uint32(magnitude.length);
    }
    bytes.uint8(value < 0 ? 1 : 0);
    bytes.append(magnitude);
  }
}

/** STRING_EXT for up to 65535 bytes, as a list of integers otherwise. */
function encodeString(text: string, bytes: ByteWriter): void {
  if (text.length <= 0xffff && !/[^\0-\xff]/.test(text)) {
    bytes.uint8(tags.string);
    bytes.uint16(text.length);
    bytes.append(Buffer.from(text, 'latin1'));
    return;
  }
  const points = codePoints(text);
  bytes.uint8(tags.list);
  bytes.uint32(points.length);
  for (const point of points) encodeInteger(point, bytes);
  bytes.uint8(tags.nil);
}

function encodeList(elements: readonly Term[], tail: Term | undefined, bytes: ByteWriter): readonly Term[] {
  if (elements.length === 0) {
    bytes.uint8(tags.nil);
    return [];
  }
  bytes.uint8(tags.list);
  bytes.uint32(elements.length);
  return [...elements, tail ?? { kind: 'list', elements: [] }];
}

function encodeBinary(content: Uint8Array, bitsInLastByte: number, bytes: ByteWriter): void {
  if (bitsInLastByte === 8) {
    bytes.uint8(tags.binary);
    bytes.uint32(content.length);
  } else {
    bytes.uint8(tags.bitBinary);
    bytes.uint32(content.length);
    bytes.uint8(bitsInLastByte);
  }
  bytes.append(content);
}

/** Big-endian bytes in a buffer that doubles as it fills. */
class ByteWriter {
  private buffer = Buffer.allocUnsafe(256);
  private size = 0;

  uint8(value: number): void {
    const start = this.reserve(1);
    this.buffer.writeUInt8(value, start);
  }

  uint16(value: number): void {
    const start = this.reserve(2);
    this.buffer.writeUInt16BE(value, start);
  }

  uint32(value: number): void {
    const start = this.reserve(4);
    this.buffer.writeUInt32BE(value, start);
  }

  float64(value: number): void {
    const start = this.reserve(8);
    this.buffer.writeDoubleBE(value, start);
  }

  append(bytes: Uint8Array): void {
    const start = this.reserve(bytes.length);
    this.buffer.set(bytes, start);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.size));
  }

  /** Makes room and returns where it starts. */
  private reserve(size: number): number {
    const start = this.size;
    this.size += size;
    if (this.size > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.size));
      this.buffer.copy(larger, 0, 0, start);
      this.buffer = larger;
    }
    return start;
  }
}
