import type { FileTree } from './file-tree';

/**
 * One folder of a tree as a tree of its own, with paths relative to that folder.
 * @param prefix the folder, without a slash at the end, such as `lib/dummy-0.2`
 */
export function subTree(tree: FileTree, prefix: string): FileTree {
  const start = `${prefix}/`;
  return {
    kind: tree.kind,
    origin: `${tree.origin}/${prefix}`,
    within: { tree, prefix },
    files: tree.files
      .filter((file) => file.path.startsWith(start))
      .map((file) => ({ ...file, path: file.path.slice(start.length) })),
    read: (path) => tree.read(start + path),
    readMany: (paths, visit) =>
      tree.readMany(
        Array.from(paths, (path) => start + path),
        (path, content) => visit(path.slice(start.length), content),
      ),
    async hashes(paths) {
      const hashes = await tree.hashes(Array.from(paths, (path) => start + path));
      return new Map(Array.from(hashes, ([path, hash]) => [path.slice(start.length), hash]));
    },
  };
}

/** A file of one of several trees. */
export interface FileOfTree {
  readonly tree: FileTree;
  readonly path: string;
}

/**
 * Reads files of several trees, with one pass over each tree that they are folders of: what lies in one tarball is
 * decompressed once. The order of the visits is that of the passes, not that of `files`.
 */
export async function readFiles(
  files: Iterable<FileOfTree>,
  visit: (file: FileOfTree, content: Buffer) => void,
): Promise<void> {
  for (const [tree, pass] of passesOver(files)) {
    await tree.readMany(pass.keys(), (path, content) => {
      const file = pass.get(path);
      if (file !== undefined) visit(file, content);
    });
  }
}

/** SHA-256 in hex of files of several trees, with as few passes as `readFiles` makes. */
export async function hashFiles(files: Iterable<FileOfTree>): Promise<Map<FileOfTree, string>> {
  const found = new Map<FileOfTree, string>();
  for (const [tree, pass] of passesOver(files)) {
    const hashes = await tree.hashes(pass.keys());
    for (const [path, file] of pass) found.set(file, hashes.get(path) ?? '');
  }
  return found;
}

/** The files by the tree that is read for them, and by their path in it. */
function passesOver(files: Iterable<FileOfTree>): Map<FileTree, Map<string, FileOfTree>> {
  const passes = new Map<FileTree, Map<string, FileOfTree>>();
  for (const file of files) {
    const { tree, path } = file.tree.within === undefined ? file : fileOfWhole(file, file.tree.within);
    const pass = passes.get(tree) ?? new Map<string, FileOfTree>();
    passes.set(tree, pass.set(path, file));
  }
  return passes;
}

function fileOfWhole(file: FileOfTree, within: { tree: FileTree; prefix: string }): FileOfTree {
  return { tree: within.tree, path: `${within.prefix}/${file.path}` };
}
