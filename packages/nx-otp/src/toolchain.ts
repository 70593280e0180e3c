import { execFileSync, type StdioOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
// Not from all of core, which takes several times as long to load as this takes to run.
import { buildToolVersion, erlangToolchain } from '@nx-otp/core/toolchain';
import { checkoutsFingerprint } from './checkouts';

/**
 * Prints what a task's result depends on beside its files, for a `runtime` among its inputs:
 * the Erlang/OTP on PATH, the code of this plugin, the tools that the command line names (`mix`, `rebar3`; `git` for the version that it gives to the sources), and for
 * rebar3 what lies in `_checkouts`. Nx runs it in the root of the workspace. Starts no
 * Erlang VM, since Nx runs it for each task.
 */
export function main(tools: readonly string[] = process.argv.slice(2)): void {
  console.log(JSON.stringify(toolchainFacts(tools)));
}

/** @param workspaceRoot where `_checkouts` is looked for */
export function toolchainFacts(
  tools: readonly string[],
  workspaceRoot = process.cwd(),
): Readonly<Record<string, unknown>> {
  return {
    erlang: erlangToolchain(),
    plugin: pluginFingerprint(),
    ...Object.fromEntries(
      tools.map((tool) => [tool, tool === 'git' ? gitVersion() : buildToolVersion(tool)]),
    ),
    ...(tools.includes('rebar3') && { checkouts: checkoutsFingerprint(workspaceRoot) }),
  };
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
      if (/\.(js|erl|config|script)$/.test(entry))
        hash.update(`${entry}\0`).update(readFileSync(join(folder, entry)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
