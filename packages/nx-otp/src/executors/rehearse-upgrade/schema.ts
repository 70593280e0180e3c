/** Times are seconds. */
export interface RehearseUpgradeExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  snapshot?: string;
  allowDifferences?: string[];
  upgradePackage?: string;
  probes?: string;
  /** Nx makes a number of what looks like one: `--base=0.10` is 0.1. */
  base?: string | number;
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
