export interface VerifyUpgradeExecutorOptions {
  upgradePackage?: string;
  previousRelease?: string;
  previousReleases?: string[];
  appupsPath?: string;
  policyPath?: string;
}
