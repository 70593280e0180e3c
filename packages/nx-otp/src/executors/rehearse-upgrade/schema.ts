/** Times are seconds. */
export interface RehearseUpgradeExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  snapshot?: string;
  allowDifferences?: string[];
  upgradePackage?: string;
  probes?: string;
  base?: string;
  sysConfig?: string;
  network?: 'auto' | 'shared';
  clients?: number;
  settleTime?: number;
  bootTimeout?: number;
  stepTimeout?: number;
  probeTimeout?: number;
  keep?: boolean;
  outputPath?: string;
  appupsPath?: string;
  policyPath?: string;
}
