import { relative } from 'node:path';
import { importReleases } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { ownOptions } from '../../task/own-options';
import { releasesToImport } from '../../task/previous-releases';
import { outputOption } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { PreviousReleaseExecutorOptions } from './schema';

const previousRelease: PromiseExecutor<PreviousReleaseExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const releases = await importReleases({
      previousReleases: releasesToImport(options, context),
      outputPath: outputOption(context, options.outputPath, 'previous-release'),
    });
    for (const { name, version, path, copied } of releases) {
      console.log(`${name} ${version}: ${relative(context.root, path)}${copied ? '' : ' (unchanged)'}`);
    }
  });

export default previousRelease;
