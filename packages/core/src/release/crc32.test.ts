import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
    expect(crc32(Buffer.alloc(0))).toBe(0);
  });

  it('agrees with zlib for every length and alignment, in one piece and in two', () => {
    const noise = deflateRawSync(
      Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * index) % 251)),
    );
    for (let start = 0; start < 9; start++) {
      for (const length of [1, 2, 3, 4, 5, 6, 7, 8, 9, 100, noise.length - 10]) {
        const bytes = noise.subarray(start, start + length);
        const packed = gzipSync(bytes);
        expect(crc32(bytes)).toBe(packed.readUInt32LE(packed.length - 8));
        expect(crc32(bytes.subarray(length >> 1), crc32(bytes.subarray(0, length >> 1)))).toBe(crc32(bytes));
      }
    }
  });
});
