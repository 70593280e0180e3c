import { describe, expect, it } from 'vitest';
import { buildBeam, uint32s } from '../../test/beam/build-beam';
import { readChunks } from './chunks';
import { hasOnLoad } from './on-load';

/** A `Code` chunk whose header names the highest opcode, followed by these instructions. */
function codeWith(highestOpcode: number, ...instructions: readonly number[]) {
  const code = Buffer.concat([uint32s(16, 0, highestOpcode, 3, 1), Buffer.from(instructions)]);
  return readChunks(buildBeam([['Code', code]]), 'm.beam');
}

describe('hasOnLoad', () => {
  // func_info m, atom 2, 0; label 2; on_load
  const onLoad = [2, 0x12, 0x22, 0x00, 1, 0x20, 149];

  it('finds the instruction that starts an -on_load function', () => {
    expect(hasOnLoad(codeWith(169, 1, 0x10, ...onLoad, 19, 3))).toBe(true);
  });

  it('finds it in a module with many atoms and labels, whose operands take more bytes', () => {
    // Atom 500 and label 700 in two bytes, atom 3000 and label 3000 in three.
    expect(hasOnLoad(codeWith(169, 2, 0x12, 0x2a, 0xf4, 0x00, 1, 0x48, 0xbc, 149))).toBe(true);
    expect(hasOnLoad(codeWith(169, 2, 0x12, 0x1a, 0x0b, 0xb8, 0x00, 1, 0x18, 0x0b, 0xb8, 149))).toBe(true);
  });

  it.each<[string, readonly number[]]>([
    ['a function that starts with another instruction', [2, 0x12, 0x22, 0x00, 1, 0x20, 64, 149]],
    ['a function with arguments', [2, 0x12, 0x22, 0x10, 1, 0x20, 149]],
    ['a function that ends the chunk', [2, 0x12, 0x22, 0x00, 1, 0x20]],
    ['a name that is no atom', [2, 0x12, 0x21, 0x00, 1, 0x20, 149]],
    ['no code', []],
  ])('does not take %s for one', (_, instructions) => {
    expect(hasOnLoad(codeWith(169, ...instructions))).toBe(false);
  });

  it('believes the header that the code is older than the instruction', () => {
    expect(hasOnLoad(codeWith(148, ...onLoad))).toBe(false);
  });

  it('refuses a header that is longer than the chunk', () => {
    expect(() => hasOnLoad(readChunks(buildBeam([['Code', uint32s(16, 0)]]), 'm.beam'))).toThrow(
      'm.beam: The Code chunk is corrupt: it needs 16 bytes at offset 4, and 4 are left.',
    );
  });
});
