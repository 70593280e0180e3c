/** There is nothing to choose. */
export type CompileApplicationExecutorOptions = Readonly<Record<string, never>>;
