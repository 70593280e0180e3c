export { buildBase, unlockedDependencies, type BuildBaseOptions, type BuiltBase } from './build-base';
export { parseBaseSpecification, versionInFolder, type BaseSpecification } from './base-specification';
export { describedRelease, type DescribedRelease, type DescribedReleaseOptions } from './described-release';
export { repositoryOf, resolveRevision, type Repository } from './git-revision';
export { chooseRelease, isReleaseArchive, type ChosenRelease, type WantedRelease } from './release-archive';
export { findReleaseTag, releaseTagOfVersion, type ReleaseTag } from './release-tag';
