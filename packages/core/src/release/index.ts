export * from './model';
export type { FileEntry, FileTree } from './file-tree';
export { contentHash, releaseContentHash } from './content-hash';
export { layoutOf, versionedStartScript, type ReleaseLayout } from './layout';
export { openTree } from './open-tree';
export { readRelease } from './read-release';
export { recordedLibraries, type RecordedLibrary, type RecordedRelease } from './recorded-libraries';
export { readSysConfig, type ReleaseConfiguration } from './configuration';
export type { BootVersion, InstallationStatus, InstalledLibrary, InstalledRelease } from './installation';
