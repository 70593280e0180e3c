export * from './model';
export type { FileEntry, FileTree } from './file-tree';
export { contentHash, fileHashes, releaseContentHash } from './content-hash';
export { readRelease } from './read-release';
