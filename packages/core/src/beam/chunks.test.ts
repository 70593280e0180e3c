import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { buildBeam, smallestModule } from '../../test/beam/build-beam';
import { readChunks } from './chunks';

const module = buildBeam(smallestModule());

/** `module` with bytes replaced from an offset on. */
function changed(offset: number, ...bytes: readonly number[]): Buffer {
  const copy = Buffer.from(module);
  copy.set(bytes, offset);
  return copy;
}

describe('readChunks', () => {
  it('gives every chunk without its header and padding, in the order of the file', () => {
    const chunks = readChunks(module, 'ebin/m.beam');
    expect([...chunks.byId.keys()]).toEqual(['AtU8', 'Code', 'StrT', 'ImpT', 'ExpT']);
    expect(chunks.byId.get('AtU8')).toEqual(Buffer.from([0, 0, 0, 1, 1, 0x6d]));
    expect(chunks.byId.get('StrT')).toEqual(Buffer.alloc(0));
  });

  it('reads a file that is compressed as a whole', () => {
    expect(readChunks(gzipSync(module), 'm.beam').byId).toEqual(readChunks(module, 'm.beam').byId);
  });

  it('holds views on the bytes, not copies', () => {
    expect(readChunks(module, 'm.beam').byId.get('Code')?.buffer).toBe(module.buffer);
  });

  it.each<[string, Uint8Array, string]>([
    ['an empty file', Buffer.alloc(0), 'This is not a BEAM file: it is empty.'],
    [
      'another sort of file',
      Buffer.from('#!/bin/sh\necho'),
      'This is not a BEAM file: it should start with FOR1, four bytes of size and BEAM, and starts with the bytes 23 21 2f 62 69 6e 2f 73 68 0a 65 63.',
    ],
    [
      'a file that is cut off',
      module.subarray(0, 60),
      'The BEAM file is cut off: its header promises 88 bytes, it has 60.',
    ],
    [
      'a file with something appended',
      Buffer.concat([module, Buffer.alloc(4)]),
      'The BEAM file has bytes after its end: its header promises 88 bytes, it has 92.',
    ],
    [
      'a chunk longer than the file',
      changed(16, 0, 0, 1, 0),
      'The AtU8 chunk promises 256 bytes, and 68 are left in the file.',
    ],
    [
      'a chunk that hides those after it',
      changed(16, 0, 0, 0, 64),
      'The BEAM file ends in the middle of a chunk header, at offset 84 of 88.',
    ],
    [
      'a chunk id that is not text',
      changed(28, 0),
      'A chunk should start at offset 28, but its id is not four characters.',
    ],
    [
      'a chunk that comes twice',
      buildBeam([
        ['Code', Buffer.alloc(4)],
        ['Code', Buffer.alloc(4)],
      ]),
      'The Code chunk comes twice, the second time at offset 24.',
    ],
    [
      'gzip that is cut off',
      gzipSync(module).subarray(0, 40),
      'The file is compressed, and cannot be uncompressed: unexpected end of file.',
    ],
  ])('refuses %s and says what is wrong', (_, bytes, problem) => {
    expect(() => readChunks(bytes, 'ebin/m.beam')).toThrow(
      expect.objectContaining({ name: 'OtpError', code: 'beam-corrupt', file: 'ebin/m.beam', problem }),
    );
  });

  it('stops uncompressing at 256 MiB', () => {
    const bomb = gzipSync(Buffer.alloc(257 * 1024 * 1024), { level: 1 });
    expect(() => readChunks(bomb, 'm.beam')).toThrow(
      'm.beam: The file is compressed, and cannot be uncompressed: Cannot create a Buffer larger than 268435456 bytes.',
    );
  });
});
