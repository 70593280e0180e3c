import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installationSteps } from '@nx-otp/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeScratchWorkspace, type ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { succeeding } from './support/dummy-workspace.js';
import { scriptedNode, writeFiles } from './support/other-layouts.js';

const node = `depot_${randomBytes(4).toString('hex')}`;

/** The versions of the applications in each version of the release. */
const versions = { core: [0, 1, 2, 2], store: [0, 1, 1, 2], web: [0, 1, 2, 3] } as const;

type Version = 1 | 2 | 3;

/**
 * The release `depot`: `web` asks `store`, which keeps a number, and has `core` dress it. Its third version keeps the
 * number otherwise, and is configured by a template. As people have it: a profile, overlays, a script that says the
 * version, and the mode of rebar3's own template.
 */
function sources(version: Version): Record<string, string> {
  const [core, store, web] = [versions.core[version], versions.store[version], versions.web[version]];
  const configuration =
    version === 3 ? '{sys_config_src, "config/sys.config.src"}' : '{sys_config, "config/sys.config"}';
  return {
    VERSION: `0.${version}`,
    'rebar.config': `{erl_opts, [debug_info]}.
{relx, [
  {release, {depot, "set by the script"}, [sasl, depot_core, depot_store, depot_web]},
  {mode, dev}, {extended_start_script, true}, ${configuration}, {vm_args_src, "config/vm.args.src"},
  {overlay_vars, "config/vars.config"},
  {overlay, [{mkdir, "var"}, {template, "files/site.txt", "etc/site.txt"}]}
]}.
{profiles, [{prod, [{relx, [{overlay_vars, "config/prod.config"}]}]}]}.
`,
    'rebar.config.script': `{ok, Version} = file:read_file(filename:join(filename:dirname(SCRIPT), "VERSION")),
{relx, [{release, {Name, _}, Apps} | Relx]} = lists:keyfind(relx, 1, CONFIG),
lists:keystore(relx, 1, CONFIG, {relx, [{release, {Name, string:trim(binary_to_list(Version))}, Apps} | Relx]}).
`,
    'config/vm.args.src': '-sname ${DEPOT_NODE:-' + node + '}\n-setcookie ' + node + '\n',
    'config/prod.config': '{place, "production"}.\n',
    'config/vars.config': '{place, "development"}.\n',
    'files/site.txt': 'depot {{release_version}} in {{place}}\n',
    'config/sys.config': `[{depot_core, [{mark, "mark ${version}"}]}].\n`,
    'config/sys.config.src': '[{depot_core, [{mark, "${DEPOT_MARK:-unmarked}"}]}].\n',
    'apps/depot_core/src/depot_core.app.src': application('core', core, ''),
    'apps/depot_core/src/depot_core.erl': `-module(depot_core).
-export([dress/1]).
dress(N) -> {core, ${core}, application:get_env(depot_core, mark, none), N}.
`,
    'apps/depot_store/src/depot_store.app.src': application('store', store, ', {mod, {depot_store_app, []}}'),
    'apps/depot_store/src/depot_store_app.erl': supervisor('store'),
    'apps/depot_store/src/depot_store.erl': server(
      'store',
      store === 1
        ? `init(N) -> {ok, N}.
handle_call(get, _, N) -> {reply, N, N};
handle_call({set, N}, _, _) -> {reply, ok, N}.
code_change(_, N, _) -> {ok, N}.
`
        : `-record(state, {n, sets = 0}).
init(N) -> {ok, #state{n = N}}.
handle_call(get, _, S = #state{n = N}) -> {reply, N, S};
handle_call({set, N}, _, S = #state{sets = Sets}) -> {reply, ok, S#state{n = N, sets = Sets + 1}}.
code_change({down, _}, #state{n = N}, _) -> {ok, N};
code_change(_, N, _) -> {ok, #state{n = N}}.
`,
    ),
    'apps/depot_web/src/depot_web.app.src': application('web', web, ', {mod, {depot_web_app, []}}'),
    'apps/depot_web/src/depot_web_app.erl': supervisor('web'),
    'apps/depot_web/src/depot_web.erl': server(
      'web',
      `init(N) -> {ok, N}.
handle_call(get, _, N) -> {reply, {web, ${web}, depot_core:dress(depot_store:call(get))}, N}.
code_change(_, N, _) -> {ok, N}.
`,
    ),
  };
}

function application(name: string, version: number, more: string): string {
  const uses = name === 'web' ? ', depot_core, depot_store' : '';
  return `{application, depot_${name}, [{vsn, "${version}"}, {registered, []}, {applications, [kernel, stdlib${uses}]}${more}]}.\n`;
}

function supervisor(name: string): string {
  return `-module(depot_${name}_app).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1]).
start(_, _) -> supervisor:start_link(?MODULE, []).
stop(_) -> ok.
init([]) -> {ok, {#{}, [#{id => depot_${name}, start => {depot_${name}, start_link, []}}]}}.
`;
}

function server(name: string, callbacks: string): string {
  return `-module(depot_${name}).
-behaviour(gen_server).
-export([start_link/0, call/1, init/1, handle_call/3, handle_cast/2, code_change/3]).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, 0, []).
call(Request) -> gen_server:call(?MODULE, Request).
handle_cast(_, S) -> {noreply, S}.
${callbacks}`;
}

/** What the node answers in each version of the release. */
const answers = [
  '',
  '{web, 1, {core, 1, "mark 1", 7}}',
  '{web, 2, {core, 2, "mark 2", 7}}',
  '{web, 3, {core, 2, "filled in", 7}}',
];

let workspace: ScratchWorkspace;
let project: string;
const bases: string[] = [];
const packageOf = (version: number): string => join(workspace.folder, `depot_0.${version}.tar.gz`);
const upgrade = () =>
  workspace.nx(['run', 'depot:generate-upgrade', ...bases.map((base) => `--previousReleases=${base}`)]);

beforeAll(async () => {
  workspace = await makeScratchWorkspace('depot');
  project = join(workspace.folder, 'depot');
  writeFiles(workspace.folder, {
    'nx.json': '{ "plugins": ["nx-otp"], "analytics": false, "neverConnectToCloud": true }',
  });
});
afterAll(() => {
  workspace.remove();
});

test('three versions are released, and the package of each upgrades from all before', async () => {
  for (const version of [1, 2, 3] as const) {
    writeFiles(project, sources(version));
    if (version === 3) {
      const { status, output } = await upgrade();
      expect({
        status,
        named: /error sys-config-missing: release 0\.3 has releases\/0\.3\/sys\.config\.src/.test(output),
      }).toEqual({ status: 1, named: true });
      writeFiles(project, {
        'rel/upgrade.json': '{ "allow": [{ "rule": "sys-config-missing", "reason": "filled in below" }] }',
      });
    }
    if (version > 1) {
      await succeeding(upgrade());
      copyFileSync(join(project, `dist/upgrade/depot_0.${version}.tar.gz`), packageOf(version));
    }
    await succeeding(workspace.nx(['run', 'depot:generate']));
    const kept = join(workspace.folder, `release ${version}`);
    cpSync(join(project, 'dist/release'), kept, { recursive: true });
    bases.push(kept);
    expect(readFileSync(join(kept, 'etc/site.txt'), 'utf8')).toBe(`depot 0.${version} in production\n`);
  }
  // Each target builds in a folder of its own, and none in that of rebar3.
  expect(readdirSync(project)).not.toContain('_build');
});

test.each([
  ['from one version to the next and back, twice', [2, 3, 2, 1, 2, 1]],
  ['over one version and back, twice', [3, 1, 3, 1]],
])('an umbrella of rebar3 goes %s, by its own script, and keeps its state', async (_, steps) => {
  const live = scriptedNode(bases[0] ?? '', join(workspace.folder, 'live'), 'depot', {
    DEPOT_MARK: 'filled in',
  });
  const value = () => live.script('eval', 'depot_web:call(get).');
  try {
    await live.start();
    await live.script('eval', 'depot_store:call({set, 7}).');
    const unpacked = new Set([1]);
    let from = 1;
    for (const version of steps) {
      const name = `0.${version}`;
      const { copyTo, upgrade, downgrade } = installationSteps('relx', 'depot', name);
      if (!unpacked.has(version)) {
        mkdirSync(dirname(join(live.root, copyTo)), { recursive: true });
        copyFileSync(packageOf(version), join(live.root, copyTo));
        if (version === 3) {
          await live.command(`bin/depot unpack ${name}`);
          execFileSync(join(live.root, `bin/depot-${name}`), ['versions'], {
            env: { ...process.env, DEPOT_MARK: 'filled in' },
          });
        }
        unpacked.add(version);
      }
      for (const line of version > from ? upgrade : downgrade(name)) {
        expect(await live.command(line)).toContain(`Made release permanent: "${name}"`);
      }
      expect(await value()).toBe(answers[version]);
      from = version;
    }
    await live.stop();
    await live.start();
    expect(await live.script('eval', 'depot_store:call(get).')).toBe('0');
  } finally {
    await live.stop();
    rmSync(live.root, { recursive: true, force: true });
  }
});
