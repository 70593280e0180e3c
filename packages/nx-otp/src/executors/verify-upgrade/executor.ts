import { existsSync } from 'node:fs';
import {
  formatVerifiedUpgrade,
  importedReleases,
  isSnapshot,
  OtpError,
  parseBaseSpecification,
  verifyUpgrade,
} from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { chosenBases } from '../../task/chosen-bases';
import { dependencyOutput } from '../../task/dependency-output';
import { ownOptions } from '../../task/own-options';
import { basesOf, givenReleases, projectOf } from '../../task/previous-releases';
import { defaultOutputPath, givenPath } from '../../task/project-paths';
import { packageOf } from '../../task/upgrade-package';
import { runStep } from '../../task/run-step';
import type { VerifyUpgradeExecutorOptions } from './schema';

const verify: PromiseExecutor<VerifyUpgradeExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const upgradePackage = await packageOf(options.upgradePackage, context);
    const verdicts: string[] = [];
    let fit = true;
    for (const { release, isCopy, witnesses } of await installationsOf(options, context)) {
      const verified = await verifyUpgrade({ upgradePackage, release, isCopy, witnesses });
      fit &&= verified.fits;
      verdicts.push(formatVerifiedUpgrade({ upgradePackage, release }, verified));
    }
    const report = verdicts.join('\n');
    if (!fit) throw new OtpError(report, { code: 'upgrade-does-not-fit' });
    console.log(report);
  });

interface InstallationToVerify {
  readonly release: string;
  readonly isCopy: boolean;
  /** Releases in the workspace, one of which the package was made for. */
  readonly witnesses: readonly string[];
}

/**
 * Each installation itself rather than its copy in the workspace: it may have changed since, and the copy leaves out what is
 * no part of a release. What was built from git is installed nowhere here, so that the copy has to do, or the snapshot of
 * the node that runs it.
 */
async function installationsOf(
  options: VerifyUpgradeExecutorOptions,
  context: ExecutorContext,
): Promise<InstallationToVerify[]> {
  const project = projectOf(context);
  const snapshot =
    options.snapshot === undefined ? undefined : givenPath(context, 'snapshot', options.snapshot);
  const given = givenReleases(options);
  const direct: string[] = [];
  let wantsCopies = given.length === 0;
  for (const text of given) {
    const path = parseBaseSpecification(text).kind === 'path' && givenPath(context, 'previousRelease', text);
    if (path !== false && (await isSnapshot(path))) {
      direct.push(path);
      continue;
    }
    for (const base of await chosenBases([text], project)) {
      if (base.kind === 'release') direct.push(base.path);
      else wantsCopies = true;
    }
  }
  if (snapshot !== undefined && (await isSnapshot(snapshot))) {
    direct.push(snapshot);
    // What was not given is known by its snapshot now.
    wantsCopies = false;
  }
  const copies = wantsCopies ? await basesOf({}, context) : [];
  const witnesses = await copiesIn(context);
  return [
    ...direct.map((release) => ({ release, isCopy: false, witnesses })),
    ...copies.map((release) => ({ release, isCopy: true, witnesses })),
  ];
}

/** Those that `previous-release` has made, in this run or before. */
async function copiesIn(context: ExecutorContext): Promise<string[]> {
  const folder =
    dependencyOutput(context, 'nx-otp:previous-release', 'previous-release') ??
    defaultOutputPath(context, 'previous-release');
  return existsSync(folder) ? importedReleases(folder) : [];
}

export default verify;
