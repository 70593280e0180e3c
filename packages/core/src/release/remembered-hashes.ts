import { createHash } from 'node:crypto';
import type { FileTree } from './file-tree';

/**
 * `FileTree.hashes` of a tree that is read with this `readMany`. An upgrade asks for the hash of a file up to three
 * times: to compare the releases, to name their content, and for the manifest of the package.
 */
export function rememberedHashes(readMany: FileTree['readMany']): FileTree['hashes'] {
  const known = new Map<string, string>();
  return async (paths) => {
    const asked = [...paths];
    await readMany(
      asked.filter((path) => !known.has(path)),
      (path, content) => {
        known.set(path, createHash('sha256').update(content).digest('hex'));
      },
    );
    return new Map(asked.map((path) => [path, known.get(path) ?? '']));
  };
}
