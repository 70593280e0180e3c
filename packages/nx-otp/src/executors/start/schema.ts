import type { RunReleaseOptions } from '../../task/run-release';

export type StartExecutorOptions = RunReleaseOptions;
