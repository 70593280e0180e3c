import { expect, it } from 'vitest';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { pairOf, type LiteralPair } from '../../test/releases/literal-upgrade';
import { callUndefined } from './call-undefined';

const find = (pair: LiteralPair): string[] => callUndefined(pairOf(pair)).map(({ message }) => message);
const caller = (calls: readonly string[], otherCalls: readonly string[] = []): LiteralFacts => ({
  calls,
  details: { otherCalls },
});
const lib = (...exports: string[]): LiteralFacts => ({ exports });

it('call-undefined finds a caller, changed or not, of a function that is gone', () => {
  expect(
    find({ modules: [changed('lib', lib('f/0', 'g/1'), lib('g/1'))], unchanged: { a: caller(['lib:f/0']) } }),
  ).toEqual([
    'a of release 0.2 calls lib:f/0, which that release does not have any more or not yet: the call ends in undef.',
  ]);
  expect(
    find({ modules: [removed('lib', lib('f/0'))], unchanged: { a: caller([], ['lib:f/0']) } }),
  ).toHaveLength(1);
});

it('call-undefined looks at the way back, too', () => {
  expect(find({ modules: [added('lib', lib('f/0'))], unchanged: { a: caller(['lib:f/0']) } })).toEqual([
    'a of release 0.1 calls lib:f/0, which that release does not have any more or not yet: the call ends in undef.',
  ]);
});

it('call-undefined leaves what is as it was, and what it does not know', () => {
  const unchanged = { a: caller(['lib:never/0', 'lists:map/2', 'lib:g/1']) };
  expect(find({ modules: [changed('lib', lib('g/1'), lib('g/1', 'h/0'))], unchanged })).toEqual([]);
  const both = [
    changed('lib', lib('f/0'), lib('g/0')),
    changed('a', caller(['lib:f/0']), caller(['lib:g/0'])),
  ];
  expect(find({ modules: both })).toEqual([]);
});
