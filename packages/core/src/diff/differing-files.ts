import { createHash } from 'node:crypto';
import type { FileTree } from '../release/file-tree';
import { readFiles, type FileOfTree } from '../release/sub-tree';

/** Two folders that are compared file by file. */
export interface TreePair {
  readonly previous: FileTree;
  readonly next: FileTree;
}

/** A file that only one side has, or whose content differs. Its content is held only while it is looked at. */
export interface FileDifference {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly path: string;
  readonly previous: Buffer | undefined;
  readonly next: Buffer | undefined;
}

/**
 * The files that differ between the trees of each pair, sorted by path. Where the sizes are equal the hashes decide.
 * Each tarball is passed over twice, however many pairs lie in it; of folders, one pair of files is in memory at a time.
 */
export async function* differingFiles<Pair extends TreePair>(
  pairs: readonly Pair[],
): AsyncGenerator<{ readonly pair: Pair; readonly difference: FileDifference }> {
  const equal = await equalFiles(pairs);
  const differing = pairs.flatMap((pair) => {
    const before = new Set(pair.previous.files.map((file) => file.path));
    const after = new Set(pair.next.files.map((file) => file.path));
    return [...new Set([...before, ...after])]
      .sort()
      .filter((path) => equal.get(pair)?.has(path) !== true)
      .map((path) => ({
        pair,
        path,
        previous: before.has(path) ? { tree: pair.previous, path } : undefined,
        next: after.has(path) ? { tree: pair.next, path } : undefined,
      }));
  });
  const read = await readerOf(
    differing.flatMap(({ previous, next }) => [previous, next]).filter((file) => file !== undefined),
  );
  for (const { pair, path, previous, next } of differing) {
    const kind = previous === undefined ? 'added' : next === undefined ? 'removed' : 'changed';
    yield { pair, difference: { kind, path, previous: await read(previous), next: await read(next) } };
  }
}

/** For each pair, the paths whose content is the same on both sides. */
async function equalFiles<Pair extends TreePair>(pairs: readonly Pair[]): Promise<Map<Pair, ReadonlySet<string>>> {
  const candidates = pairs.flatMap((pair) => {
    const sizes = new Map(pair.previous.files.map((file) => [file.path, file.size]));
    return pair.next.files
      .filter((file) => sizes.get(file.path) === file.size)
      .map(({ path }) => ({ pair, previous: { tree: pair.previous, path }, next: { tree: pair.next, path } }));
  });
  const hashes = new Map<FileOfTree, string>();
  await readFiles(
    candidates.flatMap(({ previous, next }) => [previous, next]),
    (file, content) => {
      hashes.set(file, createHash('sha256').update(content).digest('base64'));
    },
  );
  const equal = new Map(pairs.map((pair) => [pair, new Set<string>()]));
  for (const { pair, previous, next } of candidates) {
    if (hashes.get(previous) === hashes.get(next)) equal.get(pair)?.add(next.path);
  }
  return equal;
}

/** Reads files of folders when they are asked for; those of tarballs come from one pass made now. */
async function readerOf(
  files: readonly FileOfTree[],
): Promise<(file: FileOfTree | undefined) => Promise<Buffer | undefined>> {
  const fromTarballs = new Map<FileOfTree, Buffer>();
  await readFiles(
    files.filter((file) => file.tree.kind === 'tarball'),
    (file, content) => {
      fromTarballs.set(file, content);
    },
  );
  return async (file) => (file === undefined ? undefined : (fromTarballs.get(file) ?? (await file.tree.read(file.path))));
}
