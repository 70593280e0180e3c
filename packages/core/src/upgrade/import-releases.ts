import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OtpError } from '../error';
import { pathInOutput, refuseForeignFolder, refuseOutputPath } from '../output/output-path';
import { removeLeftovers, writeFolder } from '../output/replace-folder';
import { contentHash, releaseContentHash, type FileTree } from '../release';
import { belongsToRelease } from '../release/content-hash';
import { openFolder } from '../release/folder-tree';
import { releaseInTree } from '../release/read-release';
import { entriesOf, openReleaseFiles } from './open-installation';

export interface ImportReleasesOptions {
  /** Folders or tarballs of previous releases, at least one. They are only read. */
  readonly previousReleases: readonly string[];
  /** Becomes a folder that holds exactly these releases, each in a folder named by its content. */
  readonly outputPath: string;
}

export interface ImportedRelease {
  /** `OUTPUT/NAME-VSN-HASH`, the release's root folder. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** SHA-256 in hex of paths, executable bits and content; the same for a folder and a tarball of it. */
  readonly contentHash: string;
  /** False where it was there already. */
  readonly copied: boolean;
}

/**
 * Copies previous releases to a place where a build can key on their content, whatever their paths are. What belongs
 * to the installation and not to the release is left out: logs, databases, tarballs, cookies. The copies are read-only.
 *
 * @throws OtpError when one of them is missing, unreadable or no release, or two have the same version; then
 *   `outputPath` is as it was
 */
export async function importReleases(options: ImportReleasesOptions): Promise<ImportedRelease[]> {
  const { previousReleases, outputPath } = options;
  if (previousReleases.length === 0) {
    throw new OtpError('no previous release was given.', {
      code: 'no-previous-release',
      fix: 'Give the folder or tarball of the release that runs in production as previousRelease.',
    });
  }
  refuseOutputPath(outputPath, previousReleases);
  await refuseForeignFolder(outputPath, (entries) => entries.some((entry) => /-[0-9a-f]{12}$/.test(entry)));
  const sources: ReleaseSource[] = [];
  for (const path of previousReleases) sources.push(await openSource(path));
  refuseSameVersions(sources);
  await removeLeftovers(outputPath);
  const present = await importedIn(outputPath);
  const wanted = sources.map((source) => folderName(source));
  if (
    present.size === wanted.length &&
    wanted.every((name, index) => present.get(name) === sources[index]?.hash)
  ) {
    return sources.map((source) => imported(source, outputPath, false));
  }
  await writeFolder(outputPath, async (folder) => {
    for (const source of sources) await copyFiles(source, pathInOutput(folder, folderName(source)));
  });
  return sources.map((source) => imported(source, outputPath, true));
}

/** The releases that `importReleases` put there, by path. @throws OtpError when there is none. */
export async function importedReleases(outputPath: string): Promise<string[]> {
  const entries = await entriesOf(outputPath);
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (names.length === 0) {
    throw new OtpError('there is no previous release here.', {
      code: 'release-missing',
      file: outputPath,
      fix: 'Run the target that brings it into the workspace (executor nx-otp:previous-release) first.',
    });
  }
  return names.sort().map((name) => join(outputPath, name));
}

/** The content of a release, in a folder or a tarball, as a hash; `unreadable` for what is none. */
export async function releaseFingerprint(path: string): Promise<string> {
  try {
    return await releaseContentHash(await openReleaseFiles(path));
  } catch (error) {
    if (error instanceof OtpError) return 'unreadable';
    throw error;
  }
}

interface ReleaseSource {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly tree: FileTree;
  readonly files: readonly string[];
  readonly hash: string;
}

async function openSource(path: string): Promise<ReleaseSource> {
  const tree = await openReleaseFiles(path);
  const { name, version } = await releaseInTree(tree, path);
  const files = tree.files.map((file) => file.path).filter(belongsToRelease);
  return { path, name, version, tree, files, hash: await releaseContentHash(tree) };
}

function refuseSameVersions(sources: readonly ReleaseSource[]): void {
  const byVersion = new Map<string, ReleaseSource>();
  for (const source of sources) {
    const other = byVersion.get(source.version);
    if (other !== undefined) {
      throw new OtpError(`${other.path} and ${source.path} are both ${source.name} ${source.version}.`, {
        code: 'same-version',
        fix: 'Give each previous version once.',
      });
    }
    byVersion.set(source.version, source);
  }
}

function folderName({ name, version, hash }: ReleaseSource): string {
  return `${name}-${version}-${hash.slice(0, 12)}`;
}

function imported(source: ReleaseSource, outputPath: string, copied: boolean): ImportedRelease {
  const { name, version, hash } = source;
  return { path: join(outputPath, folderName(source)), name, version, contentHash: hash, copied };
}

/** What an earlier run left there, with the content it really has: somebody may have touched it since. */
async function importedIn(outputPath: string): Promise<Map<string, string>> {
  const present = new Map<string, string>();
  for (const entry of await entriesOf(outputPath)) {
    present.set(entry.name, entry.isDirectory() ? await hashOfCopy(join(outputPath, entry.name)) : '');
  }
  return present;
}

/** Empty for a copy that is no longer readable, which is as good as none. */
async function hashOfCopy(path: string): Promise<string> {
  try {
    return await contentHash(await openFolder(path));
  } catch (error) {
    if (error instanceof OtpError) return '';
    throw error;
  }
}

async function copyFiles({ tree, files }: ReleaseSource, folder: string): Promise<void> {
  const modes = new Map(tree.files.map((file) => [file.path, file.mode]));
  for (const parent of new Set(files.map((file) => dirname(join(folder, file))))) {
    await mkdir(parent, { recursive: true });
  }
  await tree.readMany(files, async (path, content) => {
    const executable = ((modes.get(path) ?? 0) & 0o111) !== 0;
    await writeFile(join(folder, path), content, { mode: executable ? 0o555 : 0o444 });
  });
}
