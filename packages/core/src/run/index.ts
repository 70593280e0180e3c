export { startRelease, type StartedRelease, type StartReleaseOptions } from './start-release';
export type { NodeEnd } from './run-node';
export { shellCommand } from './shell-command';
export { stepsToTry, upgradeToTry, type PlaceToTry, type UpgradeToTry } from './try-upgrade';
