import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Writes files, by their path below a folder. */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/**
 * The sources of the release `ralf` with one server, by their path in the project.
 *
 * @param answer an Erlang expression: what `ralf_server:get/0` makes of the value `N`
 * @param relx terms of its relx configuration, beside the release
 */
export function relxSources(
  version: string,
  answer: string,
  node: string,
  relx = '{mode, prod}',
): Record<string, string> {
  return {
    'rebar.config': `{relx, [{release, {ralf, "${version}"}, [ralf, sasl]}, ${relx}, {vm_args, "vm.args"}, {sys_config, "sys.config"}]}.\n`,
    'vm.args': `-sname ${node}\n-setcookie ${node}_cookie\n`,
    'sys.config': '[].\n',
    'src/ralf.app.src': `{application, ralf, [{vsn, "${version}"}, {registered, []}, {mod, {ralf_app, []}}, {applications, [kernel, stdlib]}]}.\n`,
    'src/ralf_app.erl': `-module(ralf_app).
-behaviour(application).
-behaviour(supervisor).
-export([start/2, stop/1, init/1]).
start(_, _) -> supervisor:start_link(?MODULE, []).
stop(_) -> ok.
init([]) -> {ok, {#{}, [#{id => ralf_server, start => {ralf_server, start_link, []}}]}}.
`,
    'src/ralf_server.erl': `-module(ralf_server).
-behaviour(gen_server).
-export([start_link/0, get/0, set/1, init/1, handle_call/3, handle_cast/2, code_change/3]).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, 0, []).
get() -> gen_server:call(?MODULE, get).
set(N) -> gen_server:call(?MODULE, {set, N}).
init(N) -> {ok, N}.
handle_call(get, _, N) -> {reply, ${answer}, N};
handle_call({set, N}, _, _) -> {reply, ok, N}.
handle_cast(_, N) -> {noreply, N}.
code_change(_, N, _) -> {ok, N}.
`,
  };
}

/**
 * The release `ralf`, laid out by rebar3's relx for production, in a folder of its own.
 *
 * @returns the root of the release
 */
export async function relxRelease(
  work: string,
  version: string,
  answer: string,
  node: string,
): Promise<string> {
  const project = join(work, `ralf ${version}`);
  writeFiles(project, relxSources(version, answer, node));
  await run('rebar3', ['release'], { cwd: project });
  return join(project, '_build/default/rel/ralf');
}

/**
 * The sources of the same server as the release `mixy`.
 *
 * @param answer an Elixir expression
 */
export function mixSources(version: string, answer: string, releases = ''): Record<string, string> {
  return {
    'mix.exs': `defmodule Mixy.MixProject do
  use Mix.Project
  def project, do: [app: :mixy, version: "${version}", elixir: "~> 1.12"${releases}]
  def application, do: [extra_applications: [:logger, :sasl], mod: {Mixy.Application, []}]
end
`,
    'lib/mixy/application.ex': `defmodule Mixy.Application do
  use Application
  def start(_, _), do: Supervisor.start_link([Mixy.Server], strategy: :one_for_one)
end
`,
    'lib/mixy/server.ex': `defmodule Mixy.Server do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, 0, name: __MODULE__)
  def get, do: GenServer.call(__MODULE__, :get)
  def set(n), do: GenServer.call(__MODULE__, {:set, n})
  def init(n), do: {:ok, n}
  def handle_call(:get, _, n), do: {:reply, ${answer}, n}
  def handle_call({:set, n}, _, _), do: {:reply, :ok, n}
  def code_change(_, n, _), do: {:ok, n}
end
`,
  };
}

/**
 * The release `mixy`, laid out by `mix release`.
 *
 * @param more files beside those of the server, by their path in the project
 */
export async function mixRelease(
  work: string,
  version: string,
  answer: string,
  more: Record<string, string> = {},
): Promise<string> {
  const project = join(work, `mixy_${version}`);
  writeFiles(project, { ...mixSources(version, answer), ...more });
  await run('mix', ['release', '--quiet'], { cwd: project, env: { ...process.env, MIX_ENV: 'prod' } });
  return join(project, '_build/prod/rel/mixy');
}

/** A node that is driven with the release's own start script. */
export interface ScriptedNode {
  readonly root: string;
  /** Runs `bin/NAME` with arguments; returns what it prints, on one line. */
  readonly script: (...args: string[]) => Promise<string>;
  /** Runs a command line as a message or the documentation gives it: `bin/NAME WORD 'WORDS'`. */
  readonly command: (line: string) => Promise<string>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Copies a release to where it shall run. */
export function scriptedNode(
  release: string,
  root: string,
  name: string,
  env: Record<string, string> = {},
): ScriptedNode {
  rmSync(root, { recursive: true, force: true });
  cpSync(release, root, { recursive: true, dereference: true });
  let pid: number | undefined;
  const script = async (...args: string[]): Promise<string> => {
    const { stdout } = await run(join(root, 'bin', name), args, {
      cwd: root,
      env: { ...process.env, ...env },
    });
    return stdout.trim().replace(/\s*\n\s*/g, ' ');
  };
  const stop = async (): Promise<void> => {
    if (pid === undefined) return;
    await script('stop').catch(() => undefined);
    for (let tries = 0; isAlive(pid); tries++) {
      if (tries === 100) process.kill(pid, 'SIGKILL');
      execFileSync('sleep', ['0.1']);
    }
    pid = undefined;
  };
  return {
    root,
    script,
    stop,
    start: async () => {
      await script('daemon');
      for (let tries = 0; pid === undefined; tries++) {
        const found = Number(await script('pid').catch(() => ''));
        if (found > 0) pid = found;
        else if (tries === 40) throw new Error(`the node in ${root} does not come up`);
        else execFileSync('sleep', ['0.2']);
      }
    },
    command: (line) => {
      const [, command, word, quoted, plain] = /^bin\/(\S+) (\S+) (?:'([^']*)'|(\S+))$/.exec(line) ?? [];
      const argument = quoted ?? plain;
      if (command !== name || word === undefined || argument === undefined) throw new Error(line);
      return script(word, argument);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
