import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type BeamVariant, compileVariants } from '../../test/beam/beam-oracle';
import { buildBeam, smallestModule } from '../../test/beam/build-beam';
import { readChunks } from './chunks';
import { compareBeams, type ModuleChange } from './compare';

const origins = { previous: 'old/m.beam', next: 'new/m.beam' };

describe('compareBeams', () => {
  let variant: (name: string) => BeamVariant;
  const compare = (previous: string, next: string): ModuleChange =>
    compareBeams(variant(previous).beam, variant(next).beam, origins);

  beforeAll(async () => {
    variant = await compileVariants();
  });

  const differs = (...parts: readonly string[]) => ({
    kind: 'equivalent',
    differs: parts,
    otherChunks: [],
    attributesStripped: undefined,
  });
  // Every variant is compiled in a folder of its own, so its path differs too.
  it.each<[string, string, string, unknown]>([
    ['the same bytes', 'base', 'base', { kind: 'identical' }],
    ['another build folder', 'base', 'other-folder', differs('compile-info', 'debug-info', 'line-numbers')],
    ['a comment', 'base', 'comment', differs('compile-info', 'debug-info', 'line-numbers')],
    ['no debug info', 'base', 'no-debug-info', differs('compile-info', 'debug-info', 'line-numbers')],
    ['a deterministic build', 'base', 'deterministic', differs('compile-info', 'debug-info', 'line-numbers')],
    ['a compressed build', 'base', 'compressed', differs('compile-info', 'debug-info', 'line-numbers')],
    ['encrypted debug info', 'base', 'encrypted', differs('compile-info', 'debug-info', 'line-numbers')],
    ['a slim build', 'base', 'slim', differs('compile-info', 'debug-info', 'line-numbers', 'locals')],
    ['a type specification', 'base', 'spec', differs('compile-info', 'debug-info', 'line-numbers')],
    ['a vsn attribute', 'base', 'vsn-text', differs('compile-info', 'debug-info', 'line-numbers', 'vsn')],
    [
      'another vsn attribute',
      'vsn-integer',
      'vsn-atom',
      differs('compile-info', 'debug-info', 'line-numbers', 'vsn'),
    ],
    ['Elixir documentation', 'elixir-base', 'elixir-docs', differs('docs')],
    ['Elixir debug info', 'elixir-base', 'elixir-no-debug-info', differs('debug-info')],
  ])('does not take %s for a change', (_, previous, next, change) => {
    expect(compare(previous, next)).toEqual(change);
  });

  it.each<[string, string, string, readonly string[]]>([
    ['an attribute added', 'base', 'author', ['author']],
    ['an attribute removed', 'author', 'base', ['author']],
    ['an attribute with another value', 'base', 'attribute-value', ['kept']],
  ])('names the keys of %s', (_, previous, next, keys) => {
    expect(compare(previous, next)).toEqual({ kind: 'attributes', keys });
  });

  it('does not take what Mix strips for a change, though it counts for the MD5', () => {
    const bytes = variant('base').beam;
    const chunks = [...readChunks(bytes, 'm.beam').byId];
    expect(chunks.map(([id]) => id)).toContain('Meta');
    const stripped = buildBeam(chunks.filter(([id]) => id !== 'Meta'));
    expect(compareBeams(bytes, stripped, origins)).toMatchObject({
      kind: 'equivalent',
      otherChunks: ['Meta'],
    });
  });

  it.each(['literal', 'code', 'literal-and-author', 'on-load'])('sees changed code: %s', (next) => {
    expect(compare('base', next)).toMatchObject({ kind: 'code', attributesStripped: undefined });
    expect(compare(next, 'base')).toMatchObject({ kind: 'code', attributesStripped: undefined });
  });

  it('reports stripping on one side as what it is, whether or not the code changed', () => {
    const gone = { kind: 'equivalent', differs: ['compile-info', 'debug-info', 'locals'], otherChunks: [] };
    expect(compare('base', 'stripped')).toEqual({ ...gone, attributesStripped: 'next' });
    expect(compare('stripped', 'base')).toEqual({ ...gone, attributesStripped: 'previous' });
    expect(compare('literal', 'stripped')).toMatchObject({ kind: 'code', attributesStripped: 'next' });
    expect(compare('author', 'stripped')).toMatchObject({ kind: 'equivalent', attributesStripped: 'next' });
  });

  it('calls other bytes with the same meaning a difference of encoding', () => {
    const { beam } = variant('base');
    const chunks = [...readChunks(beam, 'm.beam').byId];
    expect(compareBeams(beam, gzipSync(beam), origins)).toEqual(differs('encoding'));
    expect(compareBeams(beam, buildBeam(chunks.reverse()), origins)).toEqual(differs('encoding'));
    // [{a, [1]}, {b, [2]}] and the same with the new atom tag and the other order.
    const old = Buffer.from(
      '83 6c 00000002 6802 640001 61 6b0001 01 6802 640001 62 6b0001 02 6a'.replace(/ /g, ''),
      'hex',
    );
    const young = Buffer.from(
      '83 6c 00000002 6802 7701 62 6b0001 02 6802 7701 61 6b0001 01 6a'.replace(/ /g, ''),
      'hex',
    );
    expect(compareBeams(withChunk('Attr', old), withChunk('Attr', young), origins)).toEqual(
      differs('encoding'),
    );
  });

  it('lists chunks that it knows nothing of by their ids', () => {
    expect(
      compareBeams(withChunk('ZZZZ', Buffer.alloc(1)), withChunk('ExCk', Buffer.alloc(1)), origins),
    ).toEqual({
      ...differs(),
      otherChunks: ['ExCk', 'ZZZZ'],
    });
  });

  it('decodes no attributes to see that the code changed', () => {
    const damaged = Buffer.from([131, 255]);
    const changed = smallestModule().set('Attr', damaged).set('StrT', Buffer.from('x'));
    expect(compareBeams(withChunk('Attr', damaged), buildBeam(changed), origins)).toMatchObject({
      kind: 'code',
    });
  });

  it('names the file that is no BEAM file', () => {
    const { beam } = variant('base');
    expect(() => compareBeams(beam, Buffer.from('{}'), origins)).toThrow(
      'new/m.beam: This is not a BEAM file',
    );
    expect(() => compareBeams(beam.subarray(1), beam, origins)).toThrow(
      'old/m.beam: This is not a BEAM file',
    );
  });
});

function withChunk(id: string, data: Uint8Array): Buffer {
  return buildBeam(smallestModule().set(id, data));
}
