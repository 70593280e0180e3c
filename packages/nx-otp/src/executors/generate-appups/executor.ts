import { join, relative } from 'node:path';
import { formatAppups, formatDiagnostic, generateAppups } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { ownOptions } from '../../task/own-options';
import { basesOf } from '../../task/previous-releases';
import { defaultOutputPath, pathOption, projectRootOf } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { GenerateAppupsExecutorOptions } from './schema';

const appups: PromiseExecutor<GenerateAppupsExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const { path, appups, diagnostics } = await generateAppups({
      previousReleases: await basesOf(options, context),
      release: pathOption(context, options.release, defaultOutputPath(context, 'release')),
      appupsPath: pathOption(context, options.appupsPath, join(projectRootOf(context), 'rel', 'appups')),
      outputPath: pathOption(context, options.outputPath, defaultOutputPath(context, 'appups')),
    });
    console.log(formatAppups(appups));
    for (const diagnostic of diagnostics) console.warn(formatDiagnostic(diagnostic));
    console.log(`${appups.length} appups: ${relative(context.root, path)}`);
  });

export default appups;
