export * from './model';
export { diffReleases } from './diff-releases';
export type { ListDiff, ResourceDiff } from './resource-diff';
export { readReleasePair, type IndexedModule, type ModuleIndex, type ReleasePair } from './module-index';
export { versionChange, type VersionChange } from './version-change';
