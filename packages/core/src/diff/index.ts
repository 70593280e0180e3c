export * from './model';
export { diffReleases } from './diff-releases';
export type { ListDiff, ResourceDiff } from './resource-diff';
export { versionChange, type VersionChange } from './version-change';
