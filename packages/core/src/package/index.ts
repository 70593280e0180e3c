export { findFilesInTheWay } from './files-in-the-way';
export { packageContents, type PackageContents } from './package-contents';
export { packageEntries } from './package-entries';
export { packageManifest, type ApplicationContent, type PackageManifest } from './manifest';
export { writeTarball, type TarballEntry, type WrittenTarball } from './tarball';
