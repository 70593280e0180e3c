import { OtpError } from '../error';
import { compareMapKeys, termsEqual } from './compare-terms';

export { compareMapKeys, compareTerms, termsEqual } from './compare-terms';
export { atomName, isAtom, isNil, listElements, stringValue, subterms, tupleOf } from './inspect-terms';

/**
 * One Erlang term, as `file:consult/1` or `binary_to_term/1` would give it. Each term has exactly one
 * representation, so that two terms are `=:=` in Erlang exactly when `termsEqual` holds:
 *
 * - A proper, non-empty list of nothing but Unicode code points is always a `string`, whatever it was
 *   written as (`[97,98]` is `"ab"`); every other list is a `list`. `listElements` reads both.
 * - An integer from -(2^53 - 1) to 2^53 - 1 is a `number`, one beyond that a `bigint`.
 * - The entries of a map are sorted by key in the order in which Erlang keeps map keys (`compareMapKeys`).
 *
 * Build terms with the functions below, never as literals of these types. A term read from bytes may nest
 * deeper than the JavaScript stack: walk one of unknown origin with `subterms` or a stack of your own.
 */
export type Term =
  | AtomTerm
  | IntegerTerm
  | FloatTerm
  | StringTerm
  | ListTerm
  | TupleTerm
  | MapTerm
  | BinaryTerm
  | FunTerm
  | IdentifierTerm;

export interface AtomTerm {
  readonly kind: 'atom';
  readonly name: string;
}
export interface IntegerTerm {
  readonly kind: 'integer';
  readonly value: number | bigint;
}
export interface FloatTerm {
  readonly kind: 'float';
  readonly value: number;
}
export interface StringTerm {
  readonly kind: 'string';
  readonly value: string;
}
export interface ListTerm {
  readonly kind: 'list';
  readonly elements: readonly Term[];
  /** What follows the last element of an improper list; absent when the list is proper. */
  readonly tail?: Term;
}
export interface TupleTerm {
  readonly kind: 'tuple';
  readonly elements: readonly Term[];
}
export interface MapTerm {
  readonly kind: 'map';
  readonly entries: readonly (readonly [Term, Term])[];
}
/** A binary, or a bit string when the last byte counts fewer than eight bits (its high bits are used). */
export interface BinaryTerm {
  readonly kind: 'binary';
  readonly bytes: Uint8Array;
  /** 1 to 8; 8 for an empty binary. */
  readonly bitsInLastByte: number;
}
/** `fun module:name/arity`. */
export interface FunTerm {
  readonly kind: 'fun';
  readonly module: string;
  readonly name: string;
  readonly arity: number;
}
/**
 * What only lives inside a running node (pid, port, reference, local fun). It can be read from the external
 * term format and written back; it has no text form that Erlang reads.
 */
export interface IdentifierTerm {
  readonly kind: 'identifier';
  readonly type: 'pid' | 'port' | 'reference' | 'fun';
  /** The term's bytes in the external term format, tag first, without the version byte. */
  readonly encoded: Uint8Array;
}

/** Longest atom that OTP makes, in code points. */
export const maxAtomLength = 255;

/** Size of the largest integer that is read, in bits; OTP 26 and later have no larger one. */
export const maxIntegerBits = 4_194_304;

/** `[]`. */
export const nil: ListTerm = { kind: 'list', elements: [] };

/**
 * The atom of that name.
 * @throws OtpError `term-limit` when OTP has no such atom: over 255 characters, or half of a surrogate pair.
 */
export function atom(name: string): AtomTerm {
  if ((name.length > maxAtomLength && codePointCount(name) > maxAtomLength) || hasLoneSurrogate(name)) {
    throw new OtpError(
      `an atom has at most ${maxAtomLength} characters, all of them Unicode; this one is ${JSON.stringify(name.slice(0, 40))}.`,
      { code: 'term-limit' },
    );
  }
  return { kind: 'atom', name };
}

/** The integer of that value; `value` must be whole. */
export function integer(value: number | bigint): IntegerTerm {
  if (typeof value === 'bigint') {
    const small = value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
    return { kind: 'integer', value: small ? Number(value) : value };
  }
  // Adding 0 turns -0, which no Erlang integer is, into 0; BigInt refuses what is not whole.
  return { kind: 'integer', value: Number.isSafeInteger(value) ? value + 0 : BigInt(value) };
}

/** @throws OtpError `term-limit` for NaN and the infinities, which Erlang does not have. */
export function float(value: number): FloatTerm {
  if (!Number.isFinite(value)) {
    throw new OtpError(`Erlang has no float ${value}.`, { code: 'term-limit' });
  }
  return { kind: 'float', value };
}

/** The list of the code points of `text`; `[]` for the empty text. */
export function string(text: string): StringTerm | ListTerm {
  if (text === '') return nil;
  return hasLoneSurrogate(text)
    ? { kind: 'list', elements: codePoints(text).map(integer) }
    : { kind: 'string', value: text };
}

/** The list of `elements`, followed by `tail`; a tail that is a list itself continues the list. */
export function list(elements: readonly Term[], tail: Term = nil): Term {
  if (elements.length === 0) return tail;
  if (tail.kind === 'list') return properOrImproper([...elements, ...tail.elements], tail.tail);
  if (tail.kind === 'string')
    return properOrImproper([...elements, ...codePoints(tail.value).map(integer)], undefined);
  return properOrImproper(elements, tail);
}

export function tuple(...elements: readonly Term[]): TupleTerm {
  return tupleFrom(elements);
}

/** The tuple of `elements`, however many. */
export function tupleFrom(elements: readonly Term[]): TupleTerm {
  return { kind: 'tuple', elements };
}

/** The map of `entries`; of two entries with the same key the later counts, as in `maps:from_list/1`. */
export function map(entries: Iterable<readonly [Term, Term]>): MapTerm {
  // The sort is stable: of equal keys, the last one given ends up last.
  const sorted = [...entries].sort(([left], [right]) => compareMapKeys(left, right));
  return {
    kind: 'map',
    entries: sorted.filter(([key], at) => {
      const next = sorted[at + 1];
      return next === undefined || !termsEqual(key, next[0]);
    }),
  };
}

/**
 * The binary of `bytes`, which are not copied. `bitsInLastByte`, 1 to 8, counts from the high end of the last byte; its
 * other bits are cleared (in a copy).
 */
export function binary(bytes: Uint8Array, bitsInLastByte = 8): BinaryTerm {
  const last = bytes.at(-1);
  if (last === undefined || bitsInLastByte === 8)
    return { kind: 'binary', bytes: plainBytes(bytes), bitsInLastByte: 8 };
  const kept = last & (0xff << (8 - bitsInLastByte)) & 0xff;
  if (kept === last) return { kind: 'binary', bytes: plainBytes(bytes), bitsInLastByte };
  const cleared = Uint8Array.from(bytes);
  cleared[cleared.length - 1] = kept;
  return { kind: 'binary', bytes: cleared, bitsInLastByte };
}

/** `fun module:name/arity`. */
export function externalFun(module: string, name: string, arity: number): FunTerm {
  return { kind: 'fun', module, name, arity };
}

/** A pid, port, reference or local fun, by its bytes in the external term format. */
export function identifier(type: IdentifierTerm['type'], encoded: Uint8Array): IdentifierTerm {
  return { kind: 'identifier', type, encoded };
}

/** The Unicode code points of `text`; half of a surrogate pair counts as one. */
export function codePoints(text: string): number[] {
  const points: number[] = [];
  for (let at = 0; at < text.length;) {
    const point = text.codePointAt(at) ?? 0;
    points.push(point);
    at += point > 0xffff ? 2 : 1;
  }
  return points;
}

/** Whether some character of `text` is half of a surrogate pair, which is no Unicode character. */
function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function codePointCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) count++;
  return count;
}

function properOrImproper(elements: readonly Term[], tail: Term | undefined): Term {
  if (tail !== undefined && !(tail.kind === 'list' && tail.elements.length === 0)) {
    return { kind: 'list', elements, tail };
  }
  const text = textOf(elements);
  return text === undefined ? { kind: 'list', elements } : { kind: 'string', value: text };
}

function textOf(elements: readonly Term[]): string | undefined {
  const chunks: string[] = [];
  let points: number[] = [];
  for (const element of elements) {
    if (element.kind !== 'integer' || typeof element.value === 'bigint' || !isCodePoint(element.value)) {
      return undefined;
    }
    points.push(element.value);
    // Arguments of a call live on the stack.
    if (points.length === 4096) {
      chunks.push(String.fromCodePoint(...points));
      points = [];
    }
  }
  chunks.push(String.fromCodePoint(...points));
  return chunks.join('');
}

/** The same bytes as a `Uint8Array` that is no `Buffer`: equal terms should look equal to every comparison. */
function plainBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.isBuffer(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
}

function isCodePoint(value: number): boolean {
  return (value >= 0 && value < 0xd800) || (value > 0xdfff && value <= 0x10ffff);
}
