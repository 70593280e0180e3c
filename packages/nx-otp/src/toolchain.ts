import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Core from '@nx-otp/core';

/**
 * Prints what a task's result depends on beside its files, for `{ "runtime": "nx-otp-toolchain" }` among its inputs:
 * the Erlang/OTP on PATH, and the code of this plugin. Starts no Erlang VM, since Nx runs it for each task.
 */
export function main(): void {
  console.log(JSON.stringify({ erlang: erlangToolchain(), plugin: pluginFingerprint() }));
}

/** By its file: all of core takes several times as long to load as this takes to run. */
function erlangToolchain(): Core.ErlangToolchain | undefined {
  const module = createRequire(__filename)(join(coreFolder(), 'dist', 'build', 'erlang-toolchain')) as Pick<
    typeof Core,
    'erlangToolchain'
  >;
  return module.erlangToolchain();
}

function coreFolder(): string {
  return dirname(require.resolve('@nx-otp/core/package.json'));
}

/** The content and not the version, so that work on the plugin in its own workspace counts, too. */
function pluginFingerprint(): string {
  const hash = createHash('sha256');
  const core = coreFolder();
  for (const folder of [__dirname, join(core, 'dist'), join(core, 'priv')]) {
    for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (/\.(js|erl)$/.test(entry)) hash.update(`${entry}\0`).update(readFileSync(join(folder, entry)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
