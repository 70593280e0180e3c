import { describe, expect, it } from 'vitest';
import { compileVariants } from '../../test/beam/beam-oracle';
import { buildBeam } from '../../test/beam/build-beam';
import { mutateChunk, mutateFile } from '../../test/beam/mutate-beam';
import { Random } from '../../test/random';
import { OtpError } from '../error';
import { encodeExternalTerm, nil, string, type Term, tuple } from '../erlang';
import { type BeamFile, openBeam } from './beam-file';
import { compareBeams } from './compare';
import { recordDefinitions, structFields } from './record-definitions';

const count = Number(process.env['BEAM_MUTANTS'] ?? 5000);
const seed = Number(process.env['BEAM_MUTANTS_SEED'] ?? 20_240_601);

/** Every decoder of a BEAM file, by name. */
const decoders: readonly (readonly [string, (beam: BeamFile) => unknown])[] = [
  ['name', (beam) => beam.name],
  ['md5', (beam) => beam.md5],
  ['exports', (beam) => beam.exports],
  ['imports', (beam) => beam.loadsNif],
  ['locals', (beam) => beam.locals],
  ['attributes', (beam) => [beam.vsn, beam.behaviours]],
  ['compileInfo', (beam) => beam.compileInfo],
  ['onLoad', (beam) => beam.onLoad],
  ['literals', (beam) => beam.literals()],
  ['debugInfo', (beam) => [recordDefinitions(beam.debugInfo()), structFields(beam.debugInfo())]],
];

describe('a damaged BEAM file', () => {
  it('is read or refused with an OtpError that names it, never anything else', async () => {
    const variant = await compileVariants();
    const names = ['base', 'on-load', 'vsn-list', 'compressed', 'stripped', 'encrypted', 'elixir-base'];
    const bases = names.map((name) => variant(name).beam);
    const random = new Random(seed);
    const readBy = new Map(decoders.map(([name]) => [name, { values: 0, errors: 0 }]));
    let refusedContainers = 0;
    for (let number = 0; number < count; number++) {
      const base = random.pick(bases);
      const mutant = number % 2 === 0 ? mutateFile(base, random) : mutateChunk(base, random);
      const origin = `mutant ${number} of seed ${seed}`;
      outcome(origin, () => compareBeams(base, mutant, { previous: 'base', next: origin }));
      const opened = outcome(origin, () => openBeam(mutant, origin));
      if (opened === undefined) {
        refusedContainers++;
        continue;
      }
      for (const [name, decode] of decoders) {
        const tally = readBy.get(name);
        const value = outcome(origin, () => ({ decoded: decode(opened) }));
        if (tally !== undefined) tally[value === undefined ? 'errors' : 'values']++;
      }
    }
    console.log(
      `${count} damaged beams (BEAM_MUTANTS, BEAM_MUTANTS_SEED=${seed}); container refused: ${refusedContainers}; ` +
        [...readBy]
          .map(([name, { values, errors }]) => `${name}: ${values} read, ${errors} refused`)
          .join('; '),
    );
    // The mutants must go on reaching every decoder, and the damage those that have much to damage.
    for (const [name, { values, errors }] of readBy) {
      expect(values, name).toBeGreaterThanOrEqual(Math.floor(count / 10));
      if (['name', 'md5', 'onLoad'].includes(name)) continue;
      expect(errors, name).toBeGreaterThanOrEqual(Math.floor(count / 100));
    }
  });

  it('does not inflate a small chunk into gigabytes', () => {
    const bomb = Buffer.concat([
      Buffer.from([131, 80, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from('789c030000000001', 'hex'),
    ]);
    for (const id of ['Attr', 'CInf', 'Dbgi']) {
      const beam = openBeam(buildBeam([[id, bomb]]), 'm.beam');
      const read = {
        Attr: () => beam.attributes,
        CInf: () => beam.compileInfo,
        Dbgi: () => beam.debugInfo(),
      }[id];
      expect(read).toThrow(OtpError);
    }
  });

  it('may nest terms as deep as it likes', () => {
    let deep: Term = nil;
    for (let depth = 0; depth < 100_000; depth++) deep = tuple(deep, string('x'));
    const beam = openBeam(buildBeam([['Dbgi', encodeExternalTerm(deep)]]), 'm.beam');
    expect(() => beam.debugInfo()).toThrow('The Dbgi chunk should hold {debug_info_v1, Backend, Metadata}');
  });
});

/** What `read` returns; `undefined` when it throws as it should. */
function outcome<Value>(origin: string, read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof OtpError && error.file === origin) return undefined;
    throw new Error(`${origin} ended in something other than an OtpError that names it`, { cause: error });
  }
}
