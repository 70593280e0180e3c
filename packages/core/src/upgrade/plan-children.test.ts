import { describe, expect, it } from 'vitest';
import { added, changed, removed, type LiteralFacts } from '../../test/releases/literal-facts';
import { planTexts as plan } from '../../test/releases/planned-upgrade';
import { atom, printTerm } from '../erlang';
import type { ChildFacts, SupervisorFacts } from '../facts';

const server: LiteralFacts = { behaviours: ['gen_server'], exports: ['code_change/3'] };

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
