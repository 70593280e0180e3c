import { describe, expect, it } from 'vitest';
import { added, changed, facts, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { appFile } from '../../test/releases/build-release';
import type { ModuleDiff } from '../diff';
import { printTerm, readTerms } from '../erlang';
import { instructionToTerm } from './instruction';
import { moduleRole } from './module-role';
import type { Direction } from './module-step';
import { planInstructions } from './plan-appup';
import { parseAppFile } from '../release/app-file';
import type { ApplicationInRelease } from '../release';
import { translateScripts } from '../relup/translate-scripts';

function plan(modules: readonly ModuleDiff[], direction: Direction): string[] {
  return planInstructions({ name: 'x', modules }, direction).map(({ instruction }) =>
    printTerm(instructionToTerm(instruction, { shortest: true })),
  );
}

const both = (modules: readonly ModuleDiff[]) => ({ up: plan(modules, 'up'), down: plan(modules, 'down') });

describe('the instruction for a module', () => {
  const genServer: LiteralFacts = { behaviours: ['gen_server'], exports: ['code_change/3'] };

  it.each<[string, ModuleDiff, { up: string; down: string }]>([
    ['a module without processes', changed('m'), { up: '{load_module, m}', down: '{load_module, m}' }],
    [
      'a gen_server with code_change',
      changed('m', genServer),
      { up: '{update, m, {advanced, []}}', down: '{update, m, {advanced, []}}' },
    ],
    [
      'a gen_server that gained code_change: the newer code converts, both ways',
      changed('m', { behaviours: ['gen_server'] }, genServer),
      { up: '{update, m, {advanced, []}}', down: '{update, m, {advanced, []}}' },
    ],
    [
      'a gen_server that lost code_change: nothing may call it',
      changed('m', genServer, { behaviours: ['gen_server'] }),
      { up: '{load_module, m}', down: '{load_module, m}' },
    ],
    [
      'a supervisor',
      changed('m', { behaviours: ['supervisor'] }),
      { up: '{update, m, supervisor}', down: '{update, m, supervisor}' },
    ],
    ['a new module', added('m'), { up: '{add_module, m}', down: '{delete_module, m}' }],
    ['a module that is gone', removed('m'), { up: '{delete_module, m}', down: '{add_module, m}' }],
  ])('%s', (_, module, expected) => {
    expect(both([module])).toEqual({ up: [expected.up], down: [expected.down] });
  });

  it('is none for a module that only says the same in other bytes', () => {
    expect(both([{ kind: 'equivalent', name: 'm', differences: ['line-numbers'] }])).toEqual({
      up: [],
      down: [],
    });
  });

  it('says why it is there and is the one it is', () => {
    const attributes: ModuleDiff = {
      kind: 'changed',
      name: 'm',
      change: 'attributes',
      previous: facts('m'),
      next: facts('m'),
    };
    expect(planInstructions({ name: 'x', modules: [attributes] }, 'up').map(({ reason }) => reason)).toEqual([
      'no process keeps a state for it, and only its attributes changed',
    ]);
    expect(
      planInstructions({ name: 'x', modules: [changed('m', genServer)] }, 'down').map(({ reason }) => reason),
    ).toEqual([
      'a gen_server with code_change/3, and its code changed: its processes are suspended and convert their state',
    ]);
    expect(
      planInstructions({ name: 'x', modules: [changed('m', { behaviours: ['gen_statem'] })] }, 'up').map(
        ({ reason }) => reason,
      ),
    ).toEqual(['a gen_statem without code_change/4, which an update would call, and its code changed']);
  });
});

describe('the role of a module', () => {
  it.each<[string, LiteralFacts, string]>([
    ['gen_statem', { behaviours: ['gen_statem'], exports: ['code_change/4'] }, 'process unknown'],
    [
      'gen_statem with the code_change of a gen_server',
      { behaviours: ['gen_statem'], exports: ['code_change/3'] },
      'process missing',
    ],
    ['gen_event', { behaviours: ['gen_event'], exports: ['code_change/3'] }, 'process unknown'],
    [
      'GenServer of Elixir with the code_change that use writes',
      {
        behaviours: ['Elixir.GenServer'],
        exports: ['code_change/3'],
        details: { codeChange: { 'code_change/3': 'default' } },
      },
      'process default',
    ],
    ['Supervisor of Elixir', { behaviours: ['Elixir.Supervisor'] }, 'supervisor'],
    ['special process that names no behaviour', { exports: ['system_code_change/4'] }, 'process unknown'],
    [
      'special process that its parent takes for a supervisor',
      { behaviours: ['supervisor'], exports: ['system_code_change/4'] },
      'process unknown',
    ],
    ['application', { behaviours: ['application'] }, 'functional'],
    [
      'second of two behaviours',
      { behaviours: ['my_api', 'gen_server'], exports: ['code_change/3'] },
      'process unknown',
    ],
    [
      'gen_server that names no behaviour',
      { exports: ['init/1', 'handle_call/3', 'handle_cast/2'] },
      'process missing',
    ],
  ])('%s', (_, literal, kind) => {
    const role = moduleRole(facts('m', literal));
    expect(role.kind === 'process' ? `process ${role.conversion}` : role.kind).toBe(kind);
  });
});

describe('the order of instructions', () => {
  it('has the callee first where a call is added, and the caller first on the way back', () => {
    const modules = [
      changed('a_caller', {}, { calls: ['z_callee:new/0'] }),
      changed('z_callee', {}, { exports: ['new/0'] }),
    ];
    expect(both(modules)).toEqual({
      up: ['{load_module, z_callee}', '{load_module, a_caller}'],
      down: ['{load_module, a_caller}', '{load_module, z_callee}'],
    });
  });

  it('has the caller first where a call is removed, and the callee first on the way back', () => {
    const modules = [
      changed('a_callee', { exports: ['old/0'] }, {}),
      changed('z_caller', { calls: ['a_callee:old/0'] }, {}),
    ];
    expect(both(modules)).toEqual({
      up: ['{load_module, z_caller}', '{load_module, a_callee}'],
      down: ['{load_module, a_callee}', '{load_module, z_caller}'],
    });
  });

  it('goes by names where calls stay as they are', () => {
    const modules = [changed('b', { calls: ['a:f/0'] }), changed('a', { exports: ['f/0'] })];
    expect(both(modules)).toEqual({
      up: ['{load_module, a}', '{load_module, b}'],
      down: ['{load_module, a}', '{load_module, b}'],
    });
  });

  it('has new modules before those that change, and these before those that go', () => {
    expect(both([removed('a'), changed('b'), added('c')])).toEqual({
      up: ['{add_module, c}', '{load_module, b}', '{delete_module, a}'],
      down: ['{add_module, a}', '{load_module, b}', '{delete_module, c}'],
    });
  });

  it('has a new module after the one whose new function it calls', () => {
    const modules = [added('a', { calls: ['b:new/0'] }), changed('b', {}, { exports: ['new/0'] })];
    expect(both(modules)).toEqual({
      up: ['{load_module, b}', '{add_module, a}'],
      down: ['{delete_module, a}', '{load_module, b}'],
    });
  });

  it('makes one suspended group of a process and a module between which a call is added and one removed', () => {
    const server = { behaviours: ['gen_server'] };
    const modules = [
      changed('a', { ...server, calls: ['b:old/0'] }, { ...server, calls: ['b:new/0'] }),
      changed('b', { exports: ['old/0'] }, { exports: ['new/0'] }),
    ];
    expect(both(modules)).toEqual({
      up: ['{update, a, [b]}', '{load_module, b}'],
      down: ['{update, a, [b]}', '{load_module, b}'],
    });
  });

  it('puts one after the other what no process waits for', () => {
    const modules = [
      changed('a', { calls: ['b:old/0'] }, { calls: ['b:new/0'] }),
      changed('b', { exports: ['old/0'] }, { exports: ['new/0'] }),
    ];
    expect(both(modules)).toEqual({
      up: ['{load_module, b}', '{load_module, a}'],
      down: ['{load_module, a}', '{load_module, b}'],
    });
  });

  it('makes one group of a circle, and puts what it needs before it and what needs it after it', () => {
    const server = { behaviours: ['gen_server'] };
    const modules = [
      changed('a', server, { ...server, exports: ['new/0'], calls: ['b:new/0', 'z:new/0'] }),
      changed('b', {}, { exports: ['new/0'], calls: ['c:new/0'] }),
      changed('c', {}, { exports: ['new/0'], calls: ['a:new/0'] }),
      changed('y', {}, { calls: ['c:new/0'] }),
      changed('z', {}, { exports: ['new/0'] }),
    ];
    expect(plan(modules, 'up')).toEqual([
      '{load_module, z}',
      '{update, a, [b]}',
      '{load_module, b, [c]}',
      '{load_module, c}',
      '{load_module, y}',
    ]);
    expect(planInstructions({ name: 'x', modules }, 'up')[2]?.reason).toBe(
      'no process keeps a state for it, and its code changed, together with a, c',
    );
  });

  it('has the relup load a new module before its caller, also within a group', () => {
    const modules = [
      added('a', { exports: ['new/0'], calls: ['b:new/0'] }),
      changed('b', {}, { exports: ['new/0'], calls: ['a:new/0'] }),
    ];
    const listing = (names: readonly string[]): ApplicationInRelease => ({
      name: 'x',
      version: '1',
      startType: 'permanent',
      includedApplications: [],
      resource: parseAppFile(readTerms(appFile({ name: 'x', version: '1', listed: names }), 'x.app')),
    });
    const relup = (direction: Direction): string[] => {
      const instructions = planInstructions({ name: 'x', modules }, direction).map(({ instruction }) => ({
        term: instructionToTerm(instruction),
      }));
      const newer = listing(['a', 'b']);
      const older = listing(['b']);
      const translated = translateScripts({
        direction,
        scripts: [{ application: 'x', instructions }],
        entered: direction === 'up' ? [newer] : [older],
        left: direction === 'up' ? [older] : [newer],
      });
      expect(translated.problems).toEqual([]);
      return translated.instructions.flatMap((one) =>
        one.kind === 'load' || one.kind === 'remove' ? [`${one.kind} ${one.module}`] : [],
      );
    };
    expect({ up: relup('up'), down: relup('down') }).toEqual({
      up: ['load a', 'load b'],
      down: ['load b', 'remove a'],
    });
  });

  it('does not mind a module that calls itself, or one that did not change', () => {
    const modules = [changed('a', {}, { exports: ['f/0'], calls: ['a:f/0', 'lists:map/2'] })];
    expect(plan(modules, 'up')).toEqual(['{load_module, a}']);
  });

  it('carries chains of 20,000 modules', () => {
    const size = 20_000;
    const name = (index: number): string => `m${String(index).padStart(5, '0')}`;
    const chain = Array.from({ length: size }, (_, index) =>
      changed(
        name(index),
        {},
        { exports: ['new/0'], calls: index === size - 1 ? [] : [`${name(index + 1)}:new/0`] },
      ),
    );
    const up = planInstructions({ name: 'x', modules: chain }, 'up').map(({ instruction }) => instruction);
    expect(up).toHaveLength(size);
    expect(up[0]).toMatchObject({ module: name(size - 1) });
    expect(up.at(-1)).toMatchObject({ module: name(0) });
  });
});

describe('a record that several modules use, with other fields', () => {
  const using = (fields: readonly string[], more: LiteralFacts = {}): LiteralFacts => ({
    ...more,
    details: {
      usedRecords: ['user'],
      records: { user: fields },
      codeChange: { 'code_change/3': 'converts' },
    },
  });
  const helper = (name: string, calls: readonly string[] = []): ModuleDiff =>
    changed(name, using(['id'], { calls }), using(['id', 'mail'], { calls }));
  const server: LiteralFacts = {
    behaviours: ['gen_server'],
    exports: ['code_change/3'],
    calls: ['codec:f/1'],
  };

  it('joins a process and what it reaches, since one would meet the records of the other', () => {
    const modules = [
      changed('s', using(['id'], server), using(['id', 'mail'], server)),
      helper('codec', ['deep:f/1']),
      helper('deep'),
      helper('elsewhere'),
    ];
    expect(both(modules).up).toEqual([
      '{update, s, {advanced, []}, [codec]}',
      '{load_module, codec, [deep]}',
      '{load_module, deep}',
      '{load_module, elsewhere}',
    ]);
    expect(both(modules).down).toEqual(both(modules).up);
  });

  it('joins nobody where the fields stay as they are, or no process is among them', () => {
    const same = [changed('s', using(['id'], server)), changed('codec', using(['id']))];
    expect(both(same).up).toEqual(['{load_module, codec}', '{update, s, {advanced, []}}']);
    expect(both([helper('api', ['codec:f/1']), helper('codec')]).up).toEqual([
      '{load_module, api}',
      '{load_module, codec}',
    ]);
  });
});

/** A supervisor `name` with a child `id` that `worker:start_link/arity` starts. */
function supervising(
  name: string,
  strategy: string,
  { id = 'w', worker = 'worker', args = '[]', arity = 0 },
): LiteralFacts {
  const child = {
    id,
    startModule: worker,
    function: 'start_link',
    arity,
    args,
    restart: 'permanent',
    shutdown: '5000',
    type: 'worker',
    modules: [worker],
  };
  return {
    behaviours: ['supervisor'],
    details: {
      supervisors: [
        { kind: 'callback', function: 'init/1', name, strategy, sideEffects: [], children: [child] },
      ],
    },
  };
}

it('takes any longer start function for the one that a simple_one_for_one supervisor calls', () => {
  const pool = (args: string, arity: number): LiteralFacts =>
    supervising('a_pool', 'simple_one_for_one', { args, arity });
  const modules = [
    changed('a_pool', pool('[]', 0), pool('[option]', 1)),
    changed('worker', { exports: ['start_link/1'] }, { exports: ['start_link/1', 'start_link/2'] }),
  ];
  expect(both(modules).up).toEqual(['{load_module, worker}', '{update, a_pool, supervisor}']);
  expect(both(modules).down).toEqual(['{update, a_pool, supervisor}', '{load_module, worker}']);
});

it('stops a child that another module starts from now on as late as it can', () => {
  const modules = [
    changed('a_lib'),
    removed('old', { behaviours: ['gen_server'] }),
    changed(
      'the_sup',
      supervising('the_sup', 'one_for_one', { worker: 'old' }),
      supervising('the_sup', 'one_for_one', { worker: 'young' }),
    ),
    added('young', { behaviours: ['gen_server'] }),
  ];
  expect(both(modules).up).toEqual([
    '{add_module, young}',
    '{load_module, a_lib}',
    '{apply, {supervisor, terminate_child, [the_sup, w]}}',
    '{update, the_sup, supervisor}',
    '{apply, {supervisor, restart_child, [the_sup, w]}}',
    '{delete_module, old}',
  ]);
});
