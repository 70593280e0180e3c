import { isUtf8 } from 'node:buffer';
import { inflateSync } from 'node:zlib';
import type { OtpError } from '../error';
import { ByteReader } from './byte-reader';
import { skipExternalTerm } from './external-identifier';
import { tags } from './external-term-tags';
import {
  atom,
  binary,
  codePoints,
  externalFun,
  float,
  identifier,
  integer,
  list,
  map,
  maxAtomLength,
  maxIntegerBits,
  nil,
  string,
  tupleFrom,
} from './term';
import type { AtomTerm, IdentifierTerm, Term } from './term';

export interface DecodeOptions {
  /** Most bytes that a compressed term may inflate to; 256 MiB unless given. */
  readonly maxInflatedSize?: number;
  /** Most terms (an atom, a number, a tuple each count one) that are made; 10 million unless given. */
  readonly maxTerms?: number;
}

/**
 * The term that `term_to_binary/1,2` of any OTP release encoded as `bytes`, compressed or not. Pids, ports,
 * references and local funs are kept as their bytes. Nothing is allocated on the word of a length alone, and
 * nesting is not limited (no recursion).
 *
 * @param origin where the bytes come from, for messages: a file, or `FILE, chunk Attr`.
 * @throws OtpError `term-corrupt` naming the origin and the offset: a wrong version or tag, a length beyond the
 *   end, bytes after the term, a term that `binary_to_term/1` refuses too, or one over the limits.
 */
export function decodeExternalTerm(bytes: Uint8Array, origin: string, options: DecodeOptions = {}): Term {
  const reader = new ByteReader(bytes, origin);
  const version = reader.uint8('the version byte');
  if (version !== tags.version) {
    throw reader.error(
      `expected an external term, which starts with byte ${tags.version}; found ${version}`,
      0,
    );
  }
  const maxTerms = options.maxTerms ?? 10_000_000;
  if (reader.peek() !== tags.compressed) return decodeWhole(reader, maxTerms);
  const inflated = inflate(reader, options.maxInflatedSize ?? 256 * 1024 * 1024);
  return decodeWhole(new ByteReader(inflated, `${origin} (inflated)`), maxTerms);
}

function inflate(reader: ByteReader, maxSize: number): Uint8Array {
  reader.skip(1, 'the compression tag');
  const start = reader.offset;
  const size = reader.uint32('the inflated size');
  const refuse = (found: string, cause?: unknown): OtpError =>
    reader.error(`a compressed term claims to inflate to ${size} bytes; ${found}`, start, cause);
  if (size > maxSize) throw refuse(`at most ${maxSize} are accepted`);
  const compressed = reader.bytes(reader.remaining, 'the compressed term');
  let result: unknown;
  try {
    // One byte more than the claim shows a claim that is too small.
    result = inflateSync(compressed, { maxOutputLength: size + 1, info: true });
  } catch (error) {
    throw refuse('its data is damaged or inflates to more', error);
  }
  const { inflated, consumed } = inflateResult(result);
  if (inflated.length !== size) throw refuse(`it inflates to ${inflated.length}`);
  if (consumed !== compressed.length) throw refuse(`${compressed.length - consumed} more bytes follow it`);
  return inflated;
}

/** With the option `info`, zlib's synchronous functions return an object that Node's types do not describe. */
function inflateResult(result: unknown): { inflated: Uint8Array; consumed: number } {
  if (typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result) {
    const { buffer, engine } = result;
    if (
      buffer instanceof Uint8Array &&
      typeof engine === 'object' &&
      engine !== null &&
      'bytesWritten' in engine &&
      typeof engine.bytesWritten === 'number'
    ) {
      return { inflated: buffer, consumed: engine.bytesWritten };
    }
  }
  throw new Error('zlib.inflateSync({ info: true }) returned no buffer and engine');
}

/** A compound term whose parts are still being read. */
type Open =
  | { readonly kind: 'tuple'; readonly parts: Term[]; missing: number }
  | { readonly kind: 'map'; readonly parts: Term[]; missing: number; readonly start: number }
  /** `missing` counts the tail. */
  | { readonly kind: 'list'; readonly parts: Term[]; missing: number };

function decodeWhole(reader: ByteReader, maxTerms: number): Term {
  const open: Open[] = [];
  for (let count = 0; ; count++) {
    const start = reader.offset;
    if (count > maxTerms) throw reader.error(`a term of more than ${maxTerms} parts is not accepted`, start);
    let done = readOne(reader, open);
    while (done !== undefined) {
      const innermost = open.at(-1);
      if (innermost === undefined) return complete(reader, done);
      innermost.parts.push(done);
      innermost.missing--;
      if (innermost.missing > 0) break;
      open.pop();
      done = close(innermost, reader);
    }
  }
}

function complete(reader: ByteReader, term: Term): Term {
  if (reader.remaining > 0) {
    throw reader.error(
      `expected the end after the term; found ${reader.remaining} more bytes`,
      reader.offset,
    );
  }
  return term;
}

function close(done: Open, reader: ByteReader): Term {
  switch (done.kind) {
    case 'tuple':
      return tupleFrom(done.parts);
    case 'list':
      return list(done.parts.slice(0, -1), done.parts.at(-1));
    case 'map': {
      const entries: [Term, Term][] = [];
      for (let at = 0; at + 1 < done.parts.length; at += 2) {
        entries.push([done.parts[at] ?? nil, done.parts[at + 1] ?? nil]);
      }
      const made = map(entries);
      if (made.entries.length !== entries.length)
        throw reader.error('a map has the same key twice', done.start);
      return made;
    }
  }
}

/** Reads a term without parts, or opens one with parts and returns undefined. */
function readOne(reader: ByteReader, open: Open[]): Term | undefined {
  const start = reader.offset;
  const tag = reader.uint8('a tag');
  switch (tag) {
    case tags.smallInteger:
      return integer(reader.uint8('an integer'));
    case tags.integer:
      return integer(reader.uint32('an integer') | 0);
    case tags.smallBig:
      return bigInteger(reader, reader.uint8('the size of an integer'), start);
    case tags.largeBig:
      return bigInteger(reader, reader.uint32('the size of an integer'), start);
    case tags.newFloat:
      return finite(reader, reader.float64('a float'), start);
    case tags.float:
      return textFloat(reader, start);
    case tags.atom:
    case tags.smallAtom:
    case tags.atomUtf8:
    case tags.smallAtomUtf8:
      return readAtom(reader, tag, start);
    case tags.nil:
      return nil;
    case tags.string:
      return string(reader.bytes(reader.uint16('the length of a string'), 'a string').toString('latin1'));
    case tags.binary:
      return binary(Uint8Array.from(reader.bytes(reader.uint32('the size of a binary'), 'a binary')));
    case tags.bitBinary:
      return bitString(reader, start);
    case tags.export:
      return exportedFun(reader, start);
    case tags.smallTuple:
      return openTuple(reader, reader.uint8('the arity of a tuple'), open, start);
    case tags.largeTuple:
      return openTuple(reader, reader.uint32('the arity of a tuple'), open, start);
    case tags.list:
      openList(reader, open, start);
      return undefined;
    case tags.map: {
      const size = reader.uint32('the size of a map');
      reader.expectAtLeast(2 * size, 'the entries of a map', start);
      if (size === 0) return map([]);
      open.push({ kind: 'map', parts: [], missing: 2 * size, start });
      return undefined;
    }
    default:
      return readIdentifier(reader, tag, start);
  }
}

function openTuple(reader: ByteReader, arity: number, open: Open[], start: number): Term | undefined {
  reader.expectAtLeast(arity, 'the elements of a tuple', start);
  if (arity === 0) return tupleFrom([]);
  open.push({ kind: 'tuple', parts: [], missing: arity });
  return undefined;
}

function openList(reader: ByteReader, open: Open[], start: number): void {
  const length = reader.uint32('the length of a list');
  reader.expectAtLeast(length + 1, 'the elements of a list', start);
  const outer = open.at(-1);
  // A list in the place of a tail continues the same list; copying it into each outer one would take quadratic time.
  if (outer?.kind === 'list' && outer.missing === 1) outer.missing += length;
  else open.push({ kind: 'list', parts: [], missing: length + 1 });
}

function readAtom(reader: ByteReader, tag: number, start: number): AtomTerm {
  const long = tag === tags.atom || tag === tags.atomUtf8;
  const size = long ? reader.uint16('the length of an atom') : reader.uint8('the length of an atom');
  const bytes = reader.bytes(size, 'an atom');
  const latin1 = tag === tags.atom || tag === tags.smallAtom;
  if (!latin1 && !isUtf8(bytes)) throw reader.error('an atom is not valid UTF-8', start);
  const name = bytes.toString(latin1 ? 'latin1' : 'utf8');
  if (name.length > maxAtomLength && codePoints(name).length > maxAtomLength) {
    throw reader.error(`an atom has at most ${maxAtomLength} characters; found one of ${name.length}`, start);
  }
  return atom(name);
}

function bigInteger(reader: ByteReader, size: number, start: number): Term {
  const sign = reader.uint8('the sign of an integer');
  const bytes = reader.bytes(size, 'an integer');
  if (8 * size > maxIntegerBits) throw reader.error(`an integer of ${size} bytes is not accepted`, start);
  if (sign > 1) throw reader.error(`expected the sign of an integer, 0 or 1; found ${sign}`, start);
  const magnitude = size === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
  return integer(sign === 1 ? -magnitude : magnitude);
}

function textFloat(reader: ByteReader, start: number): Term {
  const text = Buffer.from(reader.bytes(31, 'a float')).toString('latin1').replace(/\0.*$/s, '').trim();
  if (!/^[-+]?\d+\.\d+(e[-+]?\d+)?$/i.test(text)) {
    throw reader.error(`expected a float as text; found ${JSON.stringify(text)}`, start);
  }
  return finite(reader, Number(text), start);
}

function finite(reader: ByteReader, value: number, start: number): Term {
  if (!Number.isFinite(value)) throw reader.error(`Erlang has no float ${value}`, start);
  return float(value);
}

function bitString(reader: ByteReader, start: number): Term {
  const size = reader.uint32('the size of a bit string');
  const bits = reader.uint8('the bits in the last byte of a bit string');
  if (bits > 8 || (bits === 0) !== (size === 0)) {
    throw reader.error(`a bit string of ${size} bytes claims ${bits} bits in its last byte`, start);
  }
  return binary(Uint8Array.from(reader.bytes(size, 'a bit string')), size === 0 ? 8 : bits);
}

function exportedFun(reader: ByteReader, start: number): Term {
  const module = part(reader, start);
  const name = part(reader, start);
  const arity = part(reader, start);
  if (
    module?.kind !== 'atom' ||
    name?.kind !== 'atom' ||
    arity?.kind !== 'integer' ||
    typeof arity.value === 'bigint'
  ) {
    throw reader.error('expected module, function and arity of a fun', start);
  }
  if (arity.value < 0 || arity.value > 255) throw reader.error(`a fun has no arity ${arity.value}`, start);
  return externalFun(module.name, name.name, arity.value);
}

/** Reads one part of a fun, which must be an atom or a small integer. */
function part(reader: ByteReader, start: number): Term | undefined {
  const tag = reader.peek();
  switch (tag) {
    case tags.atom:
    case tags.smallAtom:
    case tags.atomUtf8:
    case tags.smallAtomUtf8:
    case tags.smallInteger:
    case tags.integer:
      return readOne(reader, []);
    default:
      throw reader.error('expected module, function and arity of a fun', start);
  }
}

function readIdentifier(reader: ByteReader, tag: number, start: number): IdentifierTerm {
  if (tag === tags.local) {
    throw reader.error(
      'a term made with the option `local` of term_to_binary is for the node that made it',
      start,
    );
  }
  const type = identifierType(tag);
  if (type === undefined) throw reader.error(`there is no term with tag ${tag}`, start);
  reader.rewind(start);
  skipExternalTerm(reader);
  const encoded = Uint8Array.from(reader.between(start, reader.offset));
  if (tag === tags.newFun && encoded.length - 1 !== Buffer.from(encoded.buffer).readUInt32BE(1)) {
    throw reader.error('the size of a fun is not what it claims', start);
  }
  return identifier(type, encoded);
}

function identifierType(tag: number): IdentifierTerm['type'] | undefined {
  switch (tag) {
    case tags.pid:
    case tags.newPid:
      return 'pid';
    case tags.port:
    case tags.newPort:
    case tags.v4Port:
      return 'port';
    case tags.reference:
    case tags.newReference:
    case tags.newerReference:
      return 'reference';
    case tags.fun:
    case tags.newFun:
      return 'fun';
    default:
      return undefined;
  }
}
