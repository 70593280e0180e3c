import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildBeam, uint32s } from '../../test/beam/build-beam';
import { readChunks } from './chunks';
import { readLiterals } from './literals';

function literalsOf(chunk: Uint8Array) {
  return readLiterals(readChunks(buildBeam([['LitT', chunk]]), 'm.beam'));
}

/** `[{a, 1}, "xy"]` as a table of two literals: a count, then each with its size. */
const table = Buffer.concat([
  uint32s(2, 8),
  Buffer.from([131, 104, 2, 119, 1, 0x61, 97, 1]),
  uint32s(6),
  Buffer.from([131, 107, 0, 2, 0x78, 0x79]),
]);
const terms = [
  {
    kind: 'tuple',
    elements: [
      { kind: 'atom', name: 'a' },
      { kind: 'integer', value: 1 },
    ],
  },
  { kind: 'string', value: 'xy' },
];

describe('readLiterals', () => {
  it('reads a compressed table (before OTP 28)', () => {
    expect(literalsOf(Buffer.concat([uint32s(table.length), deflateSync(table)]))).toEqual(terms);
  });

  // After erlang/otp#8967; OTP 28 cannot be run here.
  it('reads an uncompressed table, whose size is given as 0 (OTP 28)', () => {
    expect(literalsOf(Buffer.concat([uint32s(0), table]))).toEqual(terms);
  });

  it('finds none in a module without the chunk', () => {
    expect(readLiterals(readChunks(buildBeam([]), 'm.beam'))).toEqual([]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'a table larger than its size',
      Buffer.concat([uint32s(4), deflateSync(table)]),
      'its 4 bytes of literals cannot be uncompressed: Cannot create a Buffer larger than 4 bytes.',
    ],
    [
      'a table smaller than its size',
      Buffer.concat([uint32s(99), deflateSync(table)]),
      'it promises 99 bytes of literals, and holds 26.',
    ],
    [
      'a size that no module has',
      Buffer.concat([uint32s(0xffff_ffff), deflateSync(table)]),
      'it promises 4294967295 bytes of literals, and at most 67108864 are accepted.',
    ],
    [
      'bytes that are not zlib',
      uint32s(4, 4),
      'its 4 bytes of literals cannot be uncompressed: unknown compression method.',
    ],
    [
      'a literal that is compressed by itself, which could become anything',
      Buffer.concat([uint32s(0, 1, 14, 0x83500000, 0x04007801), Buffer.from('030000000001', 'hex')]),
      'a compressed term claims to inflate to 1024 bytes; at most 0 are accepted (at byte 2).',
    ],
    ['4 thousand million literals', uint32s(0, 0xffff_ffff), 'it needs 4 bytes at offset 4, and 0 are left.'],
    [
      'bytes after the last literal',
      Buffer.concat([uint32s(0), table, Buffer.alloc(1)]),
      'bytes left after its last entry: 1.',
    ],
  ])('refuses %s', (_, chunk, problem) => {
    expect(() => literalsOf(chunk)).toThrow(
      expect.objectContaining({ name: 'OtpError', problem: `The LitT chunk is corrupt: ${problem}` }),
    );
  });
});
