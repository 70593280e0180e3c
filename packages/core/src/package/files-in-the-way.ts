import { buffer } from 'node:stream/consumers';
import type { Release } from '../release';
import type { FilesInTheWay } from '../rules';
import type { TarballEntry } from './tarball';

/**
 * Where unpacking a package on a base would keep files that are there and differ. The applications of the base
 * itself are not looked at: what differs in them under one version is refused by another rule.
 */
export async function findFilesInTheWay(
  next: Release,
  previous: readonly Release[],
  entries: readonly TarballEntry[],
): Promise<FilesInTheWay[]> {
  const found: FilesInTheWay[] = [];
  for (const base of previous) {
    const sizes = new Map(base.tree.files.map((file) => [file.path, file.size]));
    const own = new Set(base.applications.map(({ libPath }) => libPath));
    const inTheWay = new Map<string, string[]>();
    for (const entry of entries) {
      const folder = folderOf(entry.path);
      const obstacle =
        own.has(folder) || !isChecked(entry.path, folder, next) ? undefined : obstacleTo(entry.path, sizes);
      if (obstacle === undefined) continue;
      if (obstacle === entry.path && (await isSame(entry, base, sizes.get(obstacle)))) continue;
      const paths = inTheWay.get(folder) ?? [];
      if (!paths.includes(obstacle)) inTheWay.set(folder, [...paths, obstacle].sort());
    }
    found.push(...Array.from(inTheWay, ([folder, paths]) => ({ base: base.path, folder, paths })));
  }
  return found;
}

/** What one application, version or emulator has for itself. */
function folderOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('erts-') ? 1 : 2)
    .join('/');
}

/**
 * Nothing on the node reads an appup, `unpack_release` itself replaces `releases/NAME_VSN.rel`, and what is brought for
 * a base (`releases/OLD/start.boot`) is for the one that lacks it.
 */
function isChecked(path: string, folder: string, { versionPath, ertsVersion }: Release): boolean {
  if (path.endsWith('.appup')) return false;
  return folder.startsWith('lib/') || folder === versionPath || folder === `erts-${ertsVersion}`;
}

/** The file at the path of the entry, or one in the place of a folder above it. */
function obstacleTo(path: string, files: ReadonlyMap<string, number>): string | undefined {
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
