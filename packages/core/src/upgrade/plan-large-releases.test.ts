import { describe, expect, it } from 'vitest';
import { added, changed } from '../../test/releases/literal-facts';
import { literalPair, type LiteralApplication } from '../../test/releases/literal-pair';
import { plannedUpgrade } from '../../test/releases/planned-upgrade';

const count = 200;
const of = <Item>(make: (at: number) => Item): Item[] => Array.from({ length: count }, (_, at) => make(at));

/** What once took minutes, or never came to an end. */
const releases: Readonly<Record<string, () => Record<string, LiteralApplication>>> = {
  'modules around one circle that all exchange a function': () => ({
    a: {
      modules: of((at) => {
        const next = `m${(at + 1) % count}`;
        return changed(
          `m${at}`,
          { exports: ['f/0'], calls: [`${next}:f/0`] },
          { exports: ['g/0'], calls: [`${next}:g/0`] },
        );
      }),
    },
  }),
  'exchanged functions that hundreds of unchanged modules reach': () => ({
    a: {
      modules: of((at) => [
        changed(`x${at}`, { calls: [`y${at}:f/0`] }, { calls: [`y${at}:g/0`] }),
        changed(
          `y${at}`,
          { exports: ['f/0'], calls: [`x${(at + 1) % count}:f/0`] },
          { exports: ['g/0'], calls: [`x${(at + 1) % count}:f/0`] },
        ),
      ]).flat(),
      same: Object.fromEntries(
        of((at) => [`s${at}`, { calls: [`x${at}:f/0`, `x${(at * 7) % count}:f/0`, `s${at + 1}:f/0`] }]),
      ),
    },
  }),
  'a chain of new modules, each of which needs what changes': () => ({
    a: {
      modules: of((at) => [
        added(`n${at}`, { exports: ['f/0'], calls: [`n${at + 1}:f/0`, `c${at}:g/0`, `c${at + 1}:g/0`] }),
        changed(`c${at}`, { exports: ['f/0'] }, { exports: ['f/0', 'g/0'], calls: ['n0:f/0', `n${at}:f/0`] }),
      ]).flat(),
    },
  }),
};

describe('large releases', () => {
  it.each(Object.keys(releases))('are planned in seconds: %s', { timeout: 20_000 }, (name) => {
    const { appups, relup } = plannedUpgrade(literalPair(releases[name]?.() ?? {}));
    expect(appups).toHaveLength(1);
    expect(relup.up.length).toBeGreaterThan(count);
  });
});
