export interface VerifyUpgradeExecutorOptions {
  upgradePackage?: string;
  previousRelease?: string;
  previousReleases?: string[];
  snapshot?: string;
  allowDifferences?: string[];
  appupsPath?: string;
  policyPath?: string;
}
