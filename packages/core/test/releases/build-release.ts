import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeExternalTerm, readFirstTerm } from '../../src/erlang';

export interface ApplicationFields {
  readonly name: string;
  readonly version: string;
  /** The beams in `ebin`, by module. */
  readonly beams?: Readonly<Record<string, Buffer>>;
  /** What the `.app` lists, where that is not what is in `beams`. */
  readonly listed?: readonly string[];
  /** Other files, by their path in the application. */
  readonly files?: Readonly<Record<string, string>>;
  /** The folder in `lib`; `NAME-VSN` unless given. */
  readonly folder?: string;
  /** What follows name and version in the `.rel`, such as `, load`. */
  readonly inRel?: string;
  /** More properties of the `.app`, such as `, {included_applications, [other]}`. */
  readonly properties?: string;
  /** The applications that it needs beside kernel and stdlib. */
  readonly needs?: readonly string[];
}

export interface ReleaseFields {
  readonly version: string;
  readonly applications: readonly ApplicationFields[];
  readonly erts?: string;
  /** Other files, by their path in the release; `undefined` leaves out one that would be written. */
  readonly files?: Readonly<Record<string, string | Buffer | undefined>>;
}

/** The applications that every release has, without modules. */
const standard: readonly ApplicationFields[] = ['kernel', 'stdlib', 'sasl'].map((name) => ({
  name,
  version: '1',
}));

export function appFile(application: ApplicationFields): string {
  const { name, version, beams, listed, properties = '', needs = [] } = application;
  const modules = listed ?? Object.keys(beams ?? {});
  const applications = ['kernel', 'stdlib'].includes(name) ? '' : ['kernel', 'stdlib', ...needs].join(', ');
  return `{application, ${name},
 [{description, "${name}"}, {vsn, "${version}"}, {modules, [${modules.join(', ')}]},
  {registered, []}, {applications, [${applications}]}${properties}]}.
`;
}

/** A boot file that boots this version from these folders in `lib`. */
export function bootFile(version: string, folders: readonly string[]): Buffer {
  const path = folders.map((folder) => `"$ROOT/lib/${folder}/ebin"`).join(', ');
  const script = `{script, {"dummy", "${version}"}, [{preLoaded, []}, {path, [${path}]}, {progress, started}]}.`;
  return encodeExternalTerm(readFirstTerm(script, 'dummy.script').term);
}

/** As `release_handler:create_RELEASES/4` writes it for the root `""`. */
function releasesFile(version: string, erts: string, applications: readonly ApplicationFields[]): string {
  const libraries = applications.map(
    ({ name, version, folder = `${name}-${version}` }) => `{${name}, "${version}", "lib/${folder}"}`,
  );
  return `[{release, "dummy", "${version}", "${erts}", [${libraries.join(', ')}], permanent}].\n`;
}

/** Writes the release `dummy` as a target system into a folder: `dummy.boot` and no `start.boot`, as reltool does. */
export async function buildRelease(root: string, release: ReleaseFields): Promise<string> {
  const { version, erts = '13.1' } = release;
  const applications = [...standard, ...release.applications];
  const folderOf = ({ name, version, folder }: ApplicationFields): string => folder ?? `${name}-${version}`;
  const listed = applications.map(({ name, version, inRel = '' }) => `{${name}, "${version}"${inRel}}`);
  const files = new Map<string, string | Buffer | undefined>([
    ['bin/dummy', '#!/bin/sh\n'],
    [`erts-${erts}/bin/erl`, '#!/bin/sh\n'],
    ['releases/start_erl.data', `${erts} ${version}\n`],
    ['releases/RELEASES', releasesFile(version, erts, applications)],
    [
      `releases/${version}/dummy.rel`,
      `{release, {"dummy", "${version}"}, {erts, "${erts}"},\n [${listed.join(',\n  ')}]}.\n`,
    ],
    [`releases/${version}/dummy.boot`, bootFile(version, applications.map(folderOf))],
    [`releases/${version}/dummy.script`, 'text\n'],
    [`releases/${version}/sys.config`, '[].\n'],
  ]);
  for (const application of applications) {
    const folder = `lib/${folderOf(application)}`;
    files.set(`${folder}/ebin/${application.name}.app`, appFile(application));
    for (const [module, beam] of Object.entries(application.beams ?? {}))
      files.set(`${folder}/ebin/${module}.beam`, beam);
    for (const [path, content] of Object.entries(application.files ?? {}))
      files.set(`${folder}/${path}`, content);
  }
  for (const [path, content] of Object.entries(release.files ?? {})) files.set(path, content);
  for (const [path, content] of files) {
    if (content === undefined) continue;
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    if (/(^|\/)bin\//.test(path)) await chmod(file, 0o755);
  }
  return root;
}
