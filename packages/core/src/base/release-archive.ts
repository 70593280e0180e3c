import type { Dirent } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import { didYouMean } from '../nearest-name';
import type { FileTree } from '../release';
import { openTree } from '../release/open-tree';
import { releaseInTree } from '../release/read-release';
import { entriesOf } from '../upgrade/open-installation';
import { compareVersions } from './version-order';

export interface WantedRelease {
  /** The one that was asked for; the newest other than `currentVersion` where absent. */
  readonly version?: string;
  /** Of the release that is made now; unknown where no text says it. */
  readonly currentVersion?: string;
  /** Of the release that is made now: an archive may hold tarballs of several. */
  readonly releaseName?: string;
}

export interface ChosenRelease {
  /** Of the tarball or of the release's folder. */
  readonly path: string;
  readonly version: string;
}

/**
 * Whether a folder keeps releases rather than being one: it has no `releases`, and tarballs or releases lie in it, or in
 * folders of it.
 */
export async function isReleaseArchive(path: string): Promise<boolean> {
  const entries = await entriesOf(path);
  if (entries.some((entry) => entry.name === 'releases' || entry.name === 'lib')) return false;
  return (await candidatesIn(path)).length > 0;
}

/**
 * The release of a folder that keeps them: tarballs and folders of releases, there or in a folder for each version. Upgrade
 * packages that lie there, too, are told apart.
 * @throws OtpError `release-archive` that lists what was found
 */
export async function chooseRelease(path: string, wanted: WantedRelease): Promise<ChosenRelease> {
  const { version, currentVersion } = wanted;
  const candidates = inOrder(await candidatesIn(path), version);
  const notReleases: string[] = [];
  const versions = new Set<string>();
  let best: ChosenRelease | undefined;
  for (const candidate of candidates) {
    // Names are trusted for what need not be opened, and for nothing else.
    if (
      best !== undefined &&
      candidate.named !== undefined &&
      compareVersions(candidate.named, best.version) < 0
    )
      continue;
    const found = await releaseAt(join(path, candidate.path));
    if ('notARelease' in found) {
      notReleases.push(`${candidate.path} ${found.notARelease}`);
      continue;
    }
    if (wanted.releaseName !== undefined && found.name !== wanted.releaseName) {
      notReleases.push(`${candidate.path} is of ${found.name}`);
      continue;
    }
    versions.add(found.version);
    const chosen = { path: join(path, candidate.path), version: found.version };
    if (version !== undefined) {
      if (found.version === version) return chosen;
      continue;
    }
    if (found.version === currentVersion) continue;
    if (best === undefined || compareVersions(found.version, best.version) > 0) best = chosen;
    else if (found.version === best.version) throw twice(path, chosen, best);
  }
  if (best !== undefined) return best;
  const there = [...versions].sort(compareVersions);
  const others = notReleases.length === 0 ? '' : `; ${notReleases.slice(0, 5).join(', ')}`;
  throw new OtpError(
    version !== undefined
      ? `there is no release of version ${version} here; found ${there.join(', ') || 'none'}${others}.`
      : `there is no release of another version than ${currentVersion ?? 'the current one'} here; found ${there.join(', ') || 'none'}${others}.`,
    {
      code: 'release-archive',
      file: path,
      fix: `Keep the tarball of each release that is shipped there.${version === undefined ? '' : didYouMean(version, there)}`,
    },
  );
}

function twice(path: string, one: ChosenRelease, other: ChosenRelease): OtpError {
  return new OtpError(`${one.path} and ${other.path} are both version ${one.version}.`, {
    code: 'release-archive',
    file: path,
    fix: 'Give the one that is meant, or remove the other.',
  });
}

interface Candidate {
  /** Relative to the archive. */
  readonly path: string;
  /** What its name says. */
  readonly named: string | undefined;
}

/** The newest first, those whose names say nothing before them: what is older than a release that was found is not opened. */
function inOrder(candidates: readonly Candidate[], version: string | undefined): Candidate[] {
  const rank = ({ named }: Candidate): number =>
    named === version && version !== undefined ? 0 : named === undefined ? 1 : 2;
  return [...candidates].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      compareVersions(b.named ?? '', a.named ?? '') ||
      (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
  );
}

async function candidatesIn(path: string): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const entry of await entriesOf(path)) {
    const inFolder = join(path, entry.name);
    if (isTarball(entry)) found.push({ path: entry.name, named: versionInName(entry.name) });
    if (!(await isFolder(entry, inFolder))) continue;
    const entries = await entriesOf(inFolder);
    if (entries.some(({ name }) => name === 'releases')) {
      found.push({ path: entry.name, named: versionInName(`${entry.name}.tar`) });
    } else {
      for (const inner of entries.filter(isTarball)) {
        found.push({ path: join(entry.name, inner.name), named: versionInName(inner.name) });
      }
    }
  }
  return found;
}

function isTarball(entry: Dirent): boolean {
  return !entry.isDirectory() && /\.(?:tar|tar\.gz|tgz)$/.test(entry.name);
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** `0.1` of `dummy_0.1.tar.gz`, `dummy-0.1.tar.gz`, `v0.1.tar.gz` and `0.1`. */
function versionInName(name: string): string | undefined {
  return /(?:^|[_-])v?(\d[\w.+-]*)\.(?:tar|tar\.gz|tgz)$/.exec(name)?.[1];
}

type FoundRelease = { readonly name: string; readonly version: string } | { readonly notARelease: string };

async function releaseAt(path: string): Promise<FoundRelease> {
  try {
    const tree = await openTree(path);
    if (isUpgradePackage(tree)) return { notARelease: 'is an upgrade package' };
    const { name, version } = await releaseInTree(tree, path);
    return { name, version };
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    return { notARelease: `is no release (${error.problem.replace(/\.$/, '')})` };
  }
}

/** What release_handler unpacks beside a release, and no node can start from. */
export function isUpgradePackage(tree: FileTree): boolean {
  const has = (pattern: RegExp): boolean => tree.files.some(({ path }) => pattern.test(path));
  return !has(/^releases\/start_erl\.data$/) && has(/^releases\/[^/]+\/(?:upgrade\.json|relup)$/);
}
