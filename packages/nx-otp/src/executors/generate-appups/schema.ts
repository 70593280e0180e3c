export interface GenerateAppupsExecutorOptions {
  previousRelease?: string;
  previousReleases?: string[];
  release?: string;
  appupsPath?: string;
  outputPath?: string;
}
