import type { CompileExecutorOptions } from '../compile/schema';

export interface GenerateExecutorOptions extends CompileExecutorOptions {
  config?: string;
  releaseName?: string;
  outputPath?: string;
}
