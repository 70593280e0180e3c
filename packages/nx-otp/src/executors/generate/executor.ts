import { relative } from 'node:path';
import {
  generateMixRelease,
  generateRelease,
  generateRelxRelease,
  releaseToolOf,
  type AssembledRelease,
  type GeneratedRelease,
} from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { defaultOutputPath, outputOption, projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { GenerateExecutorOptions } from './schema';

const generate: PromiseExecutor<GenerateExecutorOptions> = (options, context) =>
  runStep(async () => {
    const made = await generated(options, context);
    if ('output' in made && made.output !== '') console.log(made.output);
    for (const warning of made.warnings) console.warn(`warning: ${warning}`);
    console.log(`${made.name} ${made.version}: ${relative(context.root, made.path)}`);
  });

function generated(
  options: GenerateExecutorOptions,
  context: ExecutorContext,
): Promise<GeneratedRelease | AssembledRelease> {
  const projectRoot = projectRootOf(context);
  const outputPath = outputOption(context, options.outputPath, 'release');
  const tool = options.tool ?? releaseToolOf(projectRoot);
  const { releaseName: name } = options;
  switch (tool) {
    case 'reltool':
      return generateRelease({ projectRoot, config: options.config, outputPath });
    case 'mix':
      return generateMixRelease({
        projectRoot,
        outputPath,
        buildPath: defaultOutputPath(context, 'build/release'),
        name,
        environment: options.environment,
      });
    case 'rebar3':
      return generateRelxRelease({
        projectRoot,
        outputPath,
        buildPath: defaultOutputPath(context, 'build/release'),
        name,
        profile: options.profile,
      });
  }
}

export default generate;
