import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, realpathSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';

/** The Erlang/OTP installation that builds use. */
export interface ErlangToolchain {
  /** Such as `25.2.3`; the release number alone where the installation does not say more. */
  readonly otpVersion: string;
  /** The applications in it, `kernel-8.5.3`, sorted. */
  readonly libraries: readonly string[];
  /** What its emulator runs on, `linux ld-linux-x86-64.so.2`: a release holds that emulator. */
  readonly platform: string;
}

/**
 * Which Erlang/OTP the `erl` on PATH belongs to, read from its files: no VM is started, but where `erl` is a shim of
 * a version manager that is not known here, and alone knows what it stands for.
 * @param folder where it would be called: a version manager may choose by it
 * @returns undefined when there is none
 */
export function erlangToolchain(
  path = process.env['PATH'] ?? '',
  folder = process.cwd(),
): ErlangToolchain | undefined {
  const root = erlangRoot(path, folder);
  if (root === undefined) return undefined;
  const release =
    readFileSync(join(root, 'releases', 'start_erl.data'), 'utf8')
      .trim()
      .split(/\s+/)[1] ?? '';
  const versionFile = join(root, 'releases', release, 'OTP_VERSION');
  return {
    otpVersion: existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : release,
    libraries: readdirSync(join(root, 'lib')).sort(),
    platform: platformOf(root),
  };
}

/** The root folder of the Erlang/OTP that the `erl` on PATH belongs to; undefined when there is none. */
export function erlangRoot(path = process.env['PATH'] ?? '', folder = process.cwd()): string | undefined {
  const erl = onPath('erl', path);
  if (erl === undefined) return undefined;
  return rootOf(realpathSync(behindShim(erl, folder))) ?? askErlang(erl, folder);
}

/**
 * What tells one version of a build tool from another, read from its files: the version of the Elixir that `mix` belongs
 * to, otherwise a hash of the program.
 * @param folder as for `erlangToolchain`
 * @returns undefined when there is none
 */
export function buildToolVersion(
  tool: string,
  path = process.env['PATH'] ?? '',
  folder = process.cwd(),
): string | undefined {
  const program = onPath(tool, path);
  if (program === undefined) return undefined;
  const file = realpathSync(behindShim(program, folder));
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

/**
 * The program that a shim of asdf or mise stands for: they say it without starting it. Any other program is what it is.
 */
function behindShim(program: string, folder: string): string {
  const file = realpathSync(program);
  const manager = ['asdf', 'mise'].find(
    (name) =>
      basename(file) === name || (isShortScript(file) && readFileSync(file, 'utf8').includes(`${name} exec`)),
  );
  if (manager === undefined) return program;
  try {
    const said = execFileSync(manager, ['which', basename(program)], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return existsSync(said.trim()) ? said.trim() : program;
  } catch {
    return program;
  }
}

function isShortScript(file: string): boolean {
  const start = beginningOf(file, 1024);
  return start.length < 1024 && start.startsWith('#!');
}

function beginningOf(file: string, length: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(length);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, length, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** By the loader that the emulator asks for, which differs by architecture and by C library. */
function platformOf(root: string): string {
  const emulators = readdirSync(root)
    .filter((name) => name.startsWith('erts-'))
    .sort()
    .map((name) => join(root, name, 'bin', 'beam.smp'))
    .filter((file) => existsSync(file));
  const loader = emulators
    .map((file) => /\/(ld-[\w.-]+)\0/.exec(beginningOf(file, 4096))?.[1])
    .find((name) => name !== undefined);
  return `${process.platform} ${loader ?? process.arch}`;
}

function askErlang(erl: string, folder: string): string | undefined {
  try {
    const code = 'io:put_chars(code:root_dir()), halt().';
    return execFileSync(erl, ['-noinput', '-boot', 'start_clean', '-eval', code], {
      cwd: folder,
      encoding: 'utf8',
    });
  } catch {
    return undefined;
  }
}
