export * from './model';
export type { FileEntry, FileTree } from './file-tree';
export { contentHash, releaseContentHash } from './content-hash';
export { readRelease } from './read-release';
