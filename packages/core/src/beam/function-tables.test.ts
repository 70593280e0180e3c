import { describe, expect, it } from 'vitest';
import { buildBeam, smallestModule, uint32s } from '../../test/beam/build-beam';
import { openBeam } from './beam-file';

function withChunk(id: string, data: Uint8Array | undefined) {
  const module = smallestModule();
  if (data === undefined) module.delete(id);
  else module.set(id, data);
  return openBeam(buildBeam(module), 'm.beam');
}

describe('the function tables', () => {
  it('tell a stripped table of local functions from an empty one', () => {
    expect(withChunk('LocT', undefined).locals).toBeUndefined();
    expect(withChunk('LocT', uint32s(0)).locals).toEqual([]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'more entries than bytes',
      uint32s(2, 1, 0, 1),
      'it promises 2 entries of 12 bytes, and holds 12 bytes.',
    ],
    [
      'fewer entries than bytes',
      uint32s(0, 1, 0, 1),
      'it promises 0 entries of 12 bytes, and holds 12 bytes.',
    ],
    [
      '4 thousand million entries',
      uint32s(0xffff_ffff),
      'it promises 4294967295 entries of 12 bytes, and holds 0 bytes.',
    ],
    ['an atom that is not in the table', uint32s(1, 2, 0, 1), 'it names atom 2 of 1.'],
    ['atom 0', uint32s(1, 0, 0, 1), 'it names atom 0 of 1.'],
    ['an arity above 255', uint32s(1, 1, 256, 1), 'a function of arity 256 is named in it.'],
    ['no count', Buffer.alloc(3), 'it needs 4 bytes at offset 0, and 3 are left.'],
  ])('are refused with %s', (_, table, problem) => {
    expect(() => withChunk('ExpT', table).exports).toThrow(
      expect.objectContaining({ name: 'OtpError', problem: `The ExpT chunk is corrupt: ${problem}` }),
    );
  });

  it('are missed by name', () => {
    expect(() => withChunk('ImpT', undefined).imports).toThrow(
      'm.beam: The BEAM file has no ImpT chunk, which every module has; it has AtU8, Code, StrT, ExpT.',
    );
  });
});
