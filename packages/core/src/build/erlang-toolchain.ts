import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The Erlang/OTP installation that builds use. */
export interface ErlangToolchain {
  /** Such as `25.2.3`; the release number alone where the installation does not say more. */
  readonly otpVersion: string;
  /** The applications in it, `kernel-8.5.3`, sorted. */
  readonly libraries: readonly string[];
}

/**
 * Which Erlang/OTP the `erl` on PATH belongs to, read from its files: no VM is started, but where `erl` is a shim of
 * a version manager, which alone knows what it stands for.
 * @returns undefined when there is none
 */
export function erlangToolchain(path = process.env['PATH'] ?? ''): ErlangToolchain | undefined {
  const erl = path
    .split(delimiter)
    .map((folder) => join(folder, 'erl'))
    .find((file) => existsSync(file));
  if (erl === undefined) return undefined;
  const root = rootOf(realpathSync(erl)) ?? askErlang(erl);
  if (root === undefined) return undefined;
  const release =
    readFileSync(join(root, 'releases', 'start_erl.data'), 'utf8')
      .trim()
      .split(/\s+/)[1] ?? '';
  const versionFile = join(root, 'releases', release, 'OTP_VERSION');
  return {
    otpVersion: existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : release,
    libraries: readdirSync(join(root, 'lib')).sort(),
  };
}

function rootOf(erl: string): string | undefined {
  const root = dirname(dirname(erl));
  return existsSync(join(root, 'releases', 'start_erl.data')) ? root : undefined;
}

function askErlang(erl: string): string | undefined {
  try {
    const code = 'io:put_chars(code:root_dir()), halt().';
    return execFileSync(erl, ['-noinput', '-boot', 'start_clean', '-eval', code], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}
