import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
// Not from all of core, which takes several times as long to load as this takes to run.
import { buildToolVersion, erlangToolchain } from '@nx-otp/core/toolchain';

/**
 * Prints what a task's result depends on beside its files, for a `runtime` among its inputs:
 * the Erlang/OTP on PATH, the code of this plugin, and the tools that the command line names (`mix`, `rebar3`). Starts no
 * Erlang VM, since Nx runs it for each task.
 */
export function main(tools: readonly string[] = process.argv.slice(2)): void {
  console.log(JSON.stringify(toolchainFacts(tools)));
}

export function toolchainFacts(tools: readonly string[]): Readonly<Record<string, unknown>> {
  return {
    erlang: erlangToolchain(),
    plugin: pluginFingerprint(),
    ...Object.fromEntries(tools.map((tool) => [tool, buildToolVersion(tool)])),
  };
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
