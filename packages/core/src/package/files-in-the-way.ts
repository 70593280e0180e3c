import { buffer } from 'node:stream/consumers';
import type { Release } from '../release';
import type { FilesInTheWay } from '../rules';
import type { TarballEntry } from './tarball';

/** A file of a package, and the one of an installation that lies where it goes. */
export interface Obstacle {
  /** Of the file of the package, relative to the root. */
  readonly path: string;
  /** The file of the installation: at the same path, or in the place of a folder above it. */
  readonly obstacle: string;
  /** What has them for itself, such as `lib/dummy-0.2`. */
  readonly folder: string;
}

/**
 * Where unpacking a package on a base would keep files that are there and differ. The applications of the base
 * itself are not looked at: what differs in them under one version is refused by another rule.
 */
export async function findFilesInTheWay(
  next: Release,
  previous: readonly Release[],
  entries: readonly TarballEntry[],
): Promise<FilesInTheWay[]> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const found: FilesInTheWay[] = [];
  for (const base of previous) {
    const sizes = new Map(base.tree.files.map((file) => [file.path, file.size]));
    const own = new Set(base.applications.map(({ libPath }) => libPath));
    const inTheWay: Obstacle[] = [];
    for (const obstacle of findObstacles([...byPath.keys()], next, new Set(sizes.keys()), own)) {
      const entry = obstacle.obstacle === obstacle.path ? byPath.get(obstacle.path) : undefined;
      if (entry === undefined || !(await isSame(entry, base, sizes.get(entry.path)))) inTheWay.push(obstacle);
    }
    for (const group of groupByFolder(base.path, inTheWay)) found.push(group);
  }
  return found;
}

/**
 * Where something lies already, whatever its content.
 * @param paths of the package
 * @param present the files of the installation
 * @param own the folders of its own applications, which are not looked at
 */
export function findObstacles(
  paths: readonly string[],
  next: Pick<Release, 'versionPath' | 'ertsVersion'>,
  present: ReadonlySet<string>,
  own: ReadonlySet<string>,
): Obstacle[] {
  return paths.flatMap((path) => {
    const folder = folderOf(path);
    const obstacle =
      own.has(folder) || !isChecked(path, folder, next) ? undefined : obstacleTo(path, present);
    return obstacle === undefined ? [] : [{ path, obstacle, folder }];
  });
}

/** @param base the path of the base or installation */
export function groupByFolder(base: string, obstacles: readonly Obstacle[]): FilesInTheWay[] {
  const byFolder = new Map<string, Set<string>>();
  for (const { folder, obstacle } of obstacles) {
    byFolder.set(folder, (byFolder.get(folder) ?? new Set()).add(obstacle));
  }
  return Array.from(byFolder, ([folder, paths]) => ({ base, folder, paths: [...paths].sort() }));
}

/** What one application, version or emulator has for itself. */
function folderOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('erts-') ? 1 : 2)
    .join('/');
}

/**
 * In `bin` a package of relx has the start script of its version. Nothing on the node reads an appup, `unpack_release` itself replaces `releases/NAME_VSN.rel`, and what is brought for
 * a base (`releases/OLD/start.boot`) is for the one that lacks it.
 */
function isChecked(
  path: string,
  folder: string,
  { versionPath, ertsVersion }: Pick<Release, 'versionPath' | 'ertsVersion'>,
): boolean {
  if (path.endsWith('.appup')) return false;
  return /^(lib|bin)\//.test(folder) || folder === versionPath || folder === `erts-${ertsVersion}`;
}

/** The file at the path of the entry, or one in the place of a folder above it. */
function obstacleTo(path: string, files: ReadonlySet<string>): string | undefined {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) {
    if (files.has(path.slice(0, end))) return path.slice(0, end);
  }
  return files.has(path) ? path : undefined;
}

async function isSame(entry: TarballEntry, base: Release, size: number | undefined): Promise<boolean> {
  if (size !== entry.size) return false;
  const content = Buffer.isBuffer(entry.content) ? entry.content : await buffer(entry.content());
  return content.equals(await base.tree.read(entry.path));
}
