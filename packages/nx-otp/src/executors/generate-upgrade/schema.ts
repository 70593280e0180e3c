export interface GenerateUpgradeExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  release?: string;
  appups?: string;
  outputPath?: string;
  full?: boolean;
  applicationOrder?: 'dependencies' | 'otp';
  restartEmulator?: boolean;
}
