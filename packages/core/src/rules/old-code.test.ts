import { describe, expect, it } from 'vitest';
import { changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appupOf, callbackModule, child, pairOf, supervisor } from '../../test/releases/literal-upgrade';
import type { Linger } from '../facts';
import { killedByPurge } from './killed-by-purge';
import { processStaysInOldCode } from './process-stays-in-old-code';

const lingering = (kind: Linger['kind'], exports: readonly string[] = []): LiteralFacts => ({
  exports,
  details: { lingers: [{ kind, function: 'f/1' }], starts: [], supervisors: [] },
});

const gone: LiteralFacts = { details: { lingers: [], starts: [], supervisors: [] } };

const around = (before: LiteralFacts, after: LiteralFacts): ReturnType<typeof pairOf> =>
  pairOf({
    mod: 'x_app',
    modules: [changed('m', before, after)],
    unchanged: { x_app: callbackModule, x_sup: supervisor('x_sup', [child('m')]) },
  });

describe('process-stays-in-old-code', () => {
  const find = (before: LiteralFacts, appup: Parameters<typeof appupOf>[0]): string[] =>
    processStaysInOldCode(around(before, gone), appupOf(appup)).map(
      ({ severity, fix }) => `${severity} ${fix}`,
    );

  it.each(['{load_module,m}', '{update,m}', '{load_module,m,soft_purge,soft_purge,[]}'])(
    'finds that %s does not reach a loop',
    (up) => {
      expect(find(lingering('loop'), { up })).toEqual([
        'error Write {apply, {supervisor, terminate_child, [x_sup, m]}} before it and {apply, {supervisor, restart_child, [x_sup, m]}} after it, or call the loop as ?MODULE:f(...), exported, which serves from the next upgrade on.',
      ]);
    },
  );

  it('has nothing against loops beside that of a behaviour, unless the module spawns a process for them', () => {
    const server = { ...lingering('loop'), behaviours: ['gen_server'] };
    expect(find(server, { up: '{load_module,m}' })).toEqual([]);
    const starts = [{ starter: 'erlang:spawn_link/3', module: 'm', function: 'init/1' }];
    const spawning = { ...server, details: { ...server.details, starts } };
    expect(find(spawning, { up: '{load_module,m}' })).toHaveLength(1);
  });

  it('is content where a special process is suspended by the name of another module', () => {
    const special = lingering('loop', ['system_continue/3']);
    expect(find(special, { up: '{load_module,m}' })).toHaveLength(1);
    expect(find(special, { up: '{update,x_sup,soft,[m]},{load_module,m}' })).toEqual([]);
  });

  it('looks at the code that is left: the newer on the way down', () => {
    expect(find(lingering('loop'), { down: '{load_module,m}' })).toEqual([]);
    expect(find(gone, { up: '{load_module,m}' })).toEqual([]);
  });

  it('is content where the process is stopped meanwhile', () => {
    expect(find(lingering('loop'), { up: '{stop,[m]},{load_module,m},{start,[m]}' })).toEqual([]);
    const stop = '{apply,{supervisor,terminate_child,[x_sup,m]}}';
    expect(find(lingering('loop'), { up: `${stop},{load_module,m}` })).toEqual([]);
    expect(find(lingering('loop'), { up: '{load_module,m},restart_emulator' })).toEqual([]);
  });

  it('knows that a special process changes over when it is suspended, and only then', () => {
    const special = lingering('loop', ['system_continue/3']);
    expect(find(special, { up: '{update,m,{advanced,[]}}' })).toEqual([]);
    expect(find(special, { up: '{load_module,m}' })).toEqual([
      'error Write {update, m, {advanced, []}} there.',
    ]);
  });
});

describe('killed-by-purge', () => {
  const find = (before: LiteralFacts, up: string): string[] =>
    killedByPurge(around(before, gone), appupOf({ up })).map(
      ({ severity, message }) => `${severity} ${message}`,
    );

  it.each([
    ['receive', 'f/1 may wait for a message without limit'],
    ['call', 'f/1 may wait for an answer without limit'],
    ['fun', 'f/1 gives away funs of it'],
  ] as const)('finds that a %s may be purged brutally', (kind, what) => {
    expect(find(lingering(kind), '{load_module,m}')).toEqual([
      `warning the instructions up from "1" of x.appup purge the old code of m brutally, and processes may be in it: ${what}. They would be killed, whoever they are.`,
    ]);
  });

  it('says of funs that somebody keeps what becomes of them, however they are purged', () => {
    for (const up of ['{load_module,m}', '{load_module,m,soft_purge,soft_purge,[]}']) {
      expect(find(lingering('kept-fun'), up)).toEqual([
        'warning the instructions up from "1" of x.appup take away the old code of m, and processes may hold funs of it: f/1 keeps funs of it. No kind of purge waits for them: from make_permanent or the next load of m on, calling such a fun ends in badfun.',
      ]);
    }
    const kept: LiteralFacts = {
      details: { ...lingering('kept-fun').details, lingers: [{ kind: 'kept-fun', function: 'init/1' }] },
    };
    expect(find(kept, '{load_module,m}')).toHaveLength(1);
    expect(find(kept, '{update,m,{advanced,[]}}')).toEqual([]);
    expect(find(lingering('kept-fun'), '{restart_application,x}')).toEqual([]);
  });

  it('asks who keeps the fun that a function answers: a process may, whether it changes or not', () => {
    const answers = (behaviours: readonly string[]): string[] =>
      killedByPurge(
        pairOf({
          modules: [changed('m', lingering('answered-fun'), gone)],
          unchanged: { p: { behaviours, calls: ['m:f/1'] } },
        }),
        appupOf({ up: '{load_module,m}' }),
      ).map(({ message }) => message);
    expect(answers(['gen_server'])).toEqual([expect.stringContaining('f/1 answers funs of it')]);
    expect(answers([])).toEqual([]);
  });

  it('is content with soft purges, and leaves loops to their own rule', () => {
    expect(find(lingering('call'), '{load_module,m,soft_purge,soft_purge,[]}')).toEqual([]);
    expect(find(lingering('call'), '{load_module,m,soft_purge,brutal_purge,[]}')).toHaveLength(1);
    expect(find(lingering('loop'), '{load_module,m}')).toEqual([]);
  });

  it('finds a module that goes, with the instruction that waits', () => {
    const pair = pairOf({ modules: [removed('m', lingering('receive'))] });
    const [finding] = killedByPurge(pair, appupOf({ up: '{delete_module,m}' }));
    expect(finding?.fix).toContain(
      '{remove, {m, soft_purge, soft_purge}} in the place of {delete_module, m}',
    );
    expect(killedByPurge(pair, appupOf({ up: '{remove,{m,soft_purge,soft_purge}}' }))).toEqual([]);
  });
});
