import { describe, expect, it } from 'vitest';
import { atomTable, buildBeam, smallestModule, uint32s } from '../../test/beam/build-beam';
import { readAtoms } from './atoms';
import { openBeam } from './beam-file';
import { readChunks } from './chunks';

function chunksWith(id: 'Atom' | 'AtU8', table: Uint8Array) {
  return readChunks(buildBeam([[id, table]]), 'm.beam');
}

/**
 * The format of OTP 28, which cannot be run here: laid out by hand after the pull request that introduced it
 * (erlang/otp#8913: a negative count, and lengths as `beam_asm:encode/2` writes an untagged number).
 */
function otp28AtomTable(...atoms: readonly string[]): Buffer {
  const entries = atoms.map((atom) => {
    const text = Buffer.from(atom);
    const short = text.length < 16;
    const length = short ? [text.length << 4] : [((text.length >> 3) & 0xe0) | 0x08, text.length & 0xff];
    return Buffer.concat([Buffer.from(length), text]);
  });
  return Buffer.concat([uint32s(-atoms.length), ...entries]);
}

describe('readAtoms', () => {
  it('reads UTF-8 with a length byte (OTP 20 to 27)', () => {
    const chunks = chunksWith('AtU8', atomTable('m', 'Elixir.Enum', 'ünïcode', '', '日本'));
    expect(readAtoms(chunks)).toEqual(['m', 'Elixir.Enum', 'ünïcode', '', '日本']);
  });

  it('reads Latin-1 (before OTP 20)', () => {
    const table = Buffer.from([0, 0, 0, 2, 1, 0x6d, 3, 0x66, 0xfc, 0x72]);
    expect(readAtoms(chunksWith('Atom', table))).toEqual(['m', 'für']);
  });

  it('reads a negative count with compact lengths (OTP 28)', () => {
    const long = '🟦'.repeat(255);
    const atoms = ['m', 'a'.repeat(15), 'b'.repeat(16), 'c'.repeat(255), long];
    expect(readAtoms(chunksWith('AtU8', otp28AtomTable(...atoms)))).toEqual(atoms);
    expect(
      readAtoms(chunksWith('AtU8', Buffer.from([255, 255, 255, 254, 0x10, 0x6d, 0x08, 0x01, 0x6e]))),
    ).toEqual(['m', 'n']);
  });

  it('stops at the limit, so that a name costs one atom', () => {
    const damagedLater = Buffer.concat([atomTable('m', 'n').subarray(0, 6), Buffer.from([9, 9])]);
    expect(readAtoms(chunksWith('AtU8', damagedLater), 1)).toEqual(['m']);
  });

  it('gives a module of OTP 28 its tables', () => {
    const module = smallestModule();
    module.set('AtU8', otp28AtomTable('m', 'start', 'erlang', 'node'));
    module.set('ImpT', uint32s(1, 3, 4, 0));
    module.set('ExpT', uint32s(1, 2, 2, 7));
    const beam = openBeam(buildBeam(module), 'm.beam');
    expect(beam.name).toBe('m');
    expect(beam.exports).toEqual([{ name: 'start', arity: 2 }]);
    expect(beam.imports).toEqual([{ module: 'erlang', name: 'node', arity: 0 }]);
  });

  it.each<[string, Uint8Array, string]>([
    ['no atom', uint32s(0), 'it is empty, and its first atom should be the name of the module.'],
    ['a count beyond its bytes', uint32s(1_000_000_000), 'it cannot hold the 1000000000 atoms it promises.'],
    ['a count of -2147483648', uint32s(0x8000_0000), 'it cannot hold the 2147483648 atoms it promises.'],
    [
      'an atom beyond its end',
      Buffer.from([0, 0, 0, 1, 5, 0x6d]),
      'it needs 5 bytes at offset 5, and 1 are left.',
    ],
    [
      'bytes after its last atom',
      Buffer.from([0, 0, 0, 1, 1, 0x6d, 0]),
      'bytes left after its last entry: 1.',
    ],
    ['bytes that are no UTF-8', Buffer.from([0, 0, 0, 1, 1, 0xff]), 'an atom is not valid UTF-8.'],
    [
      'a tagged length',
      Buffer.from([255, 255, 255, 255, 0x11, 0x6d]),
      '0x11 does not start the length of an atom.',
    ],
    ['an atom of 256 characters', otp28AtomTable('x'.repeat(256)), 'atom 1 is longer than 255 characters.'],
  ])('refuses a table with %s', (_, table, problem) => {
    expect(() => readAtoms(chunksWith('AtU8', table))).toThrow(
      expect.objectContaining({
        name: 'OtpError',
        file: 'm.beam',
        problem: `The AtU8 chunk is corrupt: ${problem}`,
      }),
    );
  });
});
