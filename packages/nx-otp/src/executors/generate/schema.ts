export interface GenerateExecutorOptions {
  config?: string;
  outputPath?: string;
}
