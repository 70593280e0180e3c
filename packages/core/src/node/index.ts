export { bootVersionOf, launchRelease, type LaunchOptions, type ReleaseLaunch } from './launch-release';
export { parseVmArgs } from './vm-args';
