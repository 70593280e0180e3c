import { readdirSync, readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { openBeam } from '../beam';
import { OtpError } from '../error';
import { readTerms } from '../erlang';
import { openEz } from '../release/ez-tree';
import { parseRelFile, type RelFile } from '../release/rel-file';

/** A version of a release in the scratch folder, as it lies there. */
export interface VersionOnDisk {
  readonly version: string;
  /** By name: the version of the application. */
  readonly applications: ReadonlyMap<string, string>;
  /** Those that the boot script starts. */
  readonly started: ReadonlySet<string>;
}

/** @returns undefined where there is no `.rel` file of that version, or none that can be read */
export function versionOnDisk(root: string, version: string, name: string): VersionOnDisk | undefined {
  const rel = relOf(join(root, 'releases', version), version, name);
  if (rel === undefined) return undefined;
  return {
    version,
    applications: new Map(rel.applications.map((application) => [application.name, application.version])),
    started: new Set(
      rel.applications
        .filter(({ startType }) => startType !== 'load' && startType !== 'none')
        .map((application) => application.name),
    ),
  };
}

function relOf(folder: string, version: string, name: string): RelFile | undefined {
  for (const file of [`${name}.rel`, `${name}_${version}.rel`]) {
    const path = join(folder, file);
    if (!existsSync(path)) continue;
    try {
      return parseRelFile(readTerms(readFileSync(path), path), version);
    } catch (error) {
      if (!(error instanceof OtpError)) throw error;
    }
  }
  return undefined;
}

/** The code MD5 of modules, by module: what the node has to have loaded in a version of the release. */
export type ModuleHashes = ReadonlyMap<string, { readonly application: string; readonly md5: string }>;

/** Of the modules of some applications, and of all consolidated protocols. */
export async function moduleHashes(
  root: string,
  { version, applications }: VersionOnDisk,
  wanted: ReadonlySet<string>,
): Promise<ModuleHashes> {
  const hashes = new Map<string, { application: string; md5: string }>();
  for (const [application, applicationVersion] of applications) {
    if (!wanted.has(application)) continue;
    for (const [path, content] of await beamsOf(root, `${application}-${applicationVersion}`)) {
      hashes.set(basename(path, '.beam'), { application, md5: openBeam(content, path).md5 });
    }
  }
  const consolidated = join(root, 'releases', version, 'consolidated');
  for (const [path, content] of beamsIn(consolidated)) {
    const module = basename(path, '.beam');
    const application = hashes.get(module)?.application;
    // A protocol of an application that is the same in both releases is consolidated anew all the same.
    hashes.set(module, {
      application: application ?? 'consolidated protocols',
      md5: openBeam(content, path).md5,
    });
  }
  return hashes;
}

async function beamsOf(root: string, folder: string): Promise<readonly (readonly [string, Buffer])[]> {
  const archive = join(root, 'lib', `${folder}.ez`);
  if (!existsSync(archive)) return beamsIn(join(root, 'lib', folder, 'ebin'));
  const tree = await openEz(readFileSync(archive), archive);
  const beams: (readonly [string, Buffer])[] = [];
  await tree.readMany(
    tree.files.map(({ path }) => path).filter((path) => path.endsWith('.beam')),
    (path, content) => {
      beams.push([path, Buffer.from(content)]);
    },
  );
  return beams;
}

function beamsIn(folder: string): readonly (readonly [string, Buffer])[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.beam'))
    .sort()
    .map((file) => [join(folder, file), readFileSync(join(folder, file))] as const);
}

/** The applications that are not the same in both, by name. */
export function differingApplications(left: VersionOnDisk, right: VersionOnDisk): ReadonlySet<string> {
  const names = [...left.applications.keys(), ...right.applications.keys()];
  return new Set(names.filter((name) => left.applications.get(name) !== right.applications.get(name)));
}
