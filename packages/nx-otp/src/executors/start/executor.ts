import type { PromiseExecutor } from '@nx/devkit';
import { runRelease } from '../../task/run-release';
import { runStep } from '../../task/run-step';
import type { StartExecutorOptions } from './schema';

const start: PromiseExecutor<StartExecutorOptions> = (options, context) =>
  runStep(() => runRelease(options, context, false));

export default start;
