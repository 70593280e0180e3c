import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import { readTerms } from '../erlang';
import type { FileTree } from '../release';
import { isTopLevelOfRelease } from '../release/content-hash';
import { architectureOf, type EmulatorFacts } from '../package/emulator';
import { snapshotTree } from '../snapshot/snapshot-tree';
import type { Snapshot } from '../snapshot/snapshot';
import { openEz } from '../release/ez-tree';
import { openFolder } from '../release/folder-tree';
import {
  parseBootVersion,
  parseInstalledReleases,
  releasesFile,
  startErlData,
  type InstalledRelease,
} from '../release/installation';
import { openTree } from '../release/open-tree';
import { parseRelFile, type RelFile } from '../release/rel-file';
import { subTree } from '../release/sub-tree';

/**
 * A target system as it runs somewhere: it may hold several versions, one of which is permanent. Unlike `Release` it
 * may lack what its `.rel` names.
 */
export interface Installation {
  /** As it was given. */
  readonly path: string;
  readonly tree: FileTree;
  readonly name: string;
  /** That which starts at boot: `releases/start_erl.data`, or what `RELEASES` says is permanent. */
  readonly version: string;
  /** `releases/VSN` of that version. */
  readonly versionPath: string;
  /** Its `.rel` file, for messages. */
  readonly relFile: string;
  /** Of the emulator that starts at boot. */
  readonly ertsVersion: string;
  readonly applications: readonly InstalledApplication[];
  /** What `releases/RELEASES` lists; undefined where there is no such file. */
  readonly installed: readonly InstalledRelease[] | undefined;
  /** Of the emulator that runs, where somebody has told; otherwise its files do. */
  readonly emulator?: EmulatorFacts;
  /** Whether something lies at an absolute path of the machine that it is installed on, where that can be told. */
  readonly hasPath: ((path: string) => Promise<boolean>) | undefined;
}

export interface InstalledApplication {
  readonly name: string;
  readonly version: string;
  /** `lib/NAME-VSN`, `lib/NAME-VSN.ez` or `lib/NAME`; undefined where it is not there. */
  readonly libPath: string | undefined;
  /** Its files; undefined where it is not there. */
  readonly tree: FileTree | undefined;
}

/**
 * @param path the folder of a running or installed target system, or a tarball of one
 * @throws OtpError `release-missing`, `release-unreadable`, `release-ambiguous`, `rel-file`, `releases-file`
 */
export async function openInstallation(path: string): Promise<Installation> {
  const tree = await openReleaseFiles(path);
  const hasPath = (file: string): Promise<boolean> =>
    stat(file).then(
      () => true,
      () => false,
    );
  return { ...(await installationIn(tree, path)), hasPath: tree.kind === 'folder' ? hasPath : undefined };
}

/**
 * What a snapshot tells of a node, as if its folder were here.
 * @param witnesses as for `snapshotTree`
 * @throws OtpError as `openInstallation`
 */
export async function openSnapshot(
  snapshot: Snapshot,
  witnesses: readonly FileTree[],
): Promise<Installation> {
  const architecture = snapshot.emulatorHeader && architectureOf(snapshot.emulatorHeader);
  const { root, files } = snapshot;
  return {
    ...(await installationIn(snapshotTree(snapshot, witnesses), snapshot.file)),
    emulator: { otp: snapshot.otp, ...(architecture !== undefined && { architecture }) },
    hasPath: (path) => {
      const within = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
      return Promise.resolve(
        // Of what lies elsewhere on that machine it does not tell.
        within === undefined ||
          files.some((file) => file.path === within || file.path.startsWith(`${within}/`)),
      );
    },
  };
}

async function installationIn(tree: FileTree, path: string): Promise<Omit<Installation, 'hasPath'>> {
  // In one pass, since in a tarball each is a decompression.
  const contents = new Map<string, Buffer>();
  const paths = tree.files.map((file) => file.path);
  await tree.readMany(
    paths.filter(
      (file) => file === releasesFile || file === startErlData || versionOfRel(file) !== undefined,
    ),
    (file, content) => {
      contents.set(file, content);
    },
  );
  const listed = contents.get(releasesFile);
  const installed = listed && parseInstalledReleases(listed, `${tree.origin}/${releasesFile}`);
  const started = contents.get(startErlData);
  const boot = started && parseBootVersion(started);
  const { rel, path: relPath } = permanentRelease(
    tree.origin,
    contents,
    boot?.version ?? installed?.find(({ status }) => status === 'permanent')?.version,
  );
  const applications: InstalledApplication[] = [];
  for (const { name, version } of rel.applications)
    applications.push(await installedApplication(tree, name, version));
  return {
    path,
    tree,
    name: rel.name,
    version: rel.version,
    versionPath: `releases/${rel.version}`,
    relFile: `${tree.origin}/${relPath}`,
    ertsVersion: boot?.ertsVersion ?? rel.ertsVersion,
    applications,
    installed,
  };
}

/** The files of a target system: a folder may hold much else beside them, some of it being written to. */
export async function openReleaseFiles(path: string): Promise<FileTree> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return openTree(path);
  const topLevel = (await entriesOf(path)).map((entry) => entry.name).filter(isTopLevelOfRelease);
  return openFolder(path, { topLevel });
}

/** What lies in a folder; nothing where there is none. */
export async function entriesOf(path: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw new OtpError(`it cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      code: 'folder-unreadable',
      file: path,
      cause: error,
    });
  });
}

/** `VSN` of `releases/VSN/NAME.rel`. */
function versionOfRel(path: string): string | undefined {
  return /^releases\/([^/]+)\/[^/]+\.rel$/.exec(path)?.[1];
}

interface FoundRel {
  readonly path: string;
  readonly rel: RelFile;
}

function permanentRelease(
  origin: string,
  contents: ReadonlyMap<string, Buffer>,
  version: string | undefined,
): FoundRel {
  const found: FoundRel[] = [];
  for (const [path, content] of contents) {
    const folder = versionOfRel(path);
    if (folder === undefined || (version !== undefined && folder !== version)) continue;
    const rel = parseRelFile(readTerms(content, `${origin}/${path}`), folder);
    if (rel.version === folder) found.push({ path, rel });
  }
  // release_handler's copy, under the name of the package, is the longer one.
  found.sort((a, b) => a.path.length - b.path.length);
  const [first] = found;
  if (first === undefined) {
    throw new OtpError(
      version === undefined
        ? 'there is no installation here: no releases/VSN/NAME.rel whose version is VSN.'
        : `version ${version} starts at boot, but there is no releases/${version}/NAME.rel of that version.`,
      {
        code: 'release-missing',
        file: origin,
        fix: 'Give the root folder of the installation (it holds lib, releases and mostly erts-VSN), or a .tar.gz of it.',
      },
    );
  }
  if (found.some(({ rel }) => rel.version !== first.rel.version)) {
    throw new OtpError(
      `it holds the versions ${found.map(({ rel }) => rel.version).join(', ')}, and neither releases/start_erl.data nor RELEASES says which of them starts at boot.`,
      {
        code: 'release-ambiguous',
        file: origin,
        fix: 'Write "ERTS-VSN VSN" into releases/start_erl.data.',
      },
    );
  }
  return first;
}

async function installedApplication(
  tree: FileTree,
  name: string,
  version: string,
): Promise<InstalledApplication> {
  const paths = new Set(tree.files.map(({ path }) => path));
  for (const folder of [`${name}-${version}`, name]) {
    const libPath = `lib/${folder}`;
    if (paths.has(`${libPath}/ebin/${name}.app`))
      return { name, version, libPath, tree: subTree(tree, libPath) };
    const archive = `${libPath}.ez`;
    if (!paths.has(archive)) continue;
    const content = await openEz(await tree.read(archive), `${tree.origin}/${archive}`);
    return { name, version, libPath: archive, tree: subTree(content, folder) };
  }
  return { name, version, libPath: undefined, tree: undefined };
}
