export interface GenerateAppupsExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  snapshot?: string;
  allowDifferences?: string[];
  release?: string;
  appupsPath?: string;
  policyPath?: string;
  applicationOrder?: 'dependencies' | 'otp';
  outputPath?: string;
}
