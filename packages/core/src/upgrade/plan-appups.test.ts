import { describe, expect, it } from 'vitest';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { literalPair, type LiteralApplication } from '../../test/releases/literal-pair';
import { plannedUpgrade, sectionTexts } from '../../test/releases/planned-upgrade';
import { noPolicy, type Direction, type LowLevelInstruction, type UpgradePolicy } from '../appup';
import { atom, printTerm } from '../erlang';
import type { ChildFacts, SupervisorFacts } from '../facts';
import { planAppups } from './plan-appups';

interface Plan {
  /** The instructions of each section, by application and direction. */
  readonly sections: Readonly<Record<string, Readonly<Partial<Record<Direction, string[]>>>>>;
  /** What happens to modules and children in the relup, in this order. */
  readonly relup: Readonly<Record<Direction, string[]>>;
  readonly windows: string[];
}

function plan(
  applications: Readonly<Record<string, LiteralApplication>>,
  options: Parameters<typeof plannedUpgrade>[1] = {},
): Plan {
  const { appups, relup, windows } = plannedUpgrade(literalPair(applications), options);
  return {
    sections: sectionTexts(appups),
    relup: { up: short(relup.up), down: short(relup.down) },
    windows: [...windows.up, ...windows.down].map(({ severity, message }) => `${severity} ${message}`),
  };
}

function short(instructions: readonly LowLevelInstruction[]): string[] {
  return instructions.flatMap((one) => {
    switch (one.kind) {
      case 'load':
      case 'remove':
        return [`${one.kind} ${one.module}`];
      case 'suspend':
        return [`suspend ${one.modules.map(({ module }) => module).join(' ')}`];
      case 'apply':
        return [
          `${one.call.function} ${one.call.args
            .slice(-1)
            .map((arg) => printTerm(arg))
            .join(' ')}`,
        ];
      default:
        return [];
    }
  });
}

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

describe('children', () => {
  const child = (module: string): ChildFacts => ({
    id: printTerm(atom(module)),
    startModule: module,
    function: 'start_link',
    arity: 0,
    restart: 'permanent',
    shutdown: '5000',
    type: 'worker',
    modules: [module],
    args: '[]',
  });
  const supervisor = (ids: readonly string[], fields: Partial<SupervisorFacts> = {}): LiteralFacts => ({
    behaviours: fields.kind === 'inline' ? ['application'] : ['supervisor'],
    details: {
      supervisors: [
        {
          kind: 'callback',
          function: 'init/1',
          name: 'x_sup',
          strategy: 'one_for_one',
          children: ids.map(child),
          sideEffects: [],
          ...fields,
        },
      ],
    },
  });

  it('that are new start after the update and before they are called; on the way back the other way round', () => {
    const { sections, windows } = plan({
      x: {
        modules: [
          changed('x_sup', supervisor(['old']), supervisor(['old', 'new'])),
          added('new', { exports: ['ask/0'] }),
          changed('api', {}, { calls: ['new:ask/0'] }),
        ],
      },
    });
    expect(sections['x']).toEqual({
      up: [
        '{add_module, new}',
        '{update, x_sup, supervisor}',
        '{apply, {supervisor, restart_child, [x_sup, new]}}',
        '{load_module, api}',
      ],
      down: [
        '{load_module, api}',
        '{apply, {supervisor, terminate_child, [x_sup, new]}}',
        '{apply, {supervisor, delete_child, [x_sup, new]}}',
        '{update, x_sup, supervisor}',
        '{delete_module, new}',
      ],
    });
    expect(windows).toEqual([]);
  });

  it('are addressed by their id and the name of the supervisor, whatever these are', () => {
    const named = { name: '{global, the_sup}' };
    const other = { ...child('worker'), id: '{worker, 1}' };
    const { sections } = plan({
      x: {
        modules: [
          changed(
            'x_sup',
            supervisor([], { ...named, children: [] }),
            supervisor([], { ...named, children: [other] }),
          ),
        ],
      },
    });
    expect(sections['x']?.up).toEqual([
      '{update, x_sup, supervisor}',
      '{apply, {supervisor, restart_child, [{global, the_sup}, {worker, 1}]}}',
    ]);
  });

  it('that were handed to start_link are started with their specification', () => {
    const inline = (children: SupervisorFacts['children']) =>
      supervisor([], { kind: 'inline', function: 'start/2', name: "'Elixir.X.Sup'", children });
    const { sections } = plan({
      x: {
        modules: [
          changed(
            'Elixir.X.Application',
            inline([]),
            inline([{ childSpecOf: 'Elixir.X.Server', arg: '[{limit, 3}]' }, child('plain')]),
          ),
          added('Elixir.X.Server', { details: { childSpec: child('Elixir.X.Server') } }),
        ],
      },
    });
    expect(sections['x']?.up).toEqual([
      "{add_module, 'Elixir.X.Server'}",
      "{load_module, 'Elixir.X.Application'}",
      "{apply, {'Elixir.Supervisor', start_child, ['Elixir.X.Sup', {'Elixir.X.Server', [{limit, 3}]}]}}",
      "{apply, {supervisor, start_child, ['Elixir.X.Sup', {plain, {plain, start_link, []}, permanent, 5000, worker, [plain]}]}}",
    ]);
    expect(sections['x']?.down?.slice(2, 4)).toEqual([
      "{apply, {supervisor, terminate_child, ['Elixir.X.Sup', 'Elixir.X.Server']}}",
      "{apply, {supervisor, delete_child, ['Elixir.X.Sup', 'Elixir.X.Server']}}",
    ]);
  });

  it('that their module names, or their supervisor names otherwise, are started with the whole specification', () => {
    const own = { args: { unknown: 'an argument' }, arity: 1, handsOnArgument: true as const };
    const server = 'Elixir.X.Server';
    const inline = (children: SupervisorFacts['children']) =>
      supervisor([], { kind: 'inline', function: 'start/2', name: "'Elixir.X.Sup'", children });
    const { sections } = plan({
      x: {
        modules: [
          changed(
            'Elixir.X.Application',
            inline([]),
            inline([
              { childSpecOf: server, arg: '[{limit, 3}]', overrides: { id: 'other' } },
              { childSpecOf: 'Elixir.X.Named', arg: '[]' },
              { childSpecOf: server, arg: { unknown: 'computed' }, overrides: { id: 'computed' } },
            ]),
          ),
          added(server, { details: { childSpec: { ...child(server), ...own } } }),
          added('Elixir.X.Named', { details: { childSpec: { ...child('named'), ...own } } }),
        ],
      },
    });
    expect(sections['x']?.up).toEqual([
      "{add_module, 'Elixir.X.Named'}",
      "{add_module, 'Elixir.X.Server'}",
      "{load_module, 'Elixir.X.Application'}",
      "{apply, {supervisor, start_child, ['Elixir.X.Sup', {other, {'Elixir.X.Server', start_link, [[{limit, 3}]]}, permanent, 5000, worker, ['Elixir.X.Server']}]}}",
      "{apply, {supervisor, start_child, ['Elixir.X.Sup', {named, {named, start_link, [[]]}, permanent, 5000, worker, [named]}]}}",
    ]);
  });

  it('of several supervisors that one function makes are told apart by the names of these', () => {
    const made = (name: string, ids: readonly string[]): SupervisorFacts => ({
      kind: 'inline',
      function: 'start/2',
      name,
      strategy: 'one_for_one',
      children: ids.map(child),
      sideEffects: [],
    });
    const { sections } = plan({
      x: {
        modules: [
          changed(
            'x_app',
            { details: { supervisors: [made('one', ['a']), made('two', ['b'])] } },
            { details: { supervisors: [made('one', ['a']), made('two', ['b', 'c'])] } },
          ),
        ],
      },
    });
    expect(sections['x']?.up).toEqual([
      '{load_module, x_app}',
      '{apply, {supervisor, start_child, [two, {c, {c, start_link, []}, permanent, 5000, worker, [c]}]}}',
    ]);
  });

  it('that another module starts now are stopped and started again', () => {
    const worker = (module: string) => ({ ...child(module), id: 'worker' });
    const { sections } = plan({
      x: {
        modules: [
          changed(
            'x_sup',
            supervisor([], { children: [worker('one')] }),
            supervisor([], { children: [worker('two')] }),
          ),
          removed('one'),
          added('two'),
        ],
      },
    });
    expect(sections['x']?.up).toEqual([
      '{add_module, two}',
      '{apply, {supervisor, terminate_child, [x_sup, worker]}}',
      '{update, x_sup, supervisor}',
      '{apply, {supervisor, restart_child, [x_sup, worker]}}',
      '{delete_module, one}',
    ]);
  });

  it('stay alone where an init/1 that does more than compute need not run again', () => {
    const effects = { sideEffects: ['ets:new/2'] };
    const { sections } = plan({
      x: { modules: [changed('x_sup', supervisor(['a'], effects))] },
    });
    expect(sections['x']?.up).toEqual(['{load_module, x_sup}']);
  });

  it('find what init/1 of their supervisor sets up when they convert their state, and so do others', () => {
    const sup = (sideEffects: readonly string[]) =>
      supervisor([], { children: { unknown: '?' }, sideEffects });
    const conversion = {
      codeChange: { 'code_change/3': 'converts' as const },
      codeChangeCalls: ['store:counters/0'],
    };
    const { sections } = plan({
      x: {
        modules: [
          changed('a_worker', server, { ...server, calls: ['store:counters/0'], details: conversion }),
          changed('api', {}, { calls: ['store:counters/0'] }),
          changed('store', {}, { exports: ['counters/0', 'make/0'] }),
          changed('x_sup', sup([]), { ...sup(['store:make/0']), calls: ['store:make/0'] }),
        ],
      },
    });
    expect(sections['x']).toEqual({
      up: [
        '{load_module, store}',
        '{update, x_sup, supervisor}',
        '{update, a_worker, {advanced, []}}',
        '{load_module, api}',
      ],
      down: [
        '{update, a_worker, {advanced, []}}',
        '{load_module, api}',
        '{update, x_sup, supervisor}',
        '{load_module, store}',
      ],
    });
  });

  it('of a special process that others enter are found by the names of those that start them', () => {
    const loop = (...calls: string[]): LiteralFacts => ({
      exports: ['init/1', 'system_continue/3', 'system_code_change/4'],
      calls,
      details: { starts: [], codeChange: { 'system_code_change/4': 'trivial' } },
    });
    const starter = (module: string, details: LiteralFacts['details']): LiteralFacts => ({
      exports: ['start_link/3'],
      details: {
        starts: [{ starter: 'proc_lib:spawn_link/3', module, function: 'start_link/3' }],
        ...details,
      },
    });
    const { sections } = plan({
      x: {
        same: {
          plain: starter('plain', { otherCalls: ['http:init/1'] }),
          tls: { ...starter('tls', {}), calls: ['http2:init/1'] },
          http: loop('http2:init/1'),
        },
        modules: [changed('http2', loop())],
      },
    });
    expect(sections['x']?.up).toEqual([
      '{update, tls, [http2]}',
      '{load_module, http2, soft_purge, soft_purge, [plain]}',
      '{update, plain}',
    ]);
    const { sections: unseen } = plan({
      x: {
        same: { plain: starter('plain', { otherCalls: ['http:init/1'] }), http: loop() },
        modules: [changed('websocket', loop())],
      },
    });
    expect(unseen['x']?.up).toEqual([
      '{update, plain, [websocket]}',
      '{load_module, websocket, soft_purge, soft_purge, []}',
    ]);
  });

  it('of a special process are not killed in its old code where nobody is seen to start them', () => {
    const entered = { exports: ['system_continue/3', 'system_code_change/4'], details: { starts: [] } };
    const { sections } = plan({ x: { modules: [changed('websocket', entered)] } });
    expect(sections['x']?.up).toEqual(['{update, websocket, {advanced, []}, soft_purge, soft_purge, []}']);
  });

  it('whose process runs another module than the specification names are found by that one', () => {
    const { sections } = plan({
      x: {
        same: {
          x_sup: supervisor(['front']),
          front: {
            details: {
              starts: [{ starter: 'gen_server:start_link/3', module: 'loop', function: 'start_link/0' }],
            },
          },
        },
        modules: [changed('loop', server)],
      },
    });
    expect(sections['x']?.up).toEqual(['{update, front, {advanced, []}, [loop]}', '{load_module, loop}']);
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
