import { execFileSync, type StdioOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
// Not from all of core, which takes several times as long to load as this takes to run.
import { buildToolVersion, erlangToolchain } from '@nx-otp/core/toolchain';
import { checkoutsFingerprint } from './checkouts';
import { librariesOfEnvironment, unseenInputs, type UnseenInputs } from './task/unseen-inputs';

/**
 * Prints what a task's result depends on beside its files, for a `runtime` among its inputs: the Erlang/OTP on PATH, the
 * code of this plugin, the tools that the command line names (`mix`, `rebar3`; `git` for the version that it gives to the
 * sources), and for rebar3 what lies in `_checkouts`. With `--compile=FOLDER` or `--release=FOLDER` (relative to the root
 * of the workspace, in which Nx runs it; percent-encoded) also what Nx cannot hash of that project. Starts no Erlang VM,
 * since Nx runs it for each task.
 */
export function main(args: readonly string[] = process.argv.slice(2)): void {
  const tools = args.filter((arg) => !arg.startsWith('--'));
  const looks = args.map((arg) => /^--(compile|release)=(.*)$/.exec(arg)).find((found) => found !== null);
  const [, purpose, encoded] = looks ?? [];
  const project = encoded === undefined ? undefined : decodeURIComponent(encoded);
  console.log(
    JSON.stringify({
      ...toolchainFacts(tools, process.cwd(), project),
      project: project === undefined ? undefined : unseenOf(project, tools, purpose),
    }),
  );
}

/**
 * @param workspaceRoot where `_checkouts` is looked for
 * @param project the folder that the tools are run in, relative to the root of the workspace
 */
export function toolchainFacts(
  tools: readonly string[],
  workspaceRoot: string,
  project = '.',
): Readonly<Record<string, unknown>> {
  const folder = resolve(workspaceRoot, project);
  const path = process.env['PATH'];
  return {
    erlang: erlangToolchain(path, folder),
    plugin: pluginFingerprint(),
    ...Object.fromEntries(
      tools.map((tool) => [tool, tool === 'git' ? gitVersion() : buildToolVersion(tool, path, folder)]),
    ),
    ...(tools.includes('rebar3') && { checkouts: checkoutsFingerprint(workspaceRoot) }),
    libraries: librariesOfEnvironment(),
  };
}

function unseenOf(project: string, tools: readonly string[], purpose: string | undefined): UnseenInputs {
  const tool = tools.find((each) => each === 'mix' || each === 'rebar3') ?? 'reltool';
  return unseenInputs(process.cwd(), project, tool, purpose === 'compile' ? 'compile' : 'release');
}

function gitVersion(): string | undefined {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['describe', '--tags', '--always'], { encoding: 'utf8', stdio }).trim();
  } catch {
    return undefined;
  }
}

/** The content and not the version, so that work on the plugin in its own workspace counts, too. */
function pluginFingerprint(): string {
  const hash = createHash('sha256');
  const core = dirname(require.resolve('@nx-otp/core/package.json'));
  for (const folder of [__dirname, join(core, 'dist'), join(core, 'priv')]) {
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(m?js|erl|config|script)$/.test(entry))
        hash.update(`${entry}\0`).update(readFileSync(join(folder, entry)));
    }
  }
  for (const version of versionsOfDependencies(core)) hash.update(`${version}\0`);
  return hash.digest('hex').slice(0, 16);
}

/** What the plugin is made of beside its own code decides bytes, too: how an archive is written, which files a pattern finds. */
function versionsOfDependencies(core: string): string[] {
  const { dependencies = {} } = packageOf(core);
  const { resolve: found } = createRequire(join(core, 'package.json'));
  return Object.keys(dependencies)
    .sort()
    .map((name) => {
      const folder = (found.paths(name) ?? [])
        .map((modules) => join(modules, name))
        .find((candidate) => existsSync(join(candidate, 'package.json')));
      return `${name} ${folder === undefined ? '' : (packageOf(folder).version ?? '')}`;
    });
}

function packageOf(folder: string): { version?: string; dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as ReturnType<typeof packageOf>;
}
