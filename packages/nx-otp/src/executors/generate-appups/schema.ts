export interface GenerateAppupsExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  release?: string;
  appupsPath?: string;
  policyPath?: string;
  outputPath?: string;
}
