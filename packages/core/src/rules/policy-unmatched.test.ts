import { expect, it } from 'vitest';
import { changed } from '../../test/releases/literal-facts';
import { literalPair } from '../../test/releases/literal-pair';
import { parsePolicy } from '../policy/parse-policy';
import { unmatchedPolicy } from './policy-unmatched';

const { difference } = literalPair({
  dummy: { modules: [changed('dummy_server', {}, {})], same: { 'Elixir.Dummy.Store': {} } },
  other: { same: { other: {} } },
});

function find(applications: unknown): string[] {
  const policy = parsePolicy({ applications }, 'rel/upgrade.json', []);
  return unmatchedPolicy(policy, [difference.previous, difference.next]).map(
    ({ severity, message, fix }) => `${severity} ${message.split(': ')[1] ?? ''} ${fix}`,
  );
}

it('finds names that nothing in the releases has', () => {
  expect(
    find({
      dumy: {},
      dummy: {
        modules: { dummy_sevrer: {}, 'Dummy.Store': {}, other: {}, dummy_server: { loadAfter: ['xyz'] } },
      },
    }),
  ).toEqual([
    'error there is no application dumy in the releases. Correct the name, or remove what is said of it. Did you mean dummy?',
    'error dummy has no module dummy_sevrer. Correct the name, or remove what is said of it. Did you mean dummy_server?',
    'error dummy has no module Dummy.Store. Correct the name, or remove what is said of it. Did you mean Elixir.Dummy.Store?',
    'error dummy has no module other; it is one of other. Correct the name, or remove what is said of it.',
    'error xyz, which is named for dummy_server, is no module of the releases. Correct the name, or remove what is said of it.',
  ]);
});

it('has nothing to say of names that are there', () => {
  expect(find({ other: {}, dummy: { modules: { dummy_server: { dependencies: ['other'] } } } })).toEqual([]);
});
