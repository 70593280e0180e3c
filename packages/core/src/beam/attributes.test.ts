import { beforeAll, describe, expect, it } from 'vitest';
import { type BeamVariant, compileVariants, tupleElements } from '../../test/beam/beam-oracle';
import { buildBeam } from '../../test/beam/build-beam';
import { atom, encodeExternalTerm, integer, isAtom, list, nil, string, type Term, tuple } from '../erlang';
import { behavioursOf, readAttributes } from './attributes';
import { type BeamFile, openBeam } from './beam-file';
import { readChunks } from './chunks';

describe('attributes', () => {
  let variant: (name: string) => BeamVariant;
  let open: (name: string) => BeamFile;

  beforeAll(async () => {
    variant = await compileVariants();
    open = (name) => openBeam(variant(name).beam, `${name}/m.beam`);
  });

  it.each<[string, Term]>([
    ['vsn-integer', integer(3)],
    ['vsn-text', string('1.2')],
    ['vsn-atom', atom('one')],
    ['vsn-list', list([integer(1), integer(2)])],
    ['vsn-empty', nil],
    ['vsn-two', list([atom('one'), atom('two')])],
    ['vsn-printable-integer', string('A')],
  ])('give the version that release_handler sees: %s', (name, vsn) => {
    expect(tupleElements(variant(name).vsn)[1]).toEqual(vsn);
    expect(open(name).vsn).toEqual(vsn);
  });

  it('give the MD5 as the version of a module that names none', () => {
    const beam = open('base');
    expect(beam.vsn).toEqual(integer(BigInt(`0x${beam.md5}`)));
    expect(tupleElements(variant('base').vsn)[1]).toEqual(beam.vsn);
  });

  it('are known to be missing where release_handler fails for want of them', () => {
    expect(isAtom(variant('stripped').vsn, 'none')).toBe(true);
    const beam = open('stripped');
    expect(beam).toMatchObject({ hasAttributes: false, vsn: undefined, behaviours: [] });
    expect(beam.attributes.size).toBe(0);
    expect(beam.compileInfo).toBeUndefined();
    expect(beam.locals).toBeUndefined();
  });

  it('name the behaviours, in either spelling', () => {
    expect(open('base').behaviours).toEqual(['supervisor']);
    const both = list([
      tuple(atom('behavior'), list([atom('gen_server')])),
      tuple(atom('behaviour'), list([atom('gen_statem')])),
      tuple(atom('behaviour'), list([atom('gen_server'), integer(1)])),
    ]);
    expect(behavioursOf(readAttributes(attrOnly(encodeExternalTerm(both))) ?? new Map())).toEqual([
      'gen_statem',
      'gen_server',
    ]);
  });

  it('do not hide a function that runs on load, nor a NIF', () => {
    expect(open('on-load')).toMatchObject({ onLoad: true, loadsNif: true });
    expect(open('base')).toMatchObject({ onLoad: false, loadsNif: false });
  });

  it('stand beside how the module was compiled', () => {
    const info = open('base').compileInfo;
    expect(info?.version).toMatch(/^\d+\.\d+/);
    expect(info?.source).toMatch(/\/base\/m\.erl$/);
    expect(open('deterministic').compileInfo?.source).toBeUndefined();
  });

  it.each<[string, Term]>([
    ['a term that is not a list', atom('x')],
    ['another element', list([atom('x')])],
    ['another element', list([tuple(atom('x'), atom('y'))])],
    ['another element', list([tuple(integer(1), nil)])],
  ])('are refused in a chunk that holds %s', (found, term) => {
    expect(() => readAttributes(attrOnly(encodeExternalTerm(term)))).toThrow(
      `m.beam: The Attr chunk should hold a list of {Key, [Value]}, and holds ${found}.`,
    );
  });
});

function attrOnly(data: Uint8Array) {
  return readChunks(buildBeam([['Attr', data]]), 'm.beam');
}
