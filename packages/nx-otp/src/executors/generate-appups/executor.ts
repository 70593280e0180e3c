import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  formatAppups,
  formatDiagnostic,
  generateAppups,
  OtpError,
  readPolicy,
  type UpgradePolicy,
} from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { madeBy } from '../../task/dependency-output';
import { ownOptions } from '../../task/own-options';
import { basesOf } from '../../task/previous-releases';
import { outputOption, pathOption, projectRootOf } from '../../task/project-paths';
import { usualPolicy } from '../../task/policy-fingerprint';
import { runStep } from '../../task/run-step';
import { commandForVersions } from '../../versions/next-command';
import type { GenerateAppupsExecutorOptions } from './schema';

const appups: PromiseExecutor<GenerateAppupsExecutorOptions> = (given, context) =>
  runStep(
    async () => {
      const options = ownOptions(given, context);
      const { path, appups, diagnostics } = await generateAppups({
        previousReleases: await basesOf(options, context),
        release: madeBy(context, 'nx-otp:generate', 'release', { name: 'release', given: options.release }),
        appupsPath: reviewedAppups(options, context),
        policy: await policyOf(options, context),
        order: options.applicationOrder,
        outputPath: outputOption(context, options.outputPath, 'appups'),
      });
      console.log(formatAppups(appups));
      for (const diagnostic of diagnostics) console.warn(formatDiagnostic(diagnostic));
      console.log(
        `${appups.length} ${appups.length === 1 ? 'appup' : 'appups'}: ${relative(context.root, path)}`,
      );
    },
    (error) => commandForVersions(error, context),
  );

/** A folder that was asked for has to be there: appups that were reviewed must not be missed without a word. */
function reviewedAppups(options: GenerateAppupsExecutorOptions, context: ExecutorContext): string {
  const usual = join(projectRootOf(context), 'rel', 'appups');
  const path = pathOption(context, 'appupsPath', options.appupsPath, usual);
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (options.appupsPath !== undefined && !isFolder) {
    throw new OtpError('there is no such folder of reviewed appups.', {
      code: 'appups-missing',
      file: path,
      fix: 'Give the folder that holds APPLICATION/FROM_to_TO.appup, or leave appupsPath out.',
    });
  }
  return path;
}

/** What a file that was asked for says; the usual one need not be there. */
async function policyOf(
  { policyPath }: GenerateAppupsExecutorOptions,
  context: ExecutorContext,
): Promise<UpgradePolicy | undefined> {
  const file = pathOption(context, 'policyPath', policyPath, join(projectRootOf(context), usualPolicy));
  return policyPath === undefined && !existsSync(file) ? undefined : readPolicy(file);
}

export default appups;
