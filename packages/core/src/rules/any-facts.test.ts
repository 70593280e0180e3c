// RULES_SEED and RULES_COUNT set the seed and the number of cases.
import { describe, expect, it } from 'vitest';
import { generated, Random } from '../../test/random';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { pairOf } from '../../test/releases/literal-upgrade';
import { noPolicy } from '../appup';
import type { ModuleDiff, ReleasePair } from '../diff';
import type { ChildFacts, KeptFacts, SupervisorFacts } from '../facts';
import type { Release } from '../release';
import { planAppups } from '../upgrade/plan-appups';
import { runRules } from './run-rules';

describe('whatever the facts of modules are', () => {
  it('nothing throws, the findings are the same each time, and each says what is wrong and what to do', () => {
    const { seed, count } = generated('RULES', 120);
    const codes = new Set<string>();
    for (let index = 0; index < count; index++) {
      const pair = generatePair(new Random(seed + index));
      const find = (): ReturnType<typeof runRules> =>
        runRules([pair], planAppups([pair], new Map(), noPolicy, 'dependencies').appups);
      const findings = find();
      expect(find(), `seed ${seed + index}`).toEqual(findings);
      // Nobody reads more.
      expect(findings.length, `seed ${seed + index}`).toBeLessThan(40 * names.length);
      for (const { code, message, fix } of findings) {
        codes.add(code);
        expect([message, fix], `seed ${seed + index}: ${code}`).toEqual([
          expect.stringMatching(/\.$/),
          expect.stringMatching(/\.$/),
        ]);
      }
    }
    expect(codes.size).toBeGreaterThan(12);
  });
});

/** Names that JavaScript, Erlang or a message could stumble over. */
const names = ['constructor', '__proto__', 'a b', 'Elixir.Ü', 'm:f', 'a/1', 'x\ny', 'toString', 'x'] as const;
const functions = ['f/0', 'init/1', 'code_change/3', 'start_link/0', 'start/2', 'toString', '__proto__/0'];
const terms = ['a', "'A b'", '{c,1}', '#Ref<0.1.2.3>', '', '[', "'", '1', 'constructor', '<<1>>', '"x"'];

function generatePair(random: Random): ReleasePair {
  const modules = names.flatMap((name): ModuleDiff[] => {
    const [before, after] = [literal(random), literal(random)];
    switch (random.below(5)) {
      case 0:
        return [added(name, after)];
      case 1:
        return [removed(name, before)];
      case 2:
        return [];
      default:
        return [changed(name, before, after)];
    }
  });
  const pair = pairOf({ modules, mod: random.pick(names) });
  const { previous, next } = pair.difference;
  const whole = (release: Release): Release => ({
    ...release,
    relFile: `r/releases/${release.version}/r.rel`,
    path: 'r',
    tree: { kind: 'folder', origin: 'r', files: [] } as unknown as Release['tree'],
    applications: release.applications.map((application) => ({
      ...application,
      includedApplications: [],
      startType: 'permanent',
      resource: {
        ...application.resource,
        modules: [],
        applications: [],
        includedApplications: [],
        optionalApplications: [],
      },
    })) as unknown as Release['applications'],
  });
  return { ...pair, difference: { ...pair.difference, previous: whole(previous), next: whole(next) } };
}

function literal(random: Random): LiteralFacts {
  return {
    exports: random.some(functions, 0.6),
    calls: random.some(
      names.filter((name) => !name.includes(':')).flatMap((name) => functions.map((one) => `${name}:${one}`)),
      0.1,
    ),
    behaviours: random.some(['gen_server', 'supervisor', 'gen_statem', 'application', 'constructor'], 0.25),
    stripped: random.chance(0.1),
    onLoad: random.chance(0.1),
    details: generateDetails(random),
  };
}

function generateDetails(random: Random): Partial<KeptFacts> {
  const known = <Fact>(fact: Fact): Fact | { unknown: string } =>
    random.chance(0.1) ? { unknown: 'nobody knows' } : fact;
  const text = (): string | { unknown: string } => known(random.pick(terms));
  const called = (): string => `${random.pick(names)}:${random.pick(functions)}`;
  const child = (): ChildFacts => ({
    id: text(),
    startModule: known(random.pick([...names, 'gen_server', 'supervisor'])),
    function: known(random.pick(['start_link', 'toString', ''])),
    arity: known(random.pick([0, 2, 3, -1, 1.5])),
    restart: text(),
    shutdown: text(),
    type: known(random.pick(['worker', 'supervisor', 'x'])),
    modules: known(random.chance(0.2) ? ('dynamic' as const) : random.some(names, 0.2)),
    args: text(),
  });
  const supervisor = (): SupervisorFacts => ({
    kind: random.pick(['callback', 'inline', 'dynamic'] as const),
    function: random.pick(functions),
    name: known(random.chance(0.2) ? null : random.pick(terms)),
    strategy: known(random.pick(['one_for_one', 'simple_one_for_one', 'x'])),
    children: known(
      Array.from({ length: random.below(4) }, () =>
        known(random.chance(0.2) ? { childSpecOf: random.pick(names), arg: text() } : child()),
      ),
    ),
    sideEffects: known(random.some(['ets:new/2', 'receive'], 0.3)),
  });
  const records = { constructor: ['a', 'b'], x: [], ['__proto__']: ['c'] };
  return {
    behaviours: known(['gen_server']),
    records: known(random.chance(0.5) ? records : {}),
    struct: known(random.chance(0.5) ? null : ['a']),
    codeChange: Object.fromEntries(
      random
        .some(['code_change/3', 'system_code_change/4'], 0.5)
        .map((name) => [name, random.pick(['default', 'trivial', 'effects', 'converts'] as const)]),
    ),
    states: known(
      random.some([{ record: 'constructor' }, { record: 'toString' }, { struct: 'x' }, { tuple: 2 }], 0.5),
    ),
    supervisors: known(Array.from({ length: random.below(3) }, supervisor)),
    childSpec: known(random.chance(0.5) ? null : child()),
    dynamicCalls: known(random.chance(0.5)),
    starts: known(
      Array.from({ length: random.below(3) }, () => ({
        starter: random.pick(['gen_server:start_link/3', 'supervisor:start_link/3', 'x']),
        module: known(random.pick(names)),
        function: random.pick(functions),
      })),
    ),
    callbacks: known(random.chance(0.5) ? null : random.some(functions, 0.5)),
    callbackMode: known(random.chance(0.5) ? null : random.pick(terms)),
    otherCalls: known([called(), called(), 'constructor']),
    codeChangeCalls: known([called()]),
    lingers: known([{ kind: random.pick(['loop', 'receive', 'call', 'fun'] as const), function: 'f/0' }]),
    usedRecords: known(random.some(names, 0.5)),
    startResult: known(random.chance(0.3) ? null : random.pick([called(), 'toString', ''])),
    handsOn: known({ 'start_link/0': random.pick([called(), 'constructor', 'x:toString']) }),
  };
}
