import { execFile } from 'node:child_process';
import { linkSync, mkdirSync, readdirSync, writeFileSync, copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ApplicationVersion, LiveApplication, LiveRelease } from './scenario.js';
import { modulesOf } from './sources.js';

const run = promisify(execFile);

/** What OTP is installed here, as far as a release needs it. */
export interface Otp {
  readonly root: string;
  readonly erts: string;
  /** kernel, stdlib and sasl, with their versions. */
  readonly applications: readonly (readonly [name: string, version: string])[];
}

export async function installedOtp(): Promise<Otp> {
  const { stdout } = await run('erl', [
    '-noshell',
    '-noinput',
    '-eval',
    `io:format("~ts\\n~ts\\n", [code:root_dir(), erlang:system_info(version)]),
     [io:format("~ts\\n", [filename:basename(code:lib_dir(A))]) || A <- [kernel, stdlib, sasl]], halt(0).`,
  ]);
  const [root = '', erts = '', ...folders] = stdout.trim().split('\n');
  const applications = folders.map((folder) => {
    const [name = '', version = ''] = folder.split('-');
    return [name, version] as const;
  });
  return { root, erts, applications };
}

export type VersionKey = 'v1' | 'v2';

/** The version of the release. Its applications have it, too, where they do not name another. */
export function numberOf({ numbers = { v1: '1', v2: '2' } }: LiveRelease, key: VersionKey): string {
  return numbers[key];
}

/** The version that an application has in a version of the release; undefined where it is not in it. */
export function versionOf(
  release: LiveRelease,
  application: LiveApplication,
  key: VersionKey,
): string | undefined {
  const version = application[key];
  if (version === undefined) return undefined;
  return version.version ?? numberOf(release, application.v1 === application.v2 ? 'v1' : key);
}

export interface BuiltRelease {
  readonly release: LiveRelease;
  /** Each version as a target system. */
  readonly v1: string;
  readonly v2: string;
  /** The folder with the beams of `live_node` and of the `live_load` of this release. */
  readonly driver: string;
}

/** Builds both versions of every release below a folder, in one Erlang VM. */
export async function buildReleases(
  folder: string,
  otp: Otp,
  releases: readonly LiveRelease[],
): Promise<BuiltRelease[]> {
  const drivers = join(folder, 'drivers');
  const shared = copyOtpApplications(join(folder, 'otp'), otp);
  const built = releases.map((release, index) => {
    const place = join(folder, `${index + 1} ${release.name}`);
    const driver = join(drivers, String(index + 1));
    write(join(driver, 'live_load.erl'), loadModule(release));
    copyFileSync(join(__dirname, 'live_node.erl'), join(driver, 'live_node.erl'));
    const versions = { v1: join(place, 'v1'), v2: join(place, 'v2') };
    for (const key of ['v1', 'v2'] as const) writeRelease(versions[key], key, release, otp, shared);
    return { release, driver, ...versions };
  });
  const builder = join(folder, 'builder');
  mkdirSync(builder, { recursive: true });
  await run('erlc', ['-o', builder, join(__dirname, 'live_build.erl')]);
  const roots = built.flatMap(({ v1, v2 }) => [v1, v2]);
  await run(
    'erl',
    ['+fnu', '-noshell', '-noinput', '-pa', builder, '-s', 'live_build', 'main', '-extra', drivers, ...roots],
    { maxBuffer: 1 << 24 },
  ).catch((error: unknown) => {
    const { stdout = '' } = error as { stdout?: string };
    throw new Error(`the releases cannot be built:\n${stdout}`, { cause: error });
  });
  return built;
}

/** A copy of kernel, stdlib and sasl that the releases link to: the installed ones may lie on another file system. */
function copyOtpApplications(folder: string, { root, applications }: Otp): string {
  for (const [name, version] of applications) {
    const ebin = join(`${name}-${version}`, 'ebin');
    mkdirSync(join(folder, ebin), { recursive: true });
    for (const file of readdirSync(join(root, 'lib', ebin))) {
      copyFileSync(join(root, 'lib', ebin, file), join(folder, ebin, file));
    }
  }
  return folder;
}

function writeRelease(root: string, key: VersionKey, release: LiveRelease, otp: Otp, shared: string): void {
  const listed: (readonly [string, string])[] = [...otp.applications];
  for (const [name, version] of otp.applications) {
    const ebin = join('lib', `${name}-${version}`, 'ebin');
    mkdirSync(join(root, ebin), { recursive: true });
    const from = join(shared, `${name}-${version}`, 'ebin');
    for (const file of readdirSync(from)) linkSync(join(from, file), join(root, ebin, file));
  }
  for (const scenario of release.scenarios) {
    for (const application of scenario.applications) {
      const version = application[key];
      if (version === undefined) continue;
      const number = versionOf(release, application, key) ?? '';
      writeApplication(join(root, 'lib', `${application.name}-${number}`), application.name, number, version);
      listed.push([application.name, number]);
    }
  }
  const number = numberOf(release, key);
  const applications = listed.map(([name, version]) => `{${name}, "${version}"}`).join(',\n  ');
  write(
    join(root, 'releases', number, 'live.rel'),
    `{release, {"live", "${number}"}, {erts, "${otp.erts}"},\n [${applications}]}.\n`,
  );
  const config = release.scenarios.flatMap((scenario) => scenario.config?.[key] ?? []);
  write(join(root, 'releases', number, 'sys.config'), `[${config.join(',\n ')}].\n`);
  write(join(root, 'releases', 'start_erl.data'), `${otp.erts} ${number}\n`);
}

function writeApplication(folder: string, name: string, number: string, version: ApplicationVersion): void {
  const modules = modulesOf(name, version);
  for (const [module, source] of Object.entries(modules)) {
    write(join(folder, 'src', `${module}.erl`), `-module(${module}).\n${source}\n`);
  }
  for (const [path, content] of Object.entries(version.files ?? {})) write(join(folder, path), content);
  const callback = version.callback ?? (version.children === undefined ? undefined : `${name}_app`);
  write(
    join(folder, 'ebin', `${name}.app`),
    `{application, ${name},
 [{description, "${name}"}, {vsn, "${number}"}, {modules, [${Object.keys(modules).join(', ')}]}, {registered, []},
  {applications, [${['kernel', 'stdlib', ...(version.needs ?? [])].join(', ')}]},
  {env, ${version.env ?? '[]'}}${callback === undefined ? '' : `, {mod, {${callback}, []}}`}]}.
`,
  );
}

/** The functions that clients call: compiled, so that they call as code does, and outside the release. */
function loadModule(release: LiveRelease): string {
  const loads = release.scenarios.flatMap(({ name, load }) => load.map((call) => [name, call] as const));
  const name = (index: number): string => `load_${index + 1}`;
  return `-module(live_load).
-compile([export_all, nowarn_export_all, nowarn_unused_vars]).
loads() -> [${loads.map(([scenario], index) => `{<<"${scenario}"/utf8>>, ${name(index)}}`).join(', ')}].
${loads.map(([, call], index) => `${name(index)}() -> ${call}.`).join('\n')}
`;
}

function write(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
