export interface PreviousReleaseExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  outputPath?: string;
}
