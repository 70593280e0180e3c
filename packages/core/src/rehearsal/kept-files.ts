import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTree } from '../release/open-tree';
import type { Finding } from './model';

/**
 * Files of the package that are not what lies on disk after it was unpacked: `release_handler:unpack_release/1` keeps what
 * is there (`keep_old_files` of `erl_tar`), and tells nobody.
 * @param before the files that lay there before, relative to the root of the release
 */
export async function keptFiles(
  upgradePackage: string,
  root: string,
  version: string,
  before: ReadonlySet<string>,
): Promise<Finding[]> {
  const tree = await openTree(upgradePackage);
  const shared = tree.files
    .map(({ path }) => path)
    .filter(
      (path) => before.has(path) && (path.startsWith('lib/') || path.startsWith(`releases/${version}/`)),
    );
  const kept: string[] = [];
  const brought = new Map<string, Buffer>();
  await tree.readMany(shared, (path, content) => {
    brought.set(path, Buffer.from(content));
  });
  for (const [path, content] of brought) {
    if (!(await readFile(join(root, path))).equals(content)) kept.push(path);
  }
  if (kept.length === 0) return [];
  const more = kept.length > 5 ? ` and ${kept.length - 5} more` : '';
  return [
    {
      severity: 'error',
      code: 'file-kept',
      text: `unpacking has kept files that were there already, and the package brings others: ${kept.sort().slice(0, 5).join(', ')}${more}.`,
    },
  ];
}
