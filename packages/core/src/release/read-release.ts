import { OtpError } from '../error';
import { readTerms } from '../erlang';
import { parseAppFile } from './app-file';
import { openEz } from './ez-tree';
import type { FileTree } from './file-tree';
import type { Application, Release } from './model';
import { openTree } from './open-tree';
import { parseRelFile, type RelApplication, type RelFile } from './rel-file';
import { subTree } from './sub-tree';

/**
 * Reads a release, whose path may be absolute or relative to the working directory.
 *
 * Of several versions in one folder it reads the one that starts at boot (`releases/start_erl.data`).
 *
 * @param path the root folder of a target system (the one that holds `lib` and `releases`), or a `.tar.gz` of it
 * @throws OtpError (`release-missing`, `release-unreadable`, `rel-file`, `app-file`, ...) with the file and what to do
 */
export async function readRelease(path: string): Promise<Release> {
  return releaseInTree(await openTree(path), path);
}

/** As `readRelease`, of a tree that is open already. */
export async function releaseInTree(tree: FileTree, path: string): Promise<Release> {
  const { rel, relFile, versionPath } = await findRelFile(tree);
  const applications: Application[] = [];
  const missing: string[] = [];
  for (const entry of rel.applications) {
    const application = await readApplication(tree, entry);
    if (application === undefined) missing.push(`lib/${entry.name}-${entry.version}`);
    else applications.push(application);
  }
  if (missing.length > 0) {
    throw new OtpError(
      `the release ${rel.name} ${rel.version} names applications that are not there: ${missing.join(', ')}.`,
      {
        code: 'application-missing',
        file: tree.origin,
        fix: 'Give the whole release (the folder or tarball that was first installed), not an upgrade package that leaves out what has not changed.',
      },
    );
  }
  return {
    name: rel.name,
    version: rel.version,
    ertsVersion: rel.ertsVersion,
    relFile: `${tree.origin}/${relFile}`,
    path,
    tree,
    applications,
    versionPath,
  };
}

interface FoundRel {
  readonly rel: RelFile;
  readonly relFile: string;
  readonly versionPath: string;
}

/**
 * The `.rel` files lie in `releases/VSN`. Others than that of the release stand beside it (`start_clean.rel`), and
 * release_handler leaves a copy under the package's name (`dummy_0.2.rel`).
 */
async function findRelFile(tree: FileTree): Promise<FoundRel> {
  const candidates: FoundRel[] = [];
  const inVersionFolder = /^releases\/([^/]+)\/[^/]+\.rel$/;
  for (const { path } of tree.files) {
    const version = inVersionFolder.exec(path)?.[1];
    if (version === undefined) continue;
    const rel = parseRelFile(readTerms(await tree.read(path), `${tree.origin}/${path}`));
    if (rel.version === version) candidates.push({ rel, relFile: path, versionPath: `releases/${version}` });
  }
  if (candidates.length === 0) {
    throw new OtpError('there is no release here: no releases/VSN/NAME.rel whose version is VSN.', {
      code: 'release-missing',
      file: tree.origin,
      fix: 'Give the root folder of a target system (it holds lib, releases and mostly erts-VSN), or a .tar.gz of one.',
    });
  }
  const boots = await bootVersion(tree);
  const versions = new Set(candidates.map((candidate) => candidate.rel.version));
  const chosen = boots !== undefined && versions.has(boots) ? boots : candidates[0]?.rel.version;
  if (versions.size > 1 && chosen !== boots) {
    throw new OtpError(`it holds the versions ${[...versions].join(', ')}, and releases/start_erl.data names none of them.`, {
      code: 'release-ambiguous',
      file: tree.origin,
      fix: 'Write "ERTS-VSN VSN" into releases/start_erl.data to say which version is meant.',
    });
  }
  const ofVersion = candidates.filter((candidate) => candidate.rel.version === chosen);
  const names = new Set(ofVersion.map((candidate) => candidate.rel.name));
  const [first] = ofVersion.sort((a, b) => a.relFile.length - b.relFile.length);
  if (first === undefined || names.size > 1) {
    throw new OtpError(`${ofVersion.map((candidate) => candidate.relFile).join(' and ')} are two releases of one version.`, {
      code: 'release-ambiguous',
      file: tree.origin,
      fix: 'Keep one release in a folder.',
    });
  }
  return first;
}

/** The version in `releases/start_erl.data` ("ERTS-VSN VSN"), as the start scripts read it. */
async function bootVersion(tree: FileTree): Promise<string | undefined> {
  const path = 'releases/start_erl.data';
  if (!tree.files.some((file) => file.path === path)) return undefined;
  return (await tree.read(path)).toString('utf8').trim().split(/\s+/)[1];
}

async function readApplication(tree: FileTree, entry: RelApplication): Promise<Application | undefined> {
  for (const folder of [`${entry.name}-${entry.version}`, entry.name]) {
    const libPath = `lib/${folder}`;
    const application = await applicationIn(subTree(tree, libPath), libPath, entry);
    if (application !== undefined) return application;
    const archive = `${libPath}.ez`;
    if (!tree.files.some((file) => file.path === archive)) continue;
    const ez = await openEz(await tree.read(archive), `${tree.origin}/${archive}`);
    const archived = await applicationIn(subTree(ez, folder), archive, entry);
    if (archived !== undefined) return archived;
  }
  return undefined;
}

async function applicationIn(
  tree: FileTree,
  libPath: string,
  entry: RelApplication,
): Promise<Application | undefined> {
  const appFile = `ebin/${entry.name}.app`;
  if (!tree.files.some((file) => file.path === appFile)) return undefined;
  const resource = parseAppFile(readTerms(await tree.read(appFile), `${tree.origin}/${appFile}`));
  // An application in a folder without a version may be of another one: as in OTP, the .app decides.
  if (resource.name !== entry.name || resource.version !== entry.version) return undefined;
  return {
    name: entry.name,
    version: entry.version,
    startType: entry.startType,
    includedApplications: entry.includedApplications ?? resource.includedApplications,
    resource,
    libPath,
    tree,
  };
}
