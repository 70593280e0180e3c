import { formatVerifiedUpgrade, OtpError, verifyUpgrade } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { ownOptions } from '../../task/own-options';
import { basesOf, givenReleases } from '../../task/previous-releases';
import { packageOf } from '../../task/upgrade-package';
import { runStep } from '../../task/run-step';
import type { VerifyUpgradeExecutorOptions } from './schema';

const verify: PromiseExecutor<VerifyUpgradeExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const upgradePackage = await packageOf(options.upgradePackage, context);
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

export default verify;
