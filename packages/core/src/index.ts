export { OtpError, type OtpErrorDetails, type Position } from './error';
export * from './erlang';
export { openBeam, type BeamFile } from './beam';
export {
  collectReleaseFacts,
  distributionApplications,
  writeReleaseFacts,
  type CollectOptions,
  type ReleaseFacts,
} from './facts';
export {
  openTree,
  readRelease,
  type Application,
  type ApplicationResource,
  type FileEntry,
  type FileTree,
  type Release,
  type ReleaseLayout,
  type StartType,
} from './release';
export {
  diffReleases,
  type ApplicationDiff,
  type FileDiff,
  type ModuleDiff,
  type ModuleFacts,
  type ReleaseDiff,
} from './diff';
export type {
  Appup,
  Instruction,
  PlannedAppup,
  PlannedInstruction,
  PlannedSection,
  UpgradePolicy,
} from './appup';
export type { Relup, RelupEntry, RelupOptions, RelupOrder } from './relup';
export { BlockedUpgradeError, formatDiagnostic, type Diagnostic, type Severity } from './rules';
export { installationSteps, type InstallationSteps, type PackageManifest } from './package';
export { planUpgrade, type PlanUpgradeInput, type UpgradePlan } from './upgrade/plan-upgrade';
export { generateAppups, type GenerateAppupsOptions, type GeneratedAppups } from './upgrade/generate-appups';
export {
  generateUpgrade,
  type GenerateUpgradeOptions,
  type UpgradePackage,
} from './upgrade/generate-upgrade';
export {
  formatVerifiedUpgrade,
  verifyUpgrade,
  type VerifiedUpgrade,
  type VerifyUpgradeOptions,
} from './upgrade/verify-upgrade';
export {
  importedReleases,
  importReleases,
  releaseFingerprint,
  type ImportedRelease,
  type ImportReleasesOptions,
} from './upgrade/import-releases';
export {
  buildBase,
  chooseRelease,
  describedRelease,
  findReleaseTag,
  isReleaseArchive,
  parseBaseSpecification,
  releaseTagOfVersion,
  repositoryOf,
  resolveRevision,
  unlockedDependencies,
  versionInFolder,
  type BaseSpecification,
  type BuildBaseOptions,
  type BuiltBase,
  type DescribedRelease,
  type ReleaseTag,
  type Repository,
} from './base';
export {
  compareWithShipped,
  isSnapshot,
  readEvidence,
  readSnapshot,
  snapshotRelease,
  snapshotScript,
  type ComparedBase,
  type Evidence,
  type ShippedDifference,
  type Snapshot,
} from './snapshot';
export {
  compileApplications,
  compileMix,
  compileRebar3,
  compileWorkspace,
  erlangToolchain,
  generateMixRelease,
  generateRelease,
  generateRelxRelease,
  otpApplications,
  releaseToolOf,
  testApplications,
  testMix,
  testRebar3,
  type AssembledRelease,
  type CompiledApplications,
  type CompileMixOptions,
  type CompileOptions,
  type CompileRebar3Options,
  type CompileResult,
  type CompileWorkspaceOptions,
  type ErlangToolchain,
  type GeneratedRelease,
  type GenerateMixReleaseOptions,
  type GenerateOptions,
  type GenerateRelxReleaseOptions,
  type ReleaseTool,
  type TestMixOptions,
  type TestOptions,
  type TestRebar3Options,
  type WorkspaceApplication,
} from './build';
export {
  policyInputs,
  readPolicy,
  type InstructionForTransform,
  type ModuleFactsForTransform,
  type ModuleForTransform,
  type SectionForTransform,
} from './policy';
export { refuseForeignFolder } from './output/output-path';
export { formatAppups } from './report/appup-text';
export { formatRehearsal } from './report/rehearsal-text';
export { reviewableAppups, type ReviewableAppup } from './report/reviewable-appups';
export { bootVersionOf, launchRelease, type LaunchOptions, type ReleaseLaunch } from './node';
export {
  shellCommand,
  startRelease,
  stepsToTry,
  upgradeToTry,
  type NodeEnd,
  type PlaceToTry,
  type StartedRelease,
  type StartReleaseOptions,
  type UpgradeToTry,
} from './run';
export {
  rehearseUpgrade,
  type RehearsalProgress,
  type RehearseUpgradeOptions,
} from './rehearsal/rehearse-upgrade';
export {
  readRehearsal,
  rehearseUpgrades,
  releaseOfBase,
  type RehearsalsIndex,
  type RehearseUpgradesOptions,
} from './rehearsal/rehearse-upgrades';
export { probeInputs, type Probe, type Probes } from './rehearsal/probes';
export type {
  Aftermath,
  Finding,
  Installation,
  InstructionOrigin,
  ProcessDescription,
  Rehearsal,
  RehearsalStep,
} from './rehearsal/model';
export * from './versions';
