import { expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, pairOf, type LiteralPair } from '../../test/releases/literal-upgrade';
import { nativeCode } from './native-code';

const nif: LiteralFacts = { calls: ['erlang:load_nif/2'] };
const find = (pair: LiteralPair, up = '{load_module,m}'): string[] =>
  nativeCode(pairOf(pair), appupOf({ up })).map(({ severity, code, module = '' }) =>
    `${severity} ${code} ${module}`.trim(),
  );

it('nif-reload finds a changed module that loads a library again', () => {
  expect(find({ modules: [changed('m', nif)] })).toEqual(['error nif-reload m']);
  expect(find({ modules: [changed('m', {})] })).toEqual([]);
  expect(find({ modules: [changed('m', nif)] }, '{load_module,m},restart_emulator')).toEqual([]);
});

it('nif-reload has nothing against a module that begins to load one', () => {
  expect(find({ modules: [changed('m', {}, nif)] })).toEqual([]);
});

it('on-load warns of a function that runs again', () => {
  const withOnLoad = changed('m', {}, { onLoad: true });
  expect(find({ modules: [withOnLoad] })).toEqual(['warning on-load m']);
});

it('nif-library-changed finds a library whose module did not change', () => {
  const files = [{ kind: 'changed', path: 'priv/lib/codec.so' }] as const;
  expect(find({ files, unchanged: { codec: nif } })).toEqual(['warning nif-library-changed']);
  expect(find({ files, modules: [changed('m', nif)] })).toEqual(['error nif-reload m']);
  expect(find({ files: [{ kind: 'changed', path: 'priv/a.txt' }], unchanged: { codec: nif } })).toEqual([]);
});
