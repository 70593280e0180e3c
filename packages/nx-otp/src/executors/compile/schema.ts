export type CompileExecutorOptions = Record<string, never>;
