import { expect, it } from 'vitest';
import { loadResult, unservedProbes, withoutCalls } from './load';
import { parseProbes } from './probes';
import type { Snapshot } from './snapshot';

const probe = (name: string) => ({ name, call: name, expect: undefined, language: undefined });
const counts = {
  outside: 9,
  within: 5,
  into: 1,
  out: 2,
  across: 0,
  failures: 1,
  longest: 1500,
  longestWithin: 2500,
};
const idle = { ...counts, within: 0, into: 0, out: 0, failures: 0, longestWithin: 0 };

it('a call counts for an installation when it began or ended in it', () => {
  expect(loadResult({ probes: [counts, idle], busy: 0 }, [probe('a'), probe('b')], 4)).toEqual({
    clients: 4,
    calls: 8,
    failures: 1,
    longestMilliseconds: 2.5,
    probes: [
      {
        name: 'a',
        within: 5,
        across: 3,
        outside: 9,
        failures: 1,
        longestMilliseconds: 2.5,
        longestOutsideMilliseconds: 1.5,
      },
      {
        name: 'b',
        within: 0,
        across: 0,
        outside: 9,
        failures: 0,
        longestMilliseconds: 0,
        longestOutsideMilliseconds: 1.5,
      },
    ],
  });
  expect(loadResult(undefined, [], 4)).toMatchObject({ clients: 0, calls: 0 });
});

it('an installation during which no call was served is an error, one in which a probe had none a note', () => {
  const severities = (...all: (typeof counts)[]) =>
    unservedProbes(
      loadResult(
        { probes: all, busy: 0 },
        all.map((_, at) => probe(`p${at}`)),
        1,
      ),
    ).map(({ severity }) => severity);
  expect(severities(counts, idle)).toEqual(['note']);
  expect(severities(idle, idle)).toEqual(['error', 'error']);
  expect(severities(counts)).toEqual([]);
});

it('a rehearsal without calls says how to begin, in the language of the release', () => {
  const plan = parseProbes({}, 'probes.json');
  const base = (name: string): Snapshot =>
    ({ processes: [{ name, type: 'worker', application: 'shop' }] }) as unknown as Snapshot;
  const said = (snapshot: Snapshot | undefined, layout: 'mix' | 'reltool') =>
    withoutCalls(plan, snapshot, layout)[0]?.text;
  expect(said(base('Elixir.Shop'), 'mix')).toContain('{"during":[":sys.get_state(Shop, 5000)"]}');
  expect(said(base('shop'), 'mix')).toContain(':sys.get_state(:shop, 5000)');
  expect(said(base('Shop'), 'reltool')).toContain("sys:get_state('Shop', 5000)");
  expect(said(undefined, 'reltool')).toContain('no probes were given');
  expect(withoutCalls(parseProbes({ during: ['a:b()'] }, 'probes.json'), undefined, 'mix')).toEqual([]);
});
