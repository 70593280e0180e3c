import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRelease } from '../../test/releases/build-release';
import { compileModules } from '../../test/releases/compile-modules';
import { readRelease } from '../release';
import { planUpgrade } from '../upgrade/plan-upgrade';

/** The rules on what the compiler makes of ordinary code, with all facts as they are found there. */
type Sources = Readonly<Record<string, string>>;

const application = (start: string): string =>
  `-module(x_app).\n-behaviour(application).\n-export([start/2, stop/1]).\nstart(_, _) -> ${start}.\nstop(_) -> ok.\n`;

const supervisor = (name: string, children: string, before = ''): string =>
  `-module(${name}).\n-behaviour(supervisor).\n-export([start_link/0, init/1]).\n` +
  `start_link() -> supervisor:start_link({local, ${name}}, ?MODULE, []).\n` +
  `init(_) -> ${before}{ok, {#{}, [${children}]}}.\n`;

const server = (name: string, state: string, answer: number, codeChange = '{ok, S}', more = ''): string =>
  `-module(${name}).\n-behaviour(gen_server).\n-export([start_link/0, init/1, handle_call/3, handle_cast/2, code_change/3]).\n${more}` +
  `start_link() -> gen_server:start_link({local, ${name}}, ${name}, [], []).\ninit(_) -> {ok, ${state}}.\n` +
  `handle_call(_, _, S) -> {reply, ${answer}, S}.\nhandle_cast(_, S) -> {noreply, S}.\ncode_change(_, S, _) -> ${codeChange}.\n`;

const child = (id: string, more = ''): string => `#{id => ${id}, start => {${id}, start_link, []}${more}}`;

const floors = `${child('w')}, ${child('p_sup', ', type => supervisor')}`;

const base: Sources = {
  x_app: application('x_sup:start_link()'),
  x_sup: supervisor('x_sup', floors),
  p_sup: supervisor('p_sup', child('v')),
  w: server('w', '{w, 1}', 1),
  v: server('v', '{v, 1}', 1),
  lib: '-module(lib).\n-export([f/0, g/0]).\nf() -> 1.\ng() -> 2.\n',
};

const statem = (mode: string): string =>
  `-module(s).\n-behaviour(gen_statem).\n-export([init/1, callback_mode/0, a/3, handle_event/4]).\ninit(_) -> {ok, a, 1}.\n` +
  `callback_mode() -> ${mode}.\na(_, _, _) -> keep_state_and_data.\nhandle_event(_, _, _, _) -> keep_state_and_data.\n`;

const callback = (fields: string): string =>
  `-module(c).\n-behaviour(b).\n-record(c, {${fields}}).\n-export([prepare/1]).\nprepare(_) -> #c{a = 1}.\n`;

const onLoad = (result: string): string =>
  `-module(n).\n-export([i/0]).\n-on_load(i/0).\ni() -> ${result}.\n`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp rules ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
async function find(previous: Sources, next: Sources): Promise<string[]> {
  const both = {
    ...Object.fromEntries(Object.entries(previous).map(([name, source]) => [`1 ${name}`, source])),
    ...Object.fromEntries(Object.entries(next).map(([name, source]) => [`2 ${name}`, source])),
  };
  const compiled = await compileModules(both);
  const release = async (version: string, sources: Sources) => {
    const beams: Record<string, Buffer> = {};
    for (const name of Object.keys(sources)) {
      const module = compiled[`${version} ${name}`];
      if (module !== undefined) beams[name] = module.beam;
    }
    const fields = { name: 'x', version, beams, properties: ', {mod, {x_app, []}}' };
    return readRelease(
      await buildRelease(join(folder, `${++count}`), { version: `0.${version}`, applications: [fields] }),
    );
  };
  const plan = await planUpgrade({
    previous: [await release('1', previous)],
    next: await release('2', next),
  });
  // What the order of the instructions does has tests of its own.
  const found = plan.diagnostics.filter(({ code }) => code !== 'call-window');
  return found.map(({ severity, code, module = '' }) => `${severity} ${code} ${module}`.trim());
}

describe('the rules on compiled code', () => {
  const lib = (g: string): string => `-module(lib).\n-export([f/0, g/0]).\nf() -> 1.\ng() -> ${g}.\n`;
  const converts = (name: string): string =>
    server(name, `{${name}, 1}`, 2, `{ok, {${name}, element(2, S)}}`);
  const changedW = { w: converts('w') };

  it('have nothing to say of code that changed and nothing else', async () => {
    expect(await find(base, { ...base, ...changedW, v: server('v', '{v, 1}', 2), lib: lib('3') })).toEqual(
      [],
    );
  });

  it('judge a state by its code change', async () => {
    expect(await find(base, { ...base, w: server('w', '{w, 1, 2}', 2) })).toEqual([
      'error state-not-converted w',
    ]);
    const converted = server('w', '{w, 1, 2}', 2, '{ok, {w, element(2, S), 2}}');
    expect(await find(base, { ...base, w: converted })).toEqual([]);
  });

  it.each<[string, Sources]>([
    [
      'a specification that names another module',
      { x_sup: supervisor('x_sup', child('w', ', modules => [lib]')) },
    ],
    [
      'a specification that names the module of the start function',
      {
        x_sup: supervisor('x_sup', child('api')),
        api: '-module(api).\n-export([start_link/0]).\nstart_link() -> gen_server:start_link(w, [], []).\n',
      },
    ],
  ])('are content with what planning does about %s', async (_, both) => {
    const left = { ...base, ...both };
    expect(await find(left, { ...left, ...changedW })).toEqual([]);
    // Where nothing has to be converted nobody is suspended, and the next upgrade may want to.
    expect(await find(left, { ...left, w: server('w', '{w, 1}', 2) })).toEqual([
      'warning child-modules-wrong w',
    ]);
  });

  it.each<[string, Sources, Sources, string[]]>([
    [
      'a subtree that is hidden',
      { x_sup: supervisor('x_sup', `${child('w')}, ${child('p_sup')}`) },
      { v: converts('v') },
      ['warning child-type-wrong x_sup', 'warning code-change-not-called v'],
    ],
    [
      'a process that nobody starts',
      { x_sup: supervisor('x_sup', '') },
      changedW,
      ['warning code-change-not-called w'],
    ],
    [
      'a server that says dynamic',
      { x_sup: supervisor('x_sup', child('w', ', modules => dynamic')) },
      changedW,
      ['error child-modules-wrong x_sup'],
    ],
    [
      'a top process that is no supervisor',
      { x_app: application('w:start_link()') },
      changedW,
      ['error top-process-not-supervisor w', 'info processes-unknown'],
    ],
    [
      'a function that is gone',
      { c: '-module(c).\n-export([h/0]).\nh() -> lib:g().\n' },
      { lib: '-module(lib).\n-export([f/0]).\nf() -> 1.\n' },
      ['warning call-undefined c'],
    ],
    [
      'a loop that stays',
      { lib: lib('receive X -> X ! 1, g() end') },
      { lib: lib('receive X -> X ! 2, g() end') },
      ['error process-stays-in-old-code lib'],
    ],
    [
      'a supervisor that makes a table',
      {},
      {
        x_sup: supervisor(
          'x_sup',
          floors.replace('[]}', '[]}, restart => transient'),
          'ets:new(t, [named_table]), ',
        ),
      },
      ['error supervisor-init-side-effects x_sup', 'info child-specification-changed x_sup'],
    ],
    [
      'a state machine of another mode',
      { s: statem('state_functions') },
      { s: statem('handle_event_function') },
      ['error callback-mode-changed s'],
    ],
    [
      'a state inside the process of a custom behaviour',
      { b: server('b', '{b, 1}', 1, '{ok, S}', '-callback prepare(term()) -> term().\n'), c: callback('a') },
      { c: callback('a, b') },
      ['warning callback-state-not-converted c'],
    ],
    [
      'a module that loads a library',
      { n: onLoad('erlang:load_nif("n", 0)') },
      { n: onLoad('erlang:load_nif("n", 1)') },
      ['error nif-reload n'],
    ],
    [
      'a module with an -on_load function',
      { n: onLoad('ok') },
      { n: onLoad('lib:f(), ok') },
      ['warning on-load n'],
    ],
  ])('find %s', async (_, both, changed, wanted) => {
    expect(await find({ ...base, ...both }, { ...base, ...both, ...changed })).toEqual(wanted);
  });
});
