import type { PromiseExecutor } from '@nx/devkit';
import { runRelease } from '../../task/run-release';
import { runStep } from '../../task/run-step';
import type { ConsoleExecutorOptions } from './schema';

const withShell: PromiseExecutor<ConsoleExecutorOptions> = (options, context) =>
  runStep(() => runRelease(options, context, true));

export default withShell;
