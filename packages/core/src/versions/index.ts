export { checkVersion, isVersion } from './manifest';
export type {
  ComputedVersion,
  Manifest,
  VersionRequirement,
  VersionStatement,
  WrittenVersion,
} from './manifest';
export { neededVersions, type NeededVersion, type NeededVersions } from './needed-versions';
export { nextPatch, withThreeNumbers, writtenLike } from './next-version';
export {
  applicationOf,
  applicationVersions,
  describeComputed,
  manifestNames,
  projectVersion,
  readManifest,
  readProjectManifests,
  withApplicationVersion,
  withProjectVersion,
  type ChangedManifest,
  type PlacedManifest,
  type ProjectFiles,
  type ProjectManifests,
  type StatedVersion,
} from './project-manifests';
export { requirementFor, type RequirementOperator } from './requirement';
