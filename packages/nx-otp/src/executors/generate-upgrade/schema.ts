export interface GenerateUpgradeExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  snapshot?: string;
  allowDifferences?: string[];
  appupsPath?: string;
  policyPath?: string;
  release?: string;
  appups?: string;
  outputPath?: string;
  full?: boolean;
  applicationOrder?: 'dependencies' | 'otp';
  restartEmulator?: boolean;
}
