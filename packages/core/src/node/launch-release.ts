import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { erlangRoot } from '../build/erlang-toolchain';
import { erlangMissing } from '../build/run-erlang';
import { OtpError } from '../error';
import { readTerms } from '../erlang';
import { parseBootVersion, startErlData } from '../release/installation';
import { layoutIn, type ReleaseLayout } from '../release/layout';
import { parseRelFile } from '../release/rel-file';
import { renderRelxTemplate } from './relx-template';
import { readVmArgs, withoutDistribution, withoutHeart } from './vm-args';

const run = promisify(execFile);

export interface LaunchOptions {
  /** The root folder of a release: it holds `lib`, `releases` and mostly `erts-VSN`. */
  readonly root: string;
  /** The version to boot; unless given, that which the start script of the release would boot. */
  readonly version?: string;
  /**
   * `none`, the default, starts a node without a name and a cookie, whatever the release says; `configured` one that
   * has what the release says.
   */
  readonly distribution?: 'none' | 'configured';
  /** Whether a `-heart` of the release counts, which starts a node again that has ended; false unless given. */
  readonly heart?: boolean;
  /** Whether the node reads from the terminal; false unless given (`-noinput -noshell`). */
  readonly interactive?: boolean;
  /**
   * The folder for the files that a start script writes before it starts the node (the `vm.args` and `sys.config` that
   * relx makes of templates, the runtime configuration of mix). Unless given, where the start script writes them: in the release.
   */
  readonly renderTo?: string;
  /** The environment; that of this process unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** How a release is started as its own start script would start it, but without the script and without a shell. */
export interface ReleaseLaunch {
  readonly name: string;
  readonly version: string;
  readonly layout: ReleaseLayout;
  /** `erlexec` of the emulator of the release, or of the Erlang/OTP on PATH where it has none. */
  readonly command: string;
  /** More arguments for the emulator may follow. */
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The root of the release. */
  readonly cwd: string;
  /** Where the emulator comes from. */
  readonly emulator: 'own' | 'installed';
}

/**
 * @throws OtpError `release-missing`; `boot-file-missing`; `erlang-missing` and `erts-missing` where the release has no
 *   emulator and the one on PATH is missing or another; `release-environment` when the `env.sh` of a mix release fails
 */
export async function launchRelease(options: LaunchOptions): Promise<ReleaseLaunch> {
  const root = resolve(options.root);
  const version = options.version ?? bootVersionOf(root);
  const folder = join(root, 'releases', version);
  const { name, ertsVersion } = releaseIn(root, version);
  const layout = layoutIn((path) => existsSync(join(root, path)), `releases/${version}`);
  const emulator = emulatorOf(root, ertsVersion, layout);
  const place: Place = {
    options,
    root,
    folder,
    name,
    version,
    emulator,
    base: definedOnly(options.env ?? process.env),
  };
  const started = await startOf(layout, place);
  const { heart = false, distribution = 'none', interactive = false } = options;
  const ofVm = readVmArgs(started.vmArgs, root);
  const withHeart = heart ? ofVm : withoutHeart(ofVm);
  return {
    name,
    version,
    layout,
    command: join(emulator.bin, 'erlexec'),
    args: [
      ...(interactive ? [] : ['-noshell', '-noinput', '+Bd']),
      ...started.args,
      ...(distribution === 'none' ? withoutDistribution(withHeart) : withHeart),
    ],
    env: {
      ...started.env,
      ROOTDIR: emulator.root,
      BINDIR: emulator.bin,
      EMU: 'beam',
      PROGNAME: 'erl',
    },
    cwd: root,
    emulator: emulator.own ? 'own' : 'installed',
  };
}

/**
 * The version that the start script of a release boots: what `releases/start_erl.data` says, where `make_permanent`
 * writes it; for relx what is written in the script.
 * @throws OtpError `release-missing`
 */
export function bootVersionOf(root: string): string {
  const script = relxScript(root);
  const inScript = script === undefined ? undefined : /^REL_VSN="([^"]+)"/m.exec(script)?.[1];
  if (inScript !== undefined) return inScript;
  const file = join(root, startErlData);
  const boots = existsSync(file) ? parseBootVersion(readFileSync(file))?.version : undefined;
  if (boots !== undefined) return boots;
  const versions = foldersIn(join(root, 'releases')).filter(
    (version) => relFileIn(root, version) !== undefined,
  );
  const [only] = versions;
  if (only !== undefined && versions.length === 1) return only;
  throw new OtpError('nothing says which version of the release boots.', {
    code: 'release-missing',
    file,
    fix: 'Give the root folder of a release. releases/start_erl.data in it holds "ERTS-VSN VSN".',
  });
}

function relxScript(root: string): string | undefined {
  if (!existsSync(join(root, 'bin/install_upgrade.escript'))) return undefined;
  for (const entry of readdirSync(join(root, 'bin'))) {
    if (/\.(escript|boot)$/.test(entry) || /-\d/.test(entry)) continue;
    const text = readFileSync(join(root, 'bin', entry), 'utf8');
    if (/^REL_VSN="/m.test(text)) return text;
  }
  return undefined;
}

function releaseIn(root: string, version: string): { readonly name: string; readonly ertsVersion: string } {
  const file = relFileIn(root, version);
  if (file === undefined) {
    throw new OtpError(`version ${version} is to be started, and there is no .rel file of it.`, {
      code: 'release-missing',
      file: join(root, 'releases', version),
      fix: 'Give the root folder of a release: it holds lib, releases and mostly erts-VSN.',
    });
  }
  return parseRelFile(readTerms(readFileSync(file), file), version);
}

/** Of several the shortest: release_handler leaves a copy under the name of the package. */
function relFileIn(root: string, version: string): string | undefined {
  const folder = join(root, 'releases', version);
  const [first] = (existsSync(folder) ? readdirSync(folder) : [])
    .filter(
      (name) => name.endsWith('.rel') && !name.startsWith('start_clean') && !name.startsWith('no_dot_erlang'),
    )
    .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return first === undefined ? undefined : join(folder, first);
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

interface Emulator {
  /** `ROOTDIR`, which `$ROOT` stands for in a boot script. */
  readonly root: string;
  readonly bin: string;
  readonly own: boolean;
  /** The libraries of the Erlang/OTP that the emulator belongs to. */
  readonly systemLib: string;
}

function emulatorOf(root: string, ertsVersion: string, layout: ReleaseLayout): Emulator {
  const bin = join(root, `erts-${ertsVersion}`, 'bin');
  if (existsSync(join(bin, 'erlexec'))) return { root, bin, own: true, systemLib: join(root, 'lib') };
  const installed = erlangRoot();
  if (installed === undefined) throw erlangMissing();
  const installedBin = join(installed, `erts-${ertsVersion}`, 'bin');
  if (!existsSync(join(installedBin, 'erlexec'))) {
    const found = foldersIn(installed).filter((name) => name.startsWith('erts-'));
    throw new OtpError(
      `the release has no emulator of its own; expected erts-${ertsVersion}, found ${found.join(', ')} in the Erlang/OTP on PATH.`,
      {
        code: 'erts-missing',
        file: root,
        fix: 'Put the Erlang/OTP that the release was made with on PATH, or include its emulator in the release.',
      },
    );
  }
  const hasKernel = foldersIn(join(root, 'lib')).some((name) => name.startsWith('kernel-'));
  const own = layout === 'relx' || (layout === 'reltool' && hasKernel);
  return {
    root: own ? root : installed,
    bin: installedBin,
    own: false,
    systemLib: join(installed, 'lib'),
  };
}

interface Place {
  readonly options: LaunchOptions;
  readonly root: string;
  /** `releases/VSN`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly emulator: Emulator;
  readonly base: Readonly<Record<string, string>>;
}

interface Start {
  readonly vmArgs: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

function startOf(layout: ReleaseLayout, place: Place): Promise<Start> {
  switch (layout) {
    case 'reltool':
      return startOfTargetSystem(place);
    case 'relx':
      return startOfRelx(place);
    case 'mix':
      return startOfMix(place);
  }
}

async function startOfTargetSystem({ root, folder, name, emulator, base }: Place): Promise<Start> {
  const vmArgs = await textOf(join(folder, 'vm.args'));
  return {
    vmArgs,
    args: [
      ...['-boot', bootFile(folder, ['start', name])],
      ...(existsSync(join(folder, 'sys.config')) ? ['-config', join(folder, 'sys')] : []),
      // `{excl_lib, otp_root}` of reltool.
      ...(emulator.root === root ? [] : ['-boot_var', 'RELTOOL_EXT_LIB', join(root, 'lib')]),
    ],
    env: { ...base, ...(emulator.root === root ? {} : { RELDIR: join(root, 'releases') }) },
  };
}

/** `bin/NAME foreground`. */
async function startOfRelx(place: Place): Promise<Start> {
  const { root, folder, name, version, emulator, base } = place;
  const erts = dirname(emulator.bin);
  const env = {
    ...base,
    REL_NAME: name,
    RELEASE_NAME: name,
    RELEASE_VSN: version,
    RELEASE_PROG: join(root, 'bin', name),
    RELEASE_ROOT_DIR: root,
    ROOTDIR: root,
    BINDIR: emulator.bin,
    LD_LIBRARY_PATH: [join(erts, 'lib'), base['LD_LIBRARY_PATH'] ?? ''].join(':'),
  };
  const vmArgs = await renderedByRelx(place, 'vm.args', base['VMARGS_PATH'], env);
  const config = await renderedByRelx(place, 'sys.config', base['RELX_CONFIG_PATH'], env);
  return {
    vmArgs: await textOf(vmArgs),
    args: [
      ...['-boot', bootFile(folder, [name, 'start'])],
      ...['-mode', base['CODE_LOADING_MODE'] ?? 'embedded'],
      ...['-boot_var', 'SYSTEM_LIB_DIR', emulator.systemLib, '-boot_var', 'ERTS_LIB_DIR', emulator.systemLib],
      ...(existsSync(config) ? ['-config', config] : []),
    ],
    env,
  };
}

/** `check_replace_os_vars` of the script: where the file is, after it has been made. */
async function renderedByRelx(
  { options, root, folder }: Place,
  file: string,
  given: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const inRoot = join(root, file);
  const path = given ?? (existsSync(inRoot) ? inRoot : join(folder, file));
  const source = [`${path}.src`, ...(env['RELX_REPLACE_OS_VARS'] ? [`${path}.orig`, path] : [])].find(
    (candidate) => existsSync(candidate),
  );
  if (source === undefined) return path;
  const target = join(options.renderTo ?? env['RELX_OUT_FILE_PATH'] ?? dirname(path), file);
  const text = await readFile(source, 'utf8');
  await mkdir(dirname(target), { recursive: true });
  if (source === path && target === path) await writeFile(`${path}.orig`, text);
  await writeFile(target, renderRelxTemplate(text, env));
  return target;
}

/** `bin/NAME start`. */
async function startOfMix(place: Place): Promise<Start> {
  const { options, root, folder, name, version, base } = place;
  const named = {
    ...base,
    RELEASE_ROOT: root,
    RELEASE_NAME: name,
    RELEASE_VSN: version,
    RELEASE_COMMAND: 'start',
    RELEASE_PROG: name,
  };
  const env = await environmentOf(join(folder, 'env.sh'), named);
  const cookie = await textOf(join(root, 'releases', 'COOKIE'));
  const full: Record<string, string> = {
    ...env,
    RELEASE_COOKIE: env['RELEASE_COOKIE'] ?? cookie.trim(),
    RELEASE_MODE: env['RELEASE_MODE'] ?? 'embedded',
    RELEASE_NODE: env['RELEASE_NODE'] ?? name,
    RELEASE_TMP: env['RELEASE_TMP'] ?? join(root, 'tmp'),
    RELEASE_VM_ARGS: env['RELEASE_VM_ARGS'] ?? join(folder, 'vm.args'),
    RELEASE_DISTRIBUTION:
      options.distribution === 'configured' ? (env['RELEASE_DISTRIBUTION'] ?? 'sname') : 'none',
    RELEASE_BOOT_SCRIPT: env['RELEASE_BOOT_SCRIPT'] ?? 'start',
  };
  const config = await runtimeConfigOf(place, full);
  full['RELEASE_SYS_CONFIG'] = config;
  const distribution = full['RELEASE_DISTRIBUTION'];
  return {
    vmArgs: await textOf(full['RELEASE_VM_ARGS'] ?? ''),
    args: [
      ...(env['ELIXIR_ERL_OPTIONS'] ?? '')
        .split(/\s+/)
        .filter((option) => option !== '' && (options.heart || option !== '-heart')),
      ...(distribution === 'none'
        ? []
        : ['-setcookie', full['RELEASE_COOKIE'] ?? '', `-${distribution ?? ''}`, full['RELEASE_NODE'] ?? '']),
      ...['-mode', full['RELEASE_MODE'] ?? ''],
      ...['-config', config],
      ...['-boot', bootFile(folder, [full['RELEASE_BOOT_SCRIPT'] ?? ''])],
      ...['-boot_var', 'RELEASE_LIB', join(root, 'lib')],
    ],
    env: full,
  };
}

/** `export_release_sys_config`: config providers write into the file they are given, so each start has its own. */
async function runtimeConfigOf(
  { options, folder, name, version }: Place,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const usual = env['RELEASE_SYS_CONFIG'] ?? join(folder, 'sys');
  const text = await textOf(`${usual}.config`);
  if (!text.includes('RUNTIME_CONFIG=true')) return usual;
  const target = join(
    options.renderTo ?? env['RELEASE_TMP'] ?? '',
    `${name}-${version}-${randomBytes(4).toString('hex')}.runtime`,
  );
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.config`, text);
  return target;
}

/** What `env.sh`, a shell script, makes of an environment. What it prints is left aside. */
async function environmentOf(
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const print = 'process.stdout.write(JSON.stringify(process.env))';
  try {
    const { stdout } = await run(
      'sh',
      ['-c', '. "$1" >&2 && exec "$2" -e "$3"', basename(script), script, process.execPath, print],
      {
        env,
        cwd: dirname(script),
        maxBuffer: 1 << 24,
      },
    );
    return JSON.parse(stdout) as Record<string, string>;
  } catch (cause) {
    throw new OtpError(`it fails: ${cause instanceof Error ? cause.message.trim() : String(cause)}`, {
      code: 'release-environment',
      file: script,
      fix: 'It is what the start script of the release runs first. Set the variables it needs.',
      cause,
    });
  }
}

/** @returns its path without `.boot`, as `-boot` wants it */
function bootFile(folder: string, names: readonly string[]): string {
  const found = names.find((name) => existsSync(join(folder, `${name}.boot`)));
  if (found !== undefined) return join(folder, found);
  throw new OtpError(`there is no boot file: expected ${names.map((name) => `${name}.boot`).join(' or ')}.`, {
    code: 'boot-file-missing',
    file: folder,
    fix: 'Make the release again, or take the folder of another version.',
  });
}

/** The empty text for a file that is not there. */
async function textOf(file: string): Promise<string> {
  return existsSync(file) ? readFile(file, 'utf8') : '';
}

function definedOnly(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
