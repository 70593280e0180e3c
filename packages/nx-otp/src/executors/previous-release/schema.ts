export interface PreviousReleaseExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  snapshot?: string;
  allowDifferences?: string[];
  outputPath?: string;
}
