import { describe, expect, it } from 'vitest';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { literalPair } from '../../test/releases/literal-pair';
import { planTexts as plan, sectionTexts } from '../../test/releases/planned-upgrade';
import { noPolicy, type UpgradePolicy } from '../appup';
import { planAppups } from './plan-appups';

const server: LiteralFacts = { behaviours: ['gen_server'], exports: ['code_change/3'] };

describe('between applications', () => {
  // `user` needs `lib`, so that lib is first in the start order, both ways for systools.
  const grows = {
    lib: { modules: [changed('lib_api', {}, { exports: ['new/0'] })] },
    user: { needs: ['lib'], modules: [changed('user_api', {}, { calls: ['lib_api:new/0'] })] },
  };

  it('a library changes before those that begin to use it, and on the way back after them', () => {
    expect(plan(grows)).toMatchObject({
      relup: {
        up: ['load lib_api', 'load user_api'],
        down: ['load user_api', 'load lib_api'],
      },
      windows: [],
    });
  });

  it("in systools' order a module of the other application is among the DepMods", () => {
    const { sections, relup, windows } = plan(grows, { order: 'otp' });
    expect(sections['user']).toEqual({
      up: ['{load_module, user_api}'],
      down: ['{load_module, user_api, [lib_api]}'],
    });
    expect(relup.down).toEqual(['load user_api', 'load lib_api']);
    expect(windows).toEqual([]);
  });

  it('applications that need each other both ways have DepMods where no order of theirs serves', () => {
    const { sections, relup, windows } = plan({
      a: {
        modules: [
          changed('a1', {}, { exports: ['new/0'] }),
          changed('a2', {}, { calls: ['b2:new/0'], exports: [] }),
        ],
      },
      b: {
        modules: [changed('b1', {}, { calls: ['a1:new/0'] }), changed('b2', {}, { exports: ['new/0'] })],
      },
    });
    expect(relup.up.indexOf('load b2')).toBeLessThan(relup.up.indexOf('load a2'));
    expect(relup.up.indexOf('load a1')).toBeLessThan(relup.up.indexOf('load b1'));
    expect(relup.down.indexOf('load a2')).toBeLessThan(relup.down.indexOf('load b2'));
    expect(relup.down.indexOf('load b1')).toBeLessThan(relup.down.indexOf('load a1'));
    expect(windows).toEqual([]);
    expect(sections['a']?.up).toEqual(['{load_module, a1}', '{load_module, a2, [b2]}']);
  });

  it('a module that moves has one instruction, where it arrives', () => {
    const { sections, windows } = plan({
      a: { modules: [removed('m', { exports: ['f/0'] }), changed('a1', { calls: ['m:f/0'] })] },
      b: { modules: [added('m', { exports: ['f/0'] })] },
    });
    expect(sections).toEqual({
      a: { up: ['{load_module, a1}'], down: ['{load_module, a1}', '{load_module, m}'] },
      b: { up: ['{load_module, m}'], down: [] },
    });
    expect(windows).toEqual([]);
  });

  it('an application that is new starts after those whose new functions it calls, and stops before these go', () => {
    const { relup, windows } = plan({
      a: { modules: [changed('a1', {}, { exports: ['new/0'] })] },
      p: { only: 'next', same: { p1: { calls: ['a1:new/0'] } } },
    });
    expect(relup).toEqual({
      up: ['load a1', 'load p1', 'start permanent'],
      down: ['stop p', 'remove p1', 'unload p', 'load a1'],
    });
    expect(windows).toEqual([]);
  });

  it('a module that was split off into a new application comes back after that one was removed', () => {
    const { sections, relup } = plan({
      a: { modules: [removed('m', { exports: ['f/0'] }), changed('a1')] },
      p: { only: 'next', modules: [added('m', { exports: ['f/0'] })] },
    });
    expect(sections['a']).toEqual({
      up: ['{load_module, a1}'],
      down: ['{load_module, a1}', '{load_module, m}'],
    });
    expect(relup.down).toEqual(['stop p', 'remove m', 'unload p', 'load a1', 'load m']);
  });
});

describe('modules that change together', () => {
  it('are a process and the module that its state is handed to, where the state has another shape', () => {
    const state = (fields: readonly string[]): LiteralFacts => ({
      details: { records: { state: fields }, states: [{ record: 'state' }], usedRecords: ['state'] },
    });
    const process = (fields: readonly string[]): LiteralFacts => ({
      ...server,
      calls: ['helper:f/1'],
      details: { ...state(fields).details, codeChange: { 'code_change/3': 'converts' } },
    });
    const helper = (fields: readonly string[]) => ({
      exports: ['f/1'],
      details: state(fields).details ?? {},
    });
    expect(
      plan({
        x: {
          modules: [
            changed('m', process(['a']), process(['a', 'b'])),
            changed('helper', helper(['a']), helper(['a', 'b'])),
          ],
        },
      }).sections['x'],
    ).toEqual({
      up: ['{update, m, {advanced, []}, [helper]}', '{load_module, helper}'],
      down: ['{update, m, {advanced, []}, [helper]}', '{load_module, helper}'],
    });
  });

  it('are not two modules that each have a record of their own by the same name', () => {
    const keeper = (fields: readonly string[], more: LiteralFacts): LiteralFacts => ({
      ...server,
      ...more,
      details: {
        records: { state: fields },
        states: [{ record: 'state' }],
        usedRecords: ['state'],
        codeChange: { 'code_change/3': 'converts' },
      },
    });
    const asks = { calls: ['other:ask/0'] };
    const asked = { exports: ['code_change/3', 'ask/0'] };
    expect(
      plan({
        x: {
          modules: [
            changed('m', keeper(['a'], asks), keeper(['a', 'b'], asks)),
            changed('other', keeper(['c'], asked), keeper(['c', 'd'], asked)),
          ],
        },
      }).sections['x']?.up,
    ).toEqual(['{update, m, {advanced, []}}', '{update, other, {advanced, []}}']);
  });

  it('convert their states in the order in which these conversions call each other', () => {
    const process = (calls: readonly string[], codeChangeCalls: readonly string[]): LiteralFacts => ({
      ...server,
      calls,
      exports: ['code_change/3', ...(calls.length > 0 ? ['f/0'] : [])],
      details: { codeChangeCalls, codeChange: { 'code_change/3': 'converts' } },
    });
    const { sections } = plan({
      x: {
        modules: [
          changed('a', process([], []), process(['b:f/0'], ['b:f/0'])),
          changed('b', process([], []), process(['a:f/0'], [])),
        ],
      },
    });
    expect(sections['x']?.up).toEqual(['{update, b, {advanced, []}, [a]}', '{update, a, {advanced, []}}']);
  });

  it('are the behaviour and its callback modules only as far as callbacks come and go', () => {
    const behaviour = (callbacks: readonly string[]) => ({ details: { callbacks } });
    const callback = (...exports: string[]) => ({ behaviours: ['b'], exports });
    const { sections } = plan({
      x: {
        modules: [
          changed('b', behaviour(['f/0', 'old/0']), behaviour(['f/0', 'new/0'])),
          changed('gains', callback('f/0'), callback('f/0', 'new/0')),
          changed('a_loses', callback('f/0', 'old/0'), callback('f/0')),
        ],
      },
    });
    expect(sections['x']?.up).toEqual(['{load_module, gains}', '{load_module, b}', '{load_module, a_loses}']);
  });
});

describe('two bases with one version of an application', () => {
  const user = { needs: ['lib'], modules: [changed('user_api', {}, { calls: ['lib_api:new/0'] })] };
  const pairs = [
    literalPair({ lib: { modules: [changed('lib_api', {}, { exports: ['new/0'] })] }, user }),
    literalPair({ lib: { same: { lib_api: { exports: ['new/0'] } } }, user }),
  ];

  it('share its sections, since the order of applications is not in them', () => {
    const { appups, diagnostics } = planAppups(pairs, new Map(), noPolicy, 'dependencies');
    expect(diagnostics).toEqual([]);
    expect(sectionTexts(appups)['user']).toEqual({
      up: ['{load_module, user_api}'],
      down: ['{load_module, user_api}'],
    });
  });

  it("are refused where systools' order makes them need different ones", () => {
    const { diagnostics } = planAppups(pairs, new Map(), noPolicy, 'otp');
    expect(diagnostics.map(({ code, application }) => `${code} ${application ?? ''}`)).toEqual([
      'bases-differ user',
    ]);
  });
});

it("an application of OTP's core without a section of its own restarts the emulator", () => {
  const { sections } = plan({ stdlib: { modules: [changed('lists')] }, x: { modules: [changed('m')] } });
  expect(sections).toEqual({
    stdlib: { up: ['restart_new_emulator'], down: ['restart_new_emulator'] },
    x: { up: ['{load_module, m}'], down: ['{load_module, m}'] },
  });
});

describe('what the project wants otherwise', () => {
  const policy = (application: Partial<NonNullable<ReturnType<UpgradePolicy['applications']['get']>>>) => ({
    ...noPolicy,
    applications: new Map([
      [
        'x',
        {
          strategy: 'hot' as const,
          modules: new Map(),
          before: { up: [], down: [] },
          after: { up: [], down: [] },
          ...application,
        },
      ],
    ]),
  });
  const x = { x: { modules: [changed('a', server), changed('b')] } };

  it('is a restart in place of all else', () => {
    expect(plan(x, { policy: policy({ strategy: 'restart' }) }).sections['x']).toEqual({
      up: ['{restart_application, x}'],
      down: ['{restart_application, x}'],
    });
  });

  it('is another instruction, order or step, each for itself', () => {
    const { sections } = plan(x, {
      policy: policy({
        modules: new Map([
          ['a', { timeout: 10_000, postPurge: 'soft_purge' }],
          ['b', { instruction: 'update', loadAfter: ['a'] }],
        ]),
        after: { up: [{ kind: 'apply', call: { module: 'm', function: 'f', args: [] } }], down: [] },
      }),
    });
    expect(sections['x']).toEqual({
      up: [
        '{update, a, 10000, {advanced, []}, brutal_purge, soft_purge, []}',
        '{update, b}',
        '{apply, {m, f, []}}',
      ],
      down: ['{update, b}', '{update, a, 10000, {advanced, []}, brutal_purge, soft_purge, []}'],
    });
  });
});

describe('a call that meets no function', () => {
  it('is found where the written order is wrong, and is no error where none is right', () => {
    const mutual = [
      changed('a', { calls: ['b:old/0'] }, { calls: ['b:new/0'] }),
      changed('b', { exports: ['old/0'] }, { exports: ['new/0'] }),
    ];
    expect(plan({ x: { modules: mutual } }).windows).toEqual([
      'warning up, a calls b:old/0, which is not there after {load, {b, brutal_purge, brutal_purge}} until {load, {a, brutal_purge, brutal_purge}}: whoever makes that call then gets undef.',
      'warning down, a calls b:old/0, which is not there after {load, {a, brutal_purge, brutal_purge}} until {load, {b, brutal_purge, brutal_purge}}: whoever makes that call then gets undef.',
    ]);
  });

  it('is none while the processes of the caller are suspended', () => {
    const modules = [
      changed('a', { ...server, calls: ['b:old/0'] }, { ...server, calls: ['b:new/0'] }),
      changed('b', { exports: ['old/0'] }, { exports: ['new/0'] }),
    ];
    expect(plan({ x: { modules } }).windows).toEqual([]);
  });
});
