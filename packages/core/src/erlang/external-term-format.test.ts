import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { generateTerm } from '../../test/erlang/generated-terms';
import { askTermOracle, bytesOf, elementsOf } from '../../test/erlang/term-oracle';
import { generated, Random } from '../../test/random';
import { OtpError } from '../error';
import { decodeExternalTerm, encodeExternalTerm } from './external-term-format';
import { atom, binary, externalFun, float, integer, list, map, nil, string, termsEqual, tuple } from './term';
import type { Term } from './term';

const decode = (...bytes: number[]): Term => decodeExternalTerm(Buffer.from(bytes), 'test.etf');
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const problemOf = (bytes: Uint8Array): string => {
  try {
    decodeExternalTerm(bytes, 'test.etf');
  } catch (error) {
    if (error instanceof OtpError && error.code === 'term-corrupt') return error.message;
    throw error;
  }
  throw new Error('the bytes were accepted');
};

describe('the external term format', () => {
  it('agrees with OTP on generated terms, both ways and byte for byte', async () => {
    const { seed, count } = generated('EXTERNAL_TERM', 10_000);
    const random = new Random(seed);
    const terms = Array.from({ length: count }, () => generateTerm(random, 4));
    const question = encodeExternalTerm(list(terms.map((term) => binary(encodeExternalTerm(term)))));
    const [encodings, identifierBytes] = elementsOf(await askTermOracle('encodings', question));
    const answers = elementsOf(encodings);
    expect(answers).toHaveLength(count);
    const wrong = answers.flatMap((answer, at) => {
      const term = terms[at] ?? nil;
      const encoded = encodeExternalTerm(term);
      const [deterministic, ...others] = elementsOf(answer).map(bytesOf);
      const agrees =
        deterministic !== undefined &&
        encoded.equals(deterministic) &&
        others.length === 2 &&
        [encoded, encodeExternalTerm(term, { atoms: 'utf8' }), ...others].every((bytes) =>
          termsEqual(decodeExternalTerm(bytes, 'otp'), term),
        );
      return agrees ? [] : [{ at, encoded: encoded.toString('hex') }];
    });
    expect(wrong.slice(0, 3), `seed ${seed}`).toEqual([]);
    expect(count).toBeGreaterThan(0);

    const identifiers = elementsOf(identifierBytes).map(bytesOf);
    expect(identifiers).toHaveLength(6);
    const decoded = identifiers.map((bytes) => decodeExternalTerm(bytes, 'otp'));
    expect(decoded.map((term) => (term.kind === 'identifier' ? term.type : term.kind))).toEqual([
      'pid',
      'reference',
      'port',
      'fun',
      'tuple',
      'fun',
    ]);
    decoded.forEach((term, at) => expect(encodeExternalTerm(term)).toEqual(identifiers[at]));
  });

  it.each<[string, number[], Term]>([
    ['SMALL_INTEGER_EXT', [131, 97, 255], integer(255)],
    ['INTEGER_EXT', [131, 98, 255, 255, 255, 255], integer(-1)],
    ['SMALL_BIG_EXT of a small number', [131, 110, 1, 1, 5], integer(-5)],
    ['SMALL_BIG_EXT', [131, 110, 8, 0, 0, 0, 0, 0, 0, 0, 0, 128], integer(2n ** 63n)],
    ['LARGE_BIG_EXT', [131, 111, 0, 0, 0, 2, 0, 1, 1], integer(257)],
    ['NEW_FLOAT_EXT', [131, 70, 63, 248, 0, 0, 0, 0, 0, 0], float(1.5)],
    ['FLOAT_EXT', [131, 99, ...Buffer.from('1.50000000000000000000e+00'.padEnd(31, '\0'))], float(1.5)],
    ['ATOM_EXT', [131, 100, 0, 2, 0xe9, 97], atom('éa')],
    ['SMALL_ATOM_EXT', [131, 115, 1, 0xe9], atom('é')],
    ['ATOM_UTF8_EXT', [131, 118, 0, 2, 0xc3, 0xa9], atom('é')],
    ['SMALL_ATOM_UTF8_EXT', [131, 119, 4, 0xf0, 0x9f, 0x98, 0x80], atom('😀')],
    ['NIL_EXT', [131, 106], nil],
    ['STRING_EXT', [131, 107, 0, 2, 97, 98], string('ab')],
    ['LIST_EXT of characters', [131, 108, 0, 0, 0, 1, 97, 97, 106], string('a')],
    ['LIST_EXT, improper', [131, 108, 0, 0, 0, 1, 97, 97, 97, 98], list([integer(97)], integer(98))],
    ['LIST_EXT whose tail is a list', [131, 108, 0, 0, 0, 1, 106, 107, 0, 1, 97], list([nil, integer(97)])],
    ['LARGE_TUPLE_EXT', [131, 105, 0, 0, 0, 1, 106], tuple(nil)],
    [
      'MAP_EXT, keys in any order',
      [131, 116, 0, 0, 0, 2, 97, 2, 106, 97, 1, 106],
      map([
        [integer(1), nil],
        [integer(2), nil],
      ]),
    ],
    ['BIT_BINARY_EXT, low bits set', [131, 77, 0, 0, 0, 1, 3, 0xff], binary(Buffer.from([0xe0]), 3)],
    ['EXPORT_EXT', [131, 113, 100, 0, 1, 109, 100, 0, 1, 102, 97, 2], externalFun('m', 'f', 2)],
  ])('reads %s', (_name, bytes, term) => {
    expect(decode(...bytes)).toEqual(term);
  });

  it.each<[string, string, string]>([
    ['PID_EXT', '67 6400016e 00000001 00000002 03', 'pid'],
    ['NEW_PID_EXT', '58 7701 6e 00000001 00000002 00000003', 'pid'],
    ['PORT_EXT', '66 6400016e 00000001 03', 'port'],
    ['NEW_PORT_EXT', '59 7701 6e 00000001 00000003', 'port'],
    ['V4_PORT_EXT', '78 7701 6e 0000000000000001 00000003', 'port'],
    ['REFERENCE_EXT', '65 6400016e 00000001 03', 'reference'],
    ['NEW_REFERENCE_EXT', '72 0002 6400016e 03 00000001 00000002', 'reference'],
    ['NEWER_REFERENCE_EXT', '5a 0001 7701 6e 00000003 00000001', 'reference'],
    ['FUN_EXT', '75 00000001 67 6400016e 00000001 00000002 03 6400016d 6101 6102 6a', 'fun'],
  ])('keeps %s as its bytes', (_name, text, type) => {
    const bytes = hex(`83${text}`);
    const term = decodeExternalTerm(bytes, 'test.etf');
    expect(term).toEqual({ kind: 'identifier', type, encoded: Uint8Array.from(bytes.subarray(1)) });
    expect(encodeExternalTerm(term)).toEqual(bytes);
  });

  it.each<[string, string, string]>([
    ['an empty file', '', 'test.etf: the version byte needs 1 bytes; only 0 remain (at byte 0).'],
    [
      'another version',
      '82 6a',
      'test.etf: expected an external term, which starts with byte 131; found 130 (at byte 0).',
    ],
    ['an unknown tag', '83 01', 'test.etf: there is no term with tag 1 (at byte 1).'],
    [
      'bytes after the term',
      '83 6a 00',
      'test.etf: expected the end after the term; found 1 more bytes (at byte 2).',
    ],
    [
      'a tuple of 4294967295',
      '83 69 ffffffff 6a',
      'test.etf: the elements of a tuple need at least 4294967295 bytes; only 1 remain (at byte 1).',
    ],
    [
      'a list of 4294967295',
      '83 6c ffffffff 6a',
      'test.etf: the elements of a list need at least 4294967296 bytes; only 1 remain (at byte 1).',
    ],
    [
      'a map of 4294967295',
      '83 74 ffffffff 6a',
      'test.etf: the entries of a map need at least 8589934590 bytes; only 1 remain (at byte 1).',
    ],
    [
      'a binary of 4294967295',
      '83 6d ffffffff 00',
      'test.etf: a binary needs 4294967295 bytes; only 1 remain (at byte 6).',
    ],
    [
      'an integer of 4294967295',
      '83 6f ffffffff 00',
      'test.etf: an integer needs 4294967295 bytes; only 0 remain (at byte 7).',
    ],
    [
      'a duplicate key',
      '83 74 00000002 6101 6a 6101 6a',
      'test.etf: a map has the same key twice (at byte 1).',
    ],
    ['not a number', '83 46 7ff8000000000000', 'test.etf: Erlang has no float NaN (at byte 1).'],
    ['a damaged atom', '83 77 01 ff', 'test.etf: an atom is not valid UTF-8 (at byte 1).'],
    [
      'an atom of 256',
      `83 64 0100 ${'61'.repeat(256)}`,
      'test.etf: an atom has at most 255 characters; found one of 256 (at byte 1).',
    ],
    [
      'too many bits',
      '83 4d 00000001 09 00',
      'test.etf: a bit string of 1 bytes claims 9 bits in its last byte (at byte 1).',
    ],
    [
      'LOCAL_EXT',
      '83 79 00',
      'test.etf: a term made with the option `local` of term_to_binary is for the node that made it (at byte 1).',
    ],
    [
      'a fun of the wrong size',
      '83 70 00000000 00' + '00'.repeat(24) + '6400016d 6101 6102 67 6400016e 00000001 00000002 03',
      'test.etf: the size of a fun is not what it claims (at byte 1).',
    ],
  ])('refuses %s', (_name, text, message) => {
    expect(problemOf(hex(text))).toBe(message);
  });

  it('inflates no compressed term beyond its claim or the limit', () => {
    const compressed = (size: number, content: Buffer): Buffer => {
      const claim = Buffer.alloc(4);
      claim.writeUInt32BE(size);
      return Buffer.concat([Buffer.from([131, 80]), claim, deflateSync(content)]);
    };
    const term = encodeExternalTerm(string('a'.repeat(1000))).subarray(1);
    expect(decodeExternalTerm(compressed(term.length, term), 'test.etf')).toEqual(string('a'.repeat(1000)));
    expect(problemOf(compressed(900, term))).toBe(
      'test.etf: a compressed term claims to inflate to 900 bytes; its data is damaged or inflates to more (at byte 2).',
    );
    expect(problemOf(compressed(1002, term))).toContain('it inflates to 1003 (at byte 2).');
    expect(problemOf(compressed(term.length + 1, term))).toContain(
      `it inflates to ${term.length} (at byte 2).`,
    );
    expect(problemOf(compressed(0xffffffff, term))).toContain('at most 268435456 are accepted (at byte 2).');
    expect(problemOf(Buffer.concat([compressed(term.length, term), Buffer.from([0])]))).toContain(
      '1 more bytes follow it',
    );
    expect(() =>
      decodeExternalTerm(compressed(term.length, term), 'test.etf', { maxInflatedSize: 100 }),
    ).toThrow('at most 100 are accepted');
  });

  it('makes no more terms than the limit', () => {
    expect(() =>
      decodeExternalTerm(encodeExternalTerm(list(Array.from({ length: 100 }, () => nil))), 'test.etf', {
        maxTerms: 50,
      }),
    ).toThrow('a term of more than 50 parts is not accepted');
  });

  it('reads and writes terms nested deeper than the stack, and chains of lists in linear time', () => {
    const depth = 200_000;
    const nested = Buffer.concat([
      Buffer.from([131]),
      ...Array.from({ length: depth }, () => Buffer.from([104, 1])),
      Buffer.from([106]),
    ]);
    const term = decodeExternalTerm(nested, 'test.etf');
    expect(encodeExternalTerm(term).equals(nested)).toBe(true);
    expect(termsEqual(term, decodeExternalTerm(nested, 'test.etf'))).toBe(true);
    const chain = Buffer.concat([
      Buffer.from([131]),
      ...Array.from({ length: depth }, () => Buffer.from([108, 0, 0, 0, 1, 106])),
      Buffer.from([106]),
    ]);
    expect(decodeExternalTerm(chain, 'test.etf')).toMatchObject({
      kind: 'list',
      elements: { length: depth },
    });
  });

  it('writes the atoms of the asked-for OTP release', () => {
    expect(encodeExternalTerm(atom('é'))).toEqual(hex('83 64 0001 e9'));
    expect(encodeExternalTerm(atom('é'), { atoms: 'utf8' })).toEqual(hex('83 77 02 c3a9'));
    expect(encodeExternalTerm(atom('ж'))).toEqual(hex('83 77 02 d0b6'));
    expect(encodeExternalTerm(atom('ж'.repeat(200)))).toEqual(hex(`83 76 0190 ${'d0b6'.repeat(200)}`));
  });
});
