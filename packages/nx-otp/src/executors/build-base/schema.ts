export interface BuildBaseExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  outputPath?: string;
}
