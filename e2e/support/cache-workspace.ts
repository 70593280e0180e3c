import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeScratchWorkspace, type ScratchWorkspace } from '../../tools/scratch-workspace.mjs';
import { editFile, succeeding } from './dummy-workspace.js';
import { mixSources, relxSources, writeFiles } from './other-layouts.js';

/** A workspace with a project of each tool, and with inputs in all the places where they may lie. */
export interface CacheWorkspace extends ScratchWorkspace {
  /** A folder beside the workspace: production, and other things that Nx does not see. */
  readonly outside: string;
  /** Release 0.1 of `dummy` as it was installed; in `outside`. */
  readonly production: string;
}

const repository = dirname(dirname(__dirname));

export async function cacheWorkspace(purpose: string): Promise<CacheWorkspace> {
  const scratch = await makeScratchWorkspace(purpose);
  const outside = join(scratch.folder, '..', `${purpose}-outside-${process.pid}`);
  mkdirSync(outside);
  ownModules(scratch.folder);
  await scratch.setVersion('0.1');
  await succeeding(scratch.nx(['run', 'dummy:generate']));
  const production = join(outside, 'prod');
  cpSync(join(scratch.project, 'dist', 'release'), production, { recursive: true });
  await scratch.setVersion('0.2');
  inputsEverywhere(scratch, outside);
  return {
    ...scratch,
    outside,
    production,
    remove: () => {
      scratch.remove();
      if (process.env['NX_OTP_KEEP'] !== '1') rmSync(outside, { recursive: true, force: true });
    },
  };
}

/** The plugin is a copy, so that a test can change it. */
function ownModules(workspace: string): void {
  const modules = join(workspace, 'node_modules');
  const real = join(repository, 'node_modules');
  rmSync(modules);
  mkdirSync(join(modules, '@nx-otp'), { recursive: true });
  for (const name of ['nx-otp', '@nx-otp/core']) {
    const original = realpathSync(join(real, name));
    cpSync(original, join(modules, name), {
      recursive: true,
      filter: (path) => !/^\/(?:src\/.*\.ts|test\/.*|.*\.tsbuildinfo)$/.test(path.slice(original.length)),
    });
  }
  for (const name of readdirSync(real)) {
    if (!existsSync(join(modules, name))) symlinkSync(join(real, name), join(modules, name));
  }
}

function inputsEverywhere({ folder, project }: ScratchWorkspace, outside: string): void {
  writeFiles(folder, {
    'nx.json': JSON.stringify({ plugins: ['nx-otp'], neverConnectToCloud: true, analytics: false }),
    'dummy/project.json': '{ "name": "dummy" }',
    'README.md': 'The workspace.\n',
    'package-lock.json': '{ "name": "x", "lockfileVersion": 3, "packages": { "": {} } }\n',

    // Headers of others.
    'shared/limits.hrl': '-include("more/deeper.hrl").\n-define(LIMIT, ?DEEPER).\n',
    'shared/more/deeper.hrl': '-define(DEEPER, 10).\n',
    'shared/banner.txt': 'dummy\n',
    'shared/erl/dummy_words.erl': '-module(dummy_words).\n-export([all/0]).\nall() -> [one, two].\n',
    // A library that was built already.
    'vendor/words/ebin/words.app':
      '{application, words, [{description, ""}, {registered, []}, {vsn, "1"}, {modules, []}, {applications, [kernel]}]}.\n',
    // What a transform imports.
    'tools/say.mjs': `import './said.mjs';\nimport 'words-of-others';\nexport default () => undefined;\n`,
    'tools/said.mjs': 'export {};\n',
    'node_modules/words-of-others/package.json':
      '{ "name": "words-of-others", "version": "1.0.0", "main": "main.js" }',
    'node_modules/words-of-others/main.js': '',
  });
  writeFiles(outside, { 'site.txt': 'here\n', 'libs/erl/own/ebin/own.app': '{application, own, []}.\n' });
  writeFiles(project, {
    'README.md': 'dummy\n',
    'docs/usage.md': 'Use it.\n',
    'scripts/hook.sh': '#!/bin/sh\n',
    'rel/upgrade.json': '{ "transforms": ["../../tools/say.mjs"] }',
    'apps/dummy/README.md': 'dummy\n',
    'apps/dummy/include/dummy.hrl': '-define(NAME, dummy).\n',
    'apps/dummy/priv/help.md': 'Help.\n',
    'apps/dummy/priv/cache.local': 'ignored by git\n',
    'apps/dummy/src/dummy_gen.erl': '-module(dummy_gen).\n-export([made/0]).\nmade() -> yes.\n',
    'apps/dummy/test/dummy_tests.erl': '-module(dummy_tests).\n',
    'deps/helper/ebin/helper.app':
      '{application, helper, [{vsn, "1"}, {modules, []}, {applications, []}]}.\n',
    'deps/helper/priv/helper.txt': 'helper\n',
  });
  writeFileSync(
    join(folder, '.gitignore'),
    `${readFileSync(join(folder, '.gitignore'), 'utf8')}deps/\n/dummy/apps/hidden/\n/dummy/rel/appups/local/\n*_gen.erl\n*.local\n*.secret.exs\n*.swp\n`,
  );
  symlinkSync('../../../../shared/erl', join(project, 'apps/dummy/src/words'));
  chmodSync(join(project, 'scripts/hook.sh'), 0o755);
  editFile(
    join(project, 'apps/dummy/src/dummy_history.erl'),
    '-define(LENGTH, 10).',
    '-include("../../../../shared/limits.hrl").\n-define(LENGTH, ?LIMIT).',
  );
  editFile(
    join(project, 'rel/reltool.config'),
    '{lib_dirs, ["../apps"]}',
    '{lib_dirs, ["../apps", "../../vendor"]}',
  );
  editFile(
    join(project, 'rel/reltool.config'),
    '{app, sasl, [{incl_cond, include}]},',
    '{app, sasl, [{incl_cond, include}]},\n    {app, words, [{incl_cond, include}]},',
  );
  editFile(
    join(project, 'rel/reltool.config'),
    '{mkdir, "log"},',
    `{mkdir, "log"},
    {copy, "../scripts/hook.sh", "bin/hook.sh"},
    {copy, "../../shared/banner.txt", "etc/banner.txt"},
    {copy, "${join(outside, 'site.txt')}", "etc/site.txt"},`,
  );

  writeFiles(join(folder, 'mixy'), {
    ...mixSources('0.1.0', 'n', ', releases: [mixy: []], deps: [{:money, path: "../libs/money"}]'),
    'mix.lock': '%{}\n',
    'README.md': 'mixy\n',
    'CHANGELOG.md': 'new\n',
    'docs/usage.md': 'Use it.\n',
    '.formatter.exs': '[]\n',
    'config/config.exs': 'import Config\nconfig :mixy, place: System.get_env("MIXY_PLACE")\n',
    'config/runtime.exs': 'import Config\nconfig :mixy, port: System.get_env("MIXY_PORT")\n',
    'config/prod.secret.exs': 'import Config\n',
    'priv/static/app.local': 'made by a bundler\n',
    'priv/help.md': 'Help.\n',
    'rel/env.sh.eex': '#!/bin/sh\n',
    'rel/overlays/bin/hook': '#!/bin/sh\n',
    'lib/mixy/terms.ex':
      'defmodule Mixy.Terms do\n  @external_resource "../../../shared/banner.txt"\n  def all, do: []\nend\n',
    'test/mixy_test.exs': '1\n',
  });
  chmodSync(join(folder, 'mixy/rel/overlays/bin/hook'), 0o755);
  writeFiles(join(folder, 'libs/money'), {
    'mix.exs': '[app: :money]\n',
    'lib/money.ex': 'defmodule Money do\nend\n',
    'test/money_test.exs': '1\n',
  });
  writeFiles(join(folder, 'ralf'), {
    ...relxSources('0.1', 'N', 'ralf', '{overlay, [{copy, "../shared/banner.txt", "etc/banner.txt"}]}'),
    'rebar.config.script': 'os:getenv("RALF_PLACE"), CONFIG.\n',
    'rebar.lock': '[].\n',
    'README.md': 'ralf\n',
    'docs/usage.md': 'Use it.\n',
    'include/ralf.hrl': '-define(NAME, ralf).\n',
    'src/ralf_gen.erl': '-module(ralf_gen).\n',
    'src/ralf_limits.erl': '-module(ralf_limits).\n-include("../../shared/limits.hrl").\n',
    'priv/start.sh': '#!/bin/sh\n',
    'priv/cache.local': 'ignored by git\n',
    'test/ralf_tests.erl': '-module(ralf_tests).\n',
  });
  chmodSync(join(folder, 'ralf/priv/start.sh'), 0o755);
}

/** What a toolchain of these tests may have otherwise than the one that is installed. */
export interface OtherToolchain {
  /** Such as `25.2.4`, of the same release. */
  readonly otpVersion?: string;
  /** Such as `compiler-8.2.9`, in the place of the library of that name. */
  readonly library?: string;
  /** What the emulator is made for: the name of the loader in its header. */
  readonly loader?: string;
  readonly elixir?: string;
  /** What else is in rebar3. */
  readonly rebar3?: string;
}

/**
 * The files by which installations of Erlang/OTP, Elixir and rebar3 tell their versions, at another place.
 * @returns the folder for PATH. Nothing in it can be run
 */
export function toolchainAt(folder: string, other: OtherToolchain = {}): string {
  const real = installation('erl');
  const [, release = ''] = readFileSync(join(real, 'releases/start_erl.data'), 'utf8').trim().split(/\s+/);
  const library = /^(\w+)-/.exec(other.library ?? '')?.[1];
  for (const name of readdirSync(join(real, 'lib'))) {
    const own = library !== undefined && name.startsWith(`${library}-`) ? (other.library ?? name) : name;
    mkdirSync(join(folder, 'otp/lib', own), { recursive: true });
  }
  for (const erts of readdirSync(real).filter((name) => name.startsWith('erts-'))) {
    mkdirSync(join(folder, 'otp', erts, 'bin'), { recursive: true });
    const header = beginningOf(join(real, erts, 'bin/beam.smp'));
    const text = other.loader === undefined ? header : header.replace(/ld-linux[\w.-]*/, other.loader);
    writeFileSync(join(folder, 'otp', erts, 'bin/beam.smp'), text, 'latin1');
  }
  const versionFile = join('releases', release, 'OTP_VERSION');
  writeFiles(join(folder, 'otp'), {
    'releases/start_erl.data': readFileSync(join(real, 'releases/start_erl.data'), 'utf8'),
    [versionFile]: other.otpVersion ?? readFileSync(join(real, versionFile), 'utf8'),
    'bin/erl': '',
  });
  const elixir = join(installation('mix'), 'lib/elixir/ebin/elixir.app');
  const said = readFileSync(elixir, 'utf8');
  writeFiles(join(folder, 'elixir'), {
    'lib/elixir/ebin/elixir.app': said.replace(/(\{vsn,\s*")[^"]+/, (all, start: string) =>
      other.elixir === undefined ? all : start + other.elixir,
    ),
    'bin/mix': '',
  });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync('../otp/bin/erl', join(bin, 'erl'));
  symlinkSync('../elixir/bin/mix', join(bin, 'mix'));
  const rebar3 = readFileSync(realpathSync(programOnPath('rebar3')));
  writeFileSync(join(bin, 'rebar3'), Buffer.concat([rebar3, Buffer.from(other.rebar3 ?? '')]));
  return bin;
}

function beginningOf(file: string): string {
  const descriptor = openSync(file, 'r');
  const bytes = Buffer.alloc(4096);
  readSync(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
  return bytes.toString('latin1');
}

/** The folder that holds the `bin` of a program. */
function installation(program: string): string {
  return dirname(dirname(realpathSync(programOnPath(program))));
}

function programOnPath(program: string): string {
  return execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
}
