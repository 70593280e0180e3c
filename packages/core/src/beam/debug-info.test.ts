import { beforeAll, describe, expect, it } from 'vitest';
import { type BeamVariant, compileVariants } from '../../test/beam/beam-oracle';
import { buildBeam } from '../../test/beam/build-beam';
import { atom, encodeExternalTerm, integer, list, map, nil, type Term, tuple } from '../erlang';
import { type BeamFile, openBeam } from './beam-file';
import { readChunks } from './chunks';
import { type DebugInfo, readDebugInfo } from './debug-info';
import { recordDefinitions, structFields } from './record-definitions';

describe('debug info', () => {
  let open: (name: string) => BeamFile;
  let variant: (name: string) => BeamVariant;
  const debugInfo = (name: string): DebugInfo => open(name).debugInfo();

  beforeAll(async () => {
    variant = await compileVariants();
    open = (name) => openBeam(variant(name).beam, `${name}/m.beam`);
  });

  it('of Erlang is its abstract forms and the compiler options', () => {
    const info = debugInfo('base');
    expect(info.kind).toBe('erlang-forms');
    expect(debugInfo('compressed').kind).toBe('erlang-forms');
  });

  it('of Elixir is the map of the module and its specs', () => {
    expect(debugInfo('elixir-base')).toMatchObject({ kind: 'elixir', module: { kind: 'map' }, specs: nil });
  });

  it('that is encrypted is said to be so', () => {
    expect(debugInfo('encrypted')).toEqual({ kind: 'encrypted', mode: 'des3_cbc' });
  });

  it('that is not there is told apart by why', () => {
    expect(debugInfo('no-debug-info')).toEqual({ kind: 'stripped', reason: 'not-recorded' });
    expect(debugInfo('elixir-no-debug-info')).toEqual({ kind: 'stripped', reason: 'not-recorded' });
    expect(debugInfo('stripped')).toEqual({ kind: 'stripped', reason: 'chunk-removed' });
    expect(debugInfo('slim')).toEqual({ kind: 'stripped', reason: 'chunk-removed' });
  });

  it('from before OTP 20 stands in the Abst chunk', () => {
    const info = debugInfo('base');
    const forms = info.kind === 'erlang-forms' ? info.forms : nil;
    // OTP 25's module in the chunks of OTP 19, which cannot be run here: Latin-1 atoms, forms in Abst.
    const { byId } = open('base').chunks;
    const old = [...byId].flatMap(([id, data]): [string, Uint8Array][] => {
      if (id === 'AtU8') return [['Atom', data]];
      return id === 'Dbgi'
        ? [['Abst', encodeExternalTerm(tuple(atom('raw_abstract_v1'), forms))]]
        : [[id, data]];
    });
    const beam = openBeam(buildBeam(old), 'm.beam');
    expect(beam.debugInfo()).toEqual({ kind: 'erlang-forms', forms, options: undefined });
    expect(beam.name).toBe('m');
    expect(beam.exports).toEqual(open('base').exports);
    expect(beam.md5).toBe(open('base').md5);
  });

  it.each<[string, 'Dbgi' | 'Abst', Term, unknown]>([
    [
      'another compiler',
      'Dbgi',
      tuple(atom('debug_info_v1'), atom('lfe_abstract'), integer(1)),
      { kind: 'unknown-backend', backend: 'lfe_abstract', metadata: integer(1) },
    ],
    [
      'a later format of Elixir',
      'Dbgi',
      tuple(atom('debug_info_v1'), atom('elixir_erl'), tuple(atom('elixir_v2'), nil, nil)),
      { kind: 'unknown-backend', backend: 'elixir_erl', metadata: tuple(atom('elixir_v2'), nil, nil) },
    ],
    [
      'an earlier format of forms',
      'Abst',
      tuple(atom('abstract_v2'), nil),
      { kind: 'unknown-backend', backend: 'abstract_v2', metadata: nil },
    ],
    [
      'no forms before OTP 20',
      'Abst',
      atom('no_abstract_code'),
      { kind: 'stripped', reason: 'not-recorded' },
    ],
  ])('of %s is named', (_, id, term, info) => {
    expect(readDebugInfo(chunkOnly(id, encodeExternalTerm(term)))).toEqual(info);
  });

  it('in an empty chunk is none', () => {
    expect(readDebugInfo(chunkOnly('Abst', Buffer.alloc(0)))).toEqual({
      kind: 'stripped',
      reason: 'not-recorded',
    });
  });

  it.each<[string, Uint8Array, string]>([
    [
      'another term',
      encodeExternalTerm(nil),
      'should hold {debug_info_v1, Backend, Metadata}, and holds another term.',
    ],
    ['no term', Buffer.from([131, 0]), 'is corrupt: '],
    [
      'half a cipher name',
      Buffer.from([0, 8, 0x64]),
      "is corrupt: it is encrypted, and ends within the cipher's name.",
    ],
  ])('is refused in a chunk with %s', (_, data, problem) => {
    expect(() => readDebugInfo(chunkOnly('Dbgi', data))).toThrow(
      expect.objectContaining({
        file: 'm.beam',
        problem: expect.stringContaining(`The Dbgi chunk ${problem}`) as string,
      }),
    );
  });

  it('tells the records of an Erlang module, with their fields in order', () => {
    expect([...recordDefinitions(debugInfo('base'))]).toEqual([
      ['state', ['count', 'name', 'Odd Field']],
      ['none', []],
    ]);
    expect(recordDefinitions(debugInfo('stripped')).size).toBe(0);
    expect(recordDefinitions(debugInfo('elixir-base')).size).toBe(0);
  });

  it('tells the struct of an Elixir module, with its fields in order', () => {
    expect(structFields(debugInfo('elixir-base'))).toEqual(['y', 'x', 'colour']);
    expect(structFields(debugInfo('elixir-no-struct'))).toBeUndefined();
    expect(structFields(debugInfo('base'))).toBeUndefined();
  });

  it('tells the fields of a struct that is stored as itself', () => {
    const struct = map([
      [atom('y'), nil],
      [atom('__struct__'), atom('Elixir.Point')],
      [atom('x'), integer(0)],
    ]);
    const module = map([[atom('struct'), struct]]);
    expect(structFields({ kind: 'elixir', module, specs: nil })).toEqual(['x', 'y']);
  });

  it('reads past forms that are not what they should be', () => {
    const forms = list([
      atom('eof'),
      tuple(atom('attribute'), nil, atom('record'), tuple(atom('r'), list([nil, atom('x')]))),
    ]);
    expect([...recordDefinitions({ kind: 'erlang-forms', forms, options: undefined })]).toEqual([['r', []]]);
  });
});

function chunkOnly(id: string, data: Uint8Array) {
  return readChunks(buildBeam([[id, data]]), 'm.beam');
}
