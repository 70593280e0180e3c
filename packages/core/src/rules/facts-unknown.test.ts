import { expect, it } from 'vitest';
import { changed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, pairOf } from '../../test/releases/literal-upgrade';
import { factsUnknown } from './facts-unknown';

it('facts-unknown names the modules of an application that nobody could look into, in one finding', () => {
  const unknown: LiteralFacts = { details: { lingers: { unknown: 'no debug info' } } };
  const known: LiteralFacts = { details: { lingers: [] } };
  const modules = [changed('a', unknown), changed('b', unknown, known), changed('c', known)];
  const up = '{load_module,a}';
  expect(factsUnknown(pairOf({ modules }), appupOf({ up })).map(({ message }) => message)).toEqual([
    'whether processes may stay in the old code of a and b could not be found out (no debug info), so nobody has checked whether a purge kills some.',
  ]);
  expect(factsUnknown(pairOf({ modules: [changed('c', known)] }), appupOf({ up }))).toEqual([]);
  expect(factsUnknown(pairOf({ modules }), appupOf({ up: 'restart_emulator' }))).toEqual([]);
});
