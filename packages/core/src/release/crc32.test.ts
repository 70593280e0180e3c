import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32(Buffer.alloc(0))).toBe(0);
  });

  it('agrees with zlib, in one piece and in two', () => {
    const bytes = deflateRawSync(
      Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * index) % 251)),
    );
    const expected = gzipSync(bytes).readUInt32LE(gzipSync(bytes).length - 8);
    expect(crc32(bytes)).toBe(expected);
    expect(crc32(bytes.subarray(77), crc32(bytes.subarray(0, 77)))).toBe(expected);
  });
});
