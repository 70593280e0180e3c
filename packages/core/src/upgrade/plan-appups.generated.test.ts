// PLAN_SEED and PLAN_COUNT set the seed and the number of cases.
import { describe, expect, it } from 'vitest';
import { generated, Random } from '../../test/random';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { literalPair, type LiteralApplication } from '../../test/releases/literal-pair';
import { plannedUpgrade, sectionTexts } from '../../test/releases/planned-upgrade';
import type { ModuleDiff } from '../diff';
import type { RelupOrder } from '../relup';

describe.each<RelupOrder>(['dependencies', 'otp'])('generated releases, in the order %s', (order) => {
  it('are upgraded and downgraded so that no call meets nothing, unless no order would do', () => {
    const { seed, count } = generated('PLAN', 1500);
    const outcomes = { clean: 0, circles: 0 };
    for (let index = 0; index < count; index++) {
      // OTP starts what is added first and stops what is removed last, whatever calls what.
      const comeAndGo = order === 'dependencies' ? 0.2 : 0;
      const applications = generateApplications(new Random(seed + index), comeAndGo);
      const { appups, windows } = plannedUpgrade(literalPair(applications), { order });
      const found = [...windows.up, ...windows.down];
      const wrong = found.filter(({ severity }) => severity === 'error').map(({ message }) => message);
      expect(wrong, `seed ${seed + index}: ${JSON.stringify(sectionTexts(appups), undefined, 1)}`).toEqual(
        [],
      );
      if (found.length === 0) outcomes.clean++;
      else outcomes.circles++;
    }
    // Neither kind alone would prove much.
    expect(outcomes.clean).toBeGreaterThan(count / 4);
    expect(outcomes.circles).toBeGreaterThan(count / 20);
  });
});

const functions = ['f/0', 'g/0', 'h/0'] as const;

interface Side {
  readonly exports: readonly string[];
  readonly calls: readonly string[];
}

/** Two consistent versions: each calls only what it has. */
function generateApplications(random: Random, comeAndGo: number): Record<string, LiteralApplication> {
  const names = random.shuffled(['a', 'b', 'c']).slice(0, 1 + random.below(3));
  const only = new Map(
    names.map((name) => [
      name,
      random.chance(comeAndGo) ? random.pick(['previous', 'next'] as const) : undefined,
    ]),
  );
  const modules = names.flatMap((application) =>
    Array.from({ length: 1 + random.below(4) }, (_, at) => {
      const one = only.get(application);
      const there = one === undefined ? random.below(8) : one === 'next' ? 0 : 1;
      return {
        application,
        module: `${application}${at}`,
        in: { previous: there !== 0, next: there !== 1 },
        isServer: random.chance(0.3),
      };
    }),
  );
  const density = random.next() * 0.5;
  const side = (which: 'previous' | 'next'): Map<string, Side> => {
    const present = modules.filter((module) => module.in[which]);
    const exports = new Map(present.map(({ module }) => [module, random.some(functions, 0.6)]));
    return new Map(
      present.map(({ module }) => {
        const callable = present
          .filter((other) => other.module !== module)
          .flatMap((other) => (exports.get(other.module) ?? []).map((name) => `${other.module}:${name}`));
        return [module, { exports: exports.get(module) ?? [], calls: random.some(callable, density) }];
      }),
    );
  };
  const [previous, next] = [side('previous'), side('next')];
  return Object.fromEntries(
    names.map((application) => {
      const diffs = modules.flatMap((module): ModuleDiff[] => {
        if (module.application !== application) return [];
        const facts = (which: Map<string, Side>): LiteralFacts | undefined => {
          const found = which.get(module.module);
          return found && { ...found, behaviours: module.isServer ? ['gen_server'] : [] };
        };
        const [before, after] = [facts(previous), facts(next)];
        if (before !== undefined && after !== undefined) return [changed(module.module, before, after)];
        if (after !== undefined) return [added(module.module, after)];
        return before === undefined ? [] : [removed(module.module, before)];
      });
      return [
        application,
        {
          modules: diffs,
          only: only.get(application),
          needs: random
            .some(names.slice(0, names.indexOf(application)), 0.5)
            .filter((name) => only.get(name) === undefined),
        },
      ];
    }),
  );
}
