import type { FileTree } from '../../src/release';

/** A folder of small text files, by path. */
export function literalTree(origin: string, files: Readonly<Record<string, string>>): FileTree {
  const missing = () => Promise.reject(new Error('a test that needs this reads a real folder'));
  return {
    kind: 'folder',
    origin,
    files: Object.keys(files)
      .sort()
      .map((path) => ({ path, size: Buffer.byteLength(files[path] ?? ''), mode: 0o644 })),
    read: (path) => Promise.resolve(Buffer.from(files[path] ?? '')),
    readMany: missing,
    hashes: missing,
  };
}
