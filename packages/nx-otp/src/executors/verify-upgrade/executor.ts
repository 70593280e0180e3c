import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatVerifiedUpgrade, OtpError, verifyUpgrade } from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { dependencyOutput } from '../../task/dependency-output';
import { ownOptions } from '../../task/own-options';
import { basesOf, givenReleases } from '../../task/previous-releases';
import { defaultOutputPath, fromWorkingDirectory, givenPath } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import type { VerifyUpgradeExecutorOptions } from './schema';

const verify: PromiseExecutor<VerifyUpgradeExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const upgradePackage = await packageOf(options, context);
    // The installation itself rather than its copy in the workspace: it may have changed since, and the copy leaves out
    // what is no part of a release.
    const installations = givenReleases(options, context);
    const verdicts: string[] = [];
    let fit = true;
    const isCopy = installations.length === 0;
    for (const release of isCopy ? await basesOf(options, context) : installations) {
      const verified = await verifyUpgrade({ upgradePackage, release, isCopy });
      fit &&= verified.fits;
      verdicts.push(formatVerifiedUpgrade({ upgradePackage, release }, verified));
    }
    const report = verdicts.join('\n');
    if (!fit) throw new OtpError(report, { code: 'upgrade-does-not-fit' });
    console.log(report);
  });

async function packageOf(options: VerifyUpgradeExecutorOptions, context: ExecutorContext): Promise<string> {
  const { upgradePackage } = options;
  if (upgradePackage !== undefined) return givenPath(context, 'upgradePackage', upgradePackage);
  const folder =
    dependencyOutput(context, 'nx-otp:generate-upgrade', 'upgrade') ??
    fromWorkingDirectory(defaultOutputPath(context, 'upgrade'));
  const names = await readdir(folder).catch(() => []);
  const packages = names.filter((name) => name.endsWith('.tar.gz')).sort();
  const [only] = packages;
  if (only !== undefined && packages.length === 1) return join(folder, only);
  throw new OtpError(
    `expected one upgrade package, NAME_VSN.tar.gz; found ${packages.length === 0 ? 'none' : packages.join(', ')}.`,
    {
      code: 'package-missing',
      file: folder,
      fix: `Run nx run ${context.projectName ?? 'PROJECT'}:generate-upgrade first, or pass --upgradePackage=PATH.`,
    },
  );
}

export default verify;
