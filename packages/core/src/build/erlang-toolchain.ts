import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
  const root = erlangRoot(path);
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

/** The root folder of the Erlang/OTP that the `erl` on PATH belongs to; undefined when there is none. */
export function erlangRoot(path = process.env['PATH'] ?? ''): string | undefined {
  const erl = onPath('erl', path);
  return erl === undefined ? undefined : (rootOf(realpathSync(erl)) ?? askErlang(erl));
}

/**
 * What tells one version of a build tool from another, read from its files: the version of the Elixir that `mix` belongs
 * to, otherwise a hash of the program. Behind a shim of a version manager that is the same for all versions.
 * @returns undefined when there is none
 */
export function buildToolVersion(tool: string, path = process.env['PATH'] ?? ''): string | undefined {
  const program = onPath(tool, path);
  if (program === undefined) return undefined;
  const file = realpathSync(program);
  const elixir = join(dirname(dirname(file)), 'lib', 'elixir', 'ebin', 'elixir.app');
  if (tool === 'mix' && existsSync(elixir)) {
    const version = /\{vsn,\s*"([^"]+)"\}/.exec(readFileSync(elixir, 'utf8'))?.[1];
    if (version !== undefined) return version;
  }
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

/** @param endings what a system adds to the name of a program: `.EXE`, `.CMD` */
export function onPath(program: string, path: string, endings = programEndings()): string | undefined {
  return path
    .split(delimiter)
    .flatMap((folder) => endings.map((ending) => join(folder, program + ending)))
    .find((file) => existsSync(file));
}

function programEndings(): readonly string[] {
  return process.platform === 'win32' ? (process.env['PATHEXT'] ?? '.EXE;.BAT;.CMD').split(';') : [''];
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
