export { readEmulators } from './emulators';
export { findEmulatorRestarts } from './emulator-restarts';
export { findFilesInTheWay } from './files-in-the-way';
export { installationSteps, type InstallationSteps } from './installation-steps';
export { packageContents, type PackageContents } from './package-contents';
export { packageEntries } from './package-entries';
export {
  packageManifest,
  type ApplicationContent,
  type ManifestBase,
  type PackageManifest,
  type PairSummary,
} from './manifest';
export type { Architecture } from './emulator';
export { writeTarball, type TarballEntry, type WrittenTarball } from './tarball';
