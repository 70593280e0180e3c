import type { FileEntry, FileTree } from '../release/file-tree';
import { hashFiles, readFiles, type FileOfTree } from '../release/sub-tree';

/** Two folders that are compared file by file. */
export interface TreePair {
  readonly previous: FileTree;
  readonly next: FileTree;
}

/** A file that only one side has, or that differs in its content or in whether it is executable. */
export interface FileDifference {
  readonly kind: 'added' | 'removed' | 'changed';
  readonly path: string;
  /** Its content, held only while it is looked at; undefined for a file whose content was not asked for, too. */
  readonly previous: Buffer | undefined;
  readonly next: Buffer | undefined;
}

/**
 * The files that differ between the trees of each pair, sorted by path. Where the sizes are equal the hashes decide.
 * Each tarball is passed over twice, however many pairs lie in it; of folders, one pair of files is in memory at a time.
 *
 * @param isWanted whether the content of a file is given when it differs; a file that is not is never held whole
 */
export async function* differingFiles<Pair extends TreePair>(
  pairs: readonly Pair[],
  isWanted: (path: string) => boolean,
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
        kind: before.has(path)
          ? after.has(path)
            ? ('changed' as const)
            : ('removed' as const)
          : ('added' as const),
        previous: before.has(path) && isWanted(path) ? { tree: pair.previous, path } : undefined,
        next: after.has(path) && isWanted(path) ? { tree: pair.next, path } : undefined,
      }));
  });
  const read = await readerOf(
    differing.flatMap(({ previous, next }) => [previous, next]).filter((file) => file !== undefined),
  );
  for (const { pair, path, kind, previous, next } of differing) {
    yield { pair, difference: { kind, path, previous: await read(previous), next: await read(next) } };
  }
}

/** For each pair, the paths of the files that are the same on both sides. */
async function equalFiles<Pair extends TreePair>(
  pairs: readonly Pair[],
): Promise<Map<Pair, ReadonlySet<string>>> {
  const candidates = pairs.flatMap((pair) => {
    const before = new Map(pair.previous.files.map((file) => [file.path, file]));
    return pair.next.files
      .filter((file) => mayBeEqual(pair, before.get(file.path), file))
      .map(({ path }) => ({
        pair,
        previous: { tree: pair.previous, path },
        next: { tree: pair.next, path },
      }));
  });
  const hashes = await hashFiles(candidates.flatMap(({ previous, next }) => [previous, next]));
  const equal = new Map(pairs.map((pair) => [pair, new Set<string>()]));
  for (const { pair, previous, next } of candidates) {
    if (hashes.get(previous) === hashes.get(next)) equal.get(pair)?.add(next.path);
  }
  return equal;
}

function mayBeEqual({ previous, next }: TreePair, before: FileEntry | undefined, after: FileEntry): boolean {
  if (before?.size !== after.size) return false;
  // OTP's zip module keeps no permissions, and nobody executes a beam.
  if (previous.kind === 'ez' || next.kind === 'ez' || after.path.endsWith('.beam')) return true;
  return ((before.mode & 0o111) !== 0) === ((after.mode & 0o111) !== 0);
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
  return async (file) => {
    if (file === undefined) return undefined;
    const content = fromTarballs.get(file) ?? (await file.tree.read(file.path));
    fromTarballs.delete(file);
    return content;
  };
}
