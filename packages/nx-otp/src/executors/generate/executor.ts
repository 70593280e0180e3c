import { relative } from 'node:path';
import { generateRelease } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { outputOption, projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { GenerateExecutorOptions } from './schema';

const generate: PromiseExecutor<GenerateExecutorOptions> = (options, context) =>
  runStep(async () => {
    const { path, name, version, warnings } = await generateRelease({
      projectRoot: projectRootOf(context),
      config: options.config,
      outputPath: outputOption(context, options.outputPath, 'release'),
    });
    for (const warning of warnings) console.warn(`warning: ${warning}`);
    console.log(`${name} ${version}: ${relative(context.root, path)}`);
  });

export default generate;
