import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askBeamOracle, binaryText } from '../../test/beam/beam-oracle';
import { buildBeam, smallestModule } from '../../test/beam/build-beam';
import { Random } from '../../test/random';
import { binary, encodeExternalTerm, list } from '../erlang';
import { readChunks } from './chunks';
import { codeMd5 } from './code-md5';

const md5 = (module: ReadonlyMap<string, Uint8Array>): string =>
  codeMd5(readChunks(buildBeam(module), 'm.beam'));

describe('codeMd5', () => {
  it('ignores the old_uniq of each fun, and nothing else of it', () => {
    const funTable = Buffer.alloc(4 + 2 * 24, 1);
    const otherUniq = Buffer.from(funTable).fill(7, 24, 28).fill(8, 48, 52);
    const otherFun = Buffer.from(funTable).fill(7, 23, 24);
    const base = md5(smallestModule().set('FunT', funTable));
    expect(md5(smallestModule().set('FunT', otherUniq))).toBe(base);
    expect(md5(smallestModule().set('FunT', otherFun))).not.toBe(base);
  });

  it.each(['AtU8', 'Code', 'StrT', 'ImpT', 'ExpT', 'FunT', 'LitT', 'Meta'])('depends on %s', (id) => {
    const changed = Buffer.concat([smallestModule().get(id) ?? Buffer.alloc(0), Buffer.from('x')]);
    expect(md5(smallestModule().set(id, changed))).not.toBe(md5(smallestModule()));
  });

  it.each(['Attr', 'CInf', 'Dbgi', 'Line', 'Type', 'Docs', 'LocT', 'ExCk'])('does not depend on %s', (id) => {
    expect(md5(smallestModule().set(id, Buffer.from('x')))).toBe(md5(smallestModule()));
  });

  it('does not depend on the order of the chunks', () => {
    expect(md5(new Map([...smallestModule()].reverse()))).toBe(md5(smallestModule()));
  });

  it.each(['Code', 'StrT', 'ImpT', 'ExpT'])('is not made up for a module without %s', (id) => {
    const module = smallestModule();
    module.delete(id);
    expect(() => md5(module)).toThrow(`m.beam: The BEAM file has no ${id} chunk, which every module has`);
  });

  it('is not made up for a module without atoms', () => {
    const module = smallestModule();
    module.delete('AtU8');
    expect(() => md5(module)).toThrow('m.beam: The BEAM file has neither an AtU8 nor an Atom chunk.');
  });

  it('is that of beam_lib for chunks of any content, in any order', async () => {
    const seed = Number(process.env['BEAM_MD5_SEED'] ?? 7);
    const random = new Random(seed);
    const beams = Array.from({ length: 500 }, () => {
      const module = smallestModule();
      for (const id of ['Code', 'StrT', 'ImpT', 'ExpT', 'FunT', 'LitT', 'Meta', 'Attr', 'Type', 'Line']) {
        // A fun takes 24 bytes: lengths up to a few funs, most of them not whole.
        if (random.below(2) === 0) module.set(id, random.bytes(4 + random.below(80)));
      }
      return buildBeam([...module].sort(() => random.below(3) - 1));
    });
    const folder = await mkdtemp(join(tmpdir(), 'beam-md5-'));
    try {
      const input = join(folder, 'beams.etf');
      await writeFile(input, encodeExternalTerm(list(beams.map((beam) => binary(beam)))));
      const expected = (await askBeamOracle('md5', input)).map((md5Term) =>
        binaryText(md5Term).toLowerCase(),
      );
      const found = beams.map((beam) => codeMd5(readChunks(beam, 'm.beam')));
      expect(found, `BEAM_MD5_SEED=${seed}`).toEqual(expected);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
