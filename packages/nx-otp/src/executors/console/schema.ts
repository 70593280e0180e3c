import type { RunReleaseOptions } from '../../task/run-release';

export type ConsoleExecutorOptions = RunReleaseOptions;
