import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { importReleases } from '@nx-otp/core';
import { toolchainAt, type CacheWorkspace, type OtherToolchain } from './cache-workspace.js';
import { tarballOf } from './dummy-workspace.js';
import { Journal } from './journal.js';

export const tasks = [
  'dummy:compile',
  'dummy:generate',
  'dummy:generate-appups',
  'dummy:generate-upgrade',
  'mixy:compile',
  'mixy:generate',
  'ralf:compile',
  'ralf:generate',
] as const;

export type TaskId = (typeof tasks)[number];

export interface Place {
  readonly workspace: CacheWorkspace;
  readonly journal: Journal;
}

export interface Change {
  readonly name: string;
  readonly make?: (place: Place) => void | Promise<void>;
  /** Beside the environment of all runs. */
  readonly env?: (place: Place) => Readonly<Record<string, string>>;
  /** Of the command line of `generate-upgrade`. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The tasks whose own inputs it changes: these must run again, and all others must not. */
  readonly misses: readonly TaskId[];
}

const compile = 'dummy:compile';
const generate = 'dummy:generate';
const appups = 'dummy:generate-appups';
const upgrade = 'dummy:generate-upgrade';
const mixy: readonly TaskId[] = ['mixy:compile', 'mixy:generate'];
const ralf: readonly TaskId[] = ['ralf:compile', 'ralf:generate'];

const dist = 'dummy/dist/release';
const application = 'dummy/apps/dummy';
const inRelease = `${dist}/lib/dummy-0.2`;

type Step = (journal: Journal) => void;

/** A change of files of the workspace. */
const files = (name: string, misses: readonly TaskId[], step: Step): Change => ({
  name,
  misses,
  make: ({ journal }) => step(journal),
});

const append = (path: string, misses: readonly TaskId[], text = '\n'): Change =>
  files(path, misses, (journal) => journal.append(path, text));

const variable = (name: string, misses: readonly TaskId[], value = 'other'): Change => ({
  name: `${name}=${value}`,
  misses,
  env: () => ({ [name]: value }),
});

const option = (
  name: string,
  misses: readonly TaskId[],
  options: Readonly<Record<string, unknown>>,
): Change => ({
  name,
  misses,
  options,
});

const toolchain = (name: string, misses: readonly TaskId[], other: OtherToolchain): Change => ({
  name,
  misses,
  env: ({ workspace }) => {
    const place = join(workspace.outside, `toolchain of ${name}`);
    const bin = existsSync(place) ? join(place, 'bin') : toolchainAt(place, other);
    return { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  },
});

/** Another content of production, which `previous-release` brings into the workspace. */
const base = (name: string, misses: readonly TaskId[], alter: (production: Journal) => void): Change => ({
  name,
  misses,
  make: async ({ workspace, journal }) => {
    journal.protect('dummy/dist/previous-release');
    const production = join(workspace.outside, 'other', `prod of ${name}`);
    cpSync(workspace.production, production, { recursive: true });
    alter(new Journal(production));
    await importReleases({
      previousReleases: [production],
      outputPath: join(workspace.folder, 'dummy/dist/previous-release'),
    });
  },
});

const comment = '\n%% A comment.\n';

/** Each must run exactly what it names. */
export const changes: readonly Change[] = [
  // What is compiled.
  files('a line of code', [compile], (journal) =>
    journal.replace(`${application}/src/dummy_sup.erl`, 'init(', 'other() -> 1.\ninit('),
  ),
  append(`${application}/src/dummy_app.erl`, [compile], comment),
  append(`${application}/src/dummy.app.src`, [compile]),
  append(`${application}/include/dummy.hrl`, [compile, generate]),
  files('a new module', [compile], (journal) =>
    journal.write(`${application}/src/dummy_new.erl`, '-module(dummy_new).'),
  ),
  files('a module with another name', [compile], (journal) =>
    journal.rename(`${application}/src/dummy_sup.erl`, `${application}/src/dummy_tree.erl`),
  ),
  files('a module that is gone', [compile], (journal) =>
    journal.remove(`${application}/src/dummy_history.erl`),
  ),
  files('a grammar', [compile], (journal) => journal.write(`${application}/src/dummy_yacc.yrl`, 'Root.')),
  files('an appup that was written', [compile], (journal) =>
    journal.write(`${application}/src/dummy.appup.src`, '{"{{vsn}}", [], []}.'),
  ),
  files('an appup that lies in ebin', [compile, generate], (journal) =>
    journal.write(`${application}/ebin/dummy.appup`, '{"0.2", [], []}.'),
  ),
  append('dummy/rebar.config', [compile, generate]),
  files('a rebar.config of the application', [compile, generate], (journal) =>
    journal.write(`${application}/rebar.config`, '{erl_opts, [nowarn_unused_vars]}.'),
  ),
  append('shared/limits.hrl', [compile, ...ralf]),
  append('shared/more/deeper.hrl', [compile, ...ralf]),
  append('shared/erl/dummy_words.erl', [compile, generate], comment),
  append(`${application}/src/dummy_gen.erl`, [compile], comment),
  append('dummy/deps/helper/ebin/helper.app', [compile, generate]),
  files('an application that git ignores', [compile, generate], (journal) => {
    journal.write('dummy/apps/hidden/src/hidden.erl', '-module(hidden).');
    journal.write('dummy/apps/hidden/priv/hidden.txt', 'hidden');
  }),
  variable('ERL_COMPILER_OPTIONS', [compile, ...mixy, ...ralf], '[inline]'),
  variable('ERL_FLAGS', [compile, generate, ...mixy, ...ralf], '-pa elsewhere'),
  variable('ERL_AFLAGS', [compile, generate, ...mixy, ...ralf], '-pa elsewhere'),
  variable('ERL_ZFLAGS', [compile, generate, ...mixy, ...ralf], '-pa elsewhere'),
  {
    name: 'a library of ERL_LIBS',
    misses: tasks,
    env: ({ workspace }) => ({ ERL_LIBS: join(workspace.outside, 'libs/erl') }),
  },

  // What the release is made of.
  files('a beam that was compiled', [generate], (journal) =>
    journal.flip(`${application}/ebin/dummy_server.beam`),
  ),
  append(`${application}/ebin/dummy.app`, [generate]),
  append('dummy/rel/reltool.config', [generate], comment),
  append('dummy/rel/files/sys.config', [generate]),
  append('dummy/rel/files/vm.args', [generate]),
  files('a start script that cannot be run', [generate], (journal) =>
    journal.mode('dummy/rel/files/dummy', 0o644),
  ),
  files('a file of an overlay with another name', [generate], (journal) =>
    journal.rename('dummy/rel/files/vm.args', 'dummy/rel/files/vm.args.src'),
  ),
  append('dummy/scripts/hook.sh', [generate]),
  append('shared/banner.txt', [generate, ...mixy, ...ralf]),
  {
    name: 'a file of an overlay from outside of the workspace',
    misses: [generate],
    make: ({ journal, workspace }) => journal.append(join(workspace.outside, 'site.txt'), 'there\n'),
  },
  append(`${application}/priv/help.md`, [generate]),
  append(`${application}/priv/cache.local`, [generate]),
  files('a new file in priv', [generate], (journal) => journal.write(`${application}/priv/new`, '')),
  files('an empty folder in priv', [generate], (journal) => journal.folder(`${application}/priv/empty`)),
  files('a folder in priv that is a link', [generate], (journal) =>
    journal.link(`${application}/priv/linked`, '../../../../libs'),
  ),
  append('dummy/deps/helper/priv/helper.txt', [compile, generate]),
  append('vendor/words/ebin/words.app', [generate]),
  files('a template with the name of the machine', [generate], (journal) =>
    journal.append('dummy/rel/files/vm.args', '## {{hostname}}\n'),
  ),

  // What an upgrade is planned from.
  files('a beam of the release', [appups, upgrade], (journal) =>
    journal.flip(`${inRelease}/ebin/dummy_server.beam`),
  ),
  append(`${inRelease}/ebin/dummy.app`, [appups, upgrade]),
  append(`${dist}/releases/0.2/dummy.rel`, [appups, upgrade]),
  append(`${dist}/releases/0.2/sys.config`, [appups, upgrade]),
  append(`${dist}/releases/RELEASES`, [appups, upgrade]),
  files('a file that the release does not have any more', [appups, upgrade], (journal) =>
    journal.remove(`${inRelease}/priv/help.md`),
  ),
  files('a file of the release that can be run', [upgrade], (journal) =>
    journal.mode(`${inRelease}/priv/help.md`, 0o755),
  ),
  base('a beam of the base', [appups, upgrade], (production) =>
    production.flip('lib/dummy-0.1/ebin/dummy_server.beam'),
  ),
  base('a new file in the base', [appups, upgrade], (production) =>
    production.write('lib/dummy-0.1/priv/new', ''),
  ),
  base('a program of the base that cannot be run', [appups, upgrade], (production) =>
    production.mode('bin/dummy', 0o644),
  ),
  base('the configuration of the base', [appups, upgrade], (production) =>
    production.append('releases/0.1/sys.config', '\n'),
  ),
  files('a reviewed appup', [appups], (journal) =>
    journal.write('dummy/rel/appups/dummy/0.1_to_0.2.appup', '{"0.2", [{"0.1", []}], [{"0.1", []}]}.'),
  ),
  files('a reviewed appup that git ignores', [appups], (journal) => {
    journal.write('dummy/rel/appups/local/0.1_to_0.2.appup', '{"0.2", [{"0.1", []}], [{"0.1", []}]}.');
  }),
  append('dummy/rel/upgrade.json', [appups]),
  append('tools/say.mjs', [appups]),
  append('tools/said.mjs', [appups]),
  append('node_modules/words-of-others/package.json', [appups]),
  append('package-lock.json', [appups]),
  {
    name: 'a policy at another place',
    misses: [appups],
    make: ({ journal }) => journal.write('policy.json', '{}'),
    options: { policyPath: 'policy.json' },
  },
  {
    name: 'reviewed appups at another place',
    misses: [appups],
    make: ({ journal }) => journal.write('reviewed/dummy/0.1_to_0.2.appup', '{"0.2", [], []}.'),
    options: { appupsPath: 'reviewed' },
  },
  option('--applicationOrder=otp', [appups, upgrade], { applicationOrder: 'otp' }),
  append('dummy/dist/appups/dummy.appup', [upgrade]),
  append('dummy/dist/appups/appups.json', [upgrade]),
  option('--full', [upgrade], { full: true }),
  option('--restartEmulator', [upgrade], { restartEmulator: true }),
  option('--outputPath', [appups, upgrade], { outputPath: 'dummy/dist/elsewhere' }),
  option('--release', [upgrade], { release: 'dummy/dist/release' }),
  option('--appups', [upgrade], { appups: 'dummy/dist/appups' }),

  // The tools, and this plugin.
  toolchain('another patch of OTP', tasks, { otpVersion: '25.2.99' }),
  toolchain('another compiler', tasks, { library: 'compiler-8.2.99' }),
  toolchain('another platform', tasks, { loader: 'ld-musl-x86_64.so.1' }),
  toolchain('another Elixir', mixy, { elixir: '1.99.0' }),
  toolchain('another rebar3', ralf, { rebar3: '\n' }),
  append('node_modules/nx-otp/dist/index.js', tasks),
  append('node_modules/@nx-otp/core/priv/run-transform.mjs', tasks),
  files('another version of a package that the plugin uses', tasks, (journal) =>
    journal.replace(
      'node_modules/@nx-otp/core/node_modules/tar-stream/package.json',
      '"version": "',
      '"version": "9',
    ),
  ),

  // mix
  append('mixy/lib/mixy/server.ex', mixy, '\n# A comment.\n'),
  files('a new module of Elixir', mixy, (journal) =>
    journal.write('mixy/lib/new.ex', 'defmodule New do\nend\n'),
  ),
  append('mixy/mix.exs', mixy),
  append('mixy/mix.lock', mixy),
  append('mixy/config/config.exs', mixy),
  append('mixy/config/runtime.exs', mixy),
  append('mixy/config/prod.secret.exs', mixy),
  append('mixy/priv/static/app.local', mixy),
  append('mixy/priv/help.md', mixy),
  append('mixy/rel/env.sh.eex', mixy),
  files('an overlay of mix that cannot be run', ['mixy:generate'], (journal) =>
    journal.mode('mixy/rel/overlays/bin/hook', 0o644),
  ),
  append('libs/money/lib/money.ex', mixy),
  append('libs/money/mix.exs', mixy),
  files('documentation that a module reads', mixy, (journal) =>
    journal.write('mixy/lib/docs.ex', 'defmodule Docs do\n  @moduledoc File.read!("README.md")\nend\n'),
  ),
  variable('MIX_ENV', mixy),
  variable('MIX_TARGET', mixy),
  variable('MIXY_PLACE', mixy),
  variable('ELIXIR_ERL_OPTIONS', mixy, '-pa elsewhere'),

  // rebar3
  append('ralf/src/ralf_server.erl', ralf, comment),
  append('ralf/src/ralf_gen.erl', ralf, comment),
  append('ralf/src/ralf.app.src', ralf),
  append('ralf/include/ralf.hrl', ralf),
  append('ralf/rebar.config', ralf, comment),
  append('ralf/rebar.config.script', ralf, comment),
  append('ralf/rebar.lock', ralf),
  append('ralf/vm.args', ralf),
  append('ralf/sys.config', ralf),
  append('ralf/priv/cache.local', ralf),
  files('a program in priv that cannot be run', ['ralf:generate'], (journal) =>
    journal.mode('ralf/priv/start.sh', 0o644),
  ),
  files('an appup of rebar3', ralf, (journal) =>
    journal.write('ralf/src/ralf.appup.src', '{"0.1", [], []}.'),
  ),
  variable('REBAR_CONFIG', ralf, 'other.config'),
  variable('RALF_PLACE', ralf),
];

/** What must make a rehearsal anew; it is asked for by itself, since what it needs then takes no options. */
export const rehearsalChanges: readonly Omit<Change, 'misses'>[] = [
  ...changes.filter(({ name }) =>
    / of the base$| the base$|^another (?!Elixir|rebar3)|ERL_LIBS|@nx-otp/.test(name),
  ),
  ...[
    files('a package', [], (journal) => journal.flip('dummy/dist/upgrade/dummy_0.2.tar.gz')),
    append('dummy/dist/upgrade/dummy_0.2.json', []),
    files('probes', [], (journal) => journal.append('dummy/rel/probes.json', '\n')),
    files('no probes', [], (journal) => journal.remove('dummy/rel/probes.json')),
    files('a module for probes', [], (journal) => {
      journal.replace('dummy/rel/probes.json', '{', '{ "modules": ["../../tools/probe.erl"],');
      journal.write('tools/probe.erl', '-module(probe).\n');
    }),
    files('the configuration of the rehearsal', [], (journal) =>
      journal.write('dummy/rel/rehearsal.config', '[].'),
    ),
    {
      name: 'probes at another place',
      make: ({ journal }: Place) => journal.write('other.json', '{}'),
      options: { probes: 'other.json' },
    },
    option('--clients', [], { clients: 2 }),
    option('--network', [], { network: 'shared' }),
    option('--probeTimeout', [], { probeTimeout: 1 }),
  ],
];

/** None of these may run anything, alone or together. */
export const noChanges: readonly Change[] = [
  append('README.md', []),
  append('dummy/README.md', []),
  append('dummy/docs/usage.md', []),
  append(`${application}/README.md`, []),
  append(`${application}/test/dummy_tests.erl`, [], comment),
  append('mixy/README.md', []),
  append('mixy/CHANGELOG.md', []),
  append('mixy/docs/usage.md', []),
  append('mixy/.formatter.exs', []),
  append('mixy/test/mixy_test.exs', []),
  append('libs/money/test/money_test.exs', []),
  append('ralf/README.md', []),
  append('ralf/docs/usage.md', []),
  append('ralf/test/ralf_tests.erl', [], comment),
  files('another project', [], (journal) => journal.write('other/src/other.erl', '-module(other).')),
  files('a header of another project', [], (journal) => journal.write('other/include/other.hrl', '')),
  files('what an editor leaves', [], (journal) => {
    journal.write(`${application}/src/.dummy_sup.erl.swp`, 'x');
    journal.write('mixy/lib/.mixy.ex.swp', 'x');
    journal.write('ralf/src/.ralf.erl.swp', 'x');
  }),
  files('what a crash leaves', [], (journal) => {
    for (const project of ['dummy', 'mixy', 'ralf']) journal.write(`${project}/erl_crash.dump`, 'x');
  }),
  files('what a run left in dist', [], (journal) => {
    for (const project of ['dummy', 'mixy', 'ralf']) journal.write(`${project}/dist/other/file`, 'x');
  }),
  files('what the tools leave', [], (journal) => {
    journal.write('mixy/_build/prod/lib/x', 'x');
    journal.write('ralf/_build/prod/lib/x', 'x');
  }),
  files('a note beside reviewed appups', [], (journal) => journal.write('dummy/rel/appups/README.md', 'x')),
  files('a setting of a CI', [], (journal) => {
    for (const project of ['dummy', 'mixy', 'ralf'])
      journal.write(`${project}/.github/workflows/ci.yml`, 'x');
  }),
  {
    name: 'files of another day',
    misses: [],
    make: ({ workspace }) => {
      const day = new Date('2001-02-03T04:05:06Z');
      for (const path of sources) utimesSync(join(workspace.folder, path), day, day);
    },
  },
  files('files that a group may write', [], (journal) => {
    for (const path of sources) journal.mode(path, 0o664);
  }),
  toolchain('the same tools at another place', [], {}),
  ...Object.entries({
    TZ: 'Asia/Tokyo',
    LANG: 'de_DE.UTF-8',
    LC_ALL: 'C',
    SOURCE_DATE_EPOCH: '1',
    HOME: '/nowhere',
    USER: 'somebody',
    TERM: 'dumb',
    CI: 'true',
    HEX_HOME: '/nowhere',
    HEX_OFFLINE: '1',
    MIX_QUIET: '1',
    ERL_CRASH_DUMP: '/dev/null',
    ERL_EPMD_PORT: '4370',
    REBAR_COLOR: 'low',
    RELX_REPLACE_OS_VARS: 'true',
    RELEASE_NODE: 'other',
    MIXY_PORT: '4000',
  }).map(([name, value]) => variable(name, [], value)),
];

const sources = [
  `${application}/src/dummy_app.erl`,
  `${application}/src/dummy.app.src`,
  'dummy/rebar.config',
  'dummy/rel/reltool.config',
  'dummy/rel/files/sys.config',
  'mixy/mix.exs',
  'mixy/lib/mixy/server.ex',
  'ralf/rebar.config',
  'ralf/src/ralf_server.erl',
];

/** What happens to production without changing the release that it is; each must leave the copy in the workspace as it is. */
export const sameBases: readonly {
  readonly name: string;
  readonly of: (workspace: CacheWorkspace) => string;
}[] = [
  { name: 'in another folder', of: (workspace) => copyOf(workspace, 'für später') },
  {
    name: 'as a tarball',
    of: ({ production, outside }) => tarballOf(production, join(outside, 'dummy_0.1.tar.gz')),
  },
  {
    name: 'as an uncompressed tarball at another place',
    of: ({ production, outside }) => {
      const file = join(outside, 'dummy 0.1.tar');
      execFileSync('tar', ['-cf', file, '-C', production, '.']);
      return file;
    },
  },
  {
    name: 'with logs, a cookie and a database',
    of: (workspace) => {
      const folder = copyOf(workspace, 'installed');
      for (const path of ['log/console.log', 'releases/COOKIE', 'Mnesia/schema.DAT']) {
        execFileSync('mkdir', ['-p', join(folder, path, '..')]);
        execFileSync('cp', [join(folder, 'releases/RELEASES'), join(folder, path)]);
      }
      return folder;
    },
  },
  {
    name: 'that a group may write',
    of: (workspace) => {
      const folder = copyOf(workspace, 'writable');
      execFileSync('chmod', ['-R', 'g+w', folder]);
      return folder;
    },
  },
];

function copyOf({ production, outside }: CacheWorkspace, name: string): string {
  const folder = join(outside, name);
  cpSync(production, folder, { recursive: true });
  return folder;
}
