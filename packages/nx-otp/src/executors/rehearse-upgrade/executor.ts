import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import {
  formatRehearsal,
  OtpError,
  readRehearsal,
  rehearseUpgrades,
  releaseOfBase,
  type Rehearsal,
} from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { builtAt } from '../../task/built-revisions';
import { chosenBases } from '../../task/chosen-bases';
import { dependencyOutput, outputOfProject, outputsOf } from '../../task/dependency-output';
import { isDependency, ownOptions, taskOf } from '../../task/own-options';
import { basesOf, projectOf } from '../../task/previous-releases';
import { outputOption, pathOption, projectRootOf } from '../../task/project-paths';
import { usualProbes, usualSysConfig } from '../../task/rehearsed-content';
import { runStep } from '../../task/run-step';
import { packageOf } from '../../task/upgrade-package';
import type { RehearseUpgradeExecutorOptions } from './schema';

const rehearse: PromiseExecutor<RehearseUpgradeExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const outputPath = outputOption(context, options.outputPath, 'rehearsal');
    const done = await rehearsedByOthers(context);
    const previousReleases = await basesToRehearse(options, context, done);
    if (previousReleases === undefined) {
      await rm(outputPath, { recursive: true, force: true });
      console.log(
        `${options.base ?? ''} is none of the previous releases of this run: there is nothing to rehearse.`,
      );
      return;
    }
    const made = await rehearseUpgrades({
      previousReleases,
      rehearsed: done,
      upgradePackage: await packageOf(options.upgradePackage, context),
      outputPath,
      ...fileOption('probes', context, options.probes, usualProbes),
      ...fileOption('sysConfig', context, options.sysConfig, usualSysConfig),
      ...appupsOf(context),
      ...(options.network !== undefined && { network: options.network }),
      ...(options.clients !== undefined && { clients: options.clients }),
      ...(options.keep !== undefined && { keep: options.keep }),
      ...inMilliseconds(options),
    });
    for (const rehearsal of made) console.log(formatRehearsal(rehearsal));
    for (const { name, base, version = '' } of done)
      console.log(`${name} ${base} -> ${version}: passed its rehearsal`);
    const failed = [...done, ...made].filter(({ passed }) => !passed);
    console.log(relative(context.root, outputPath));
    if (failed.length === 0) return;
    const bases = failed.map(({ base }) => base).join(', ');
    throw new OtpError(`the upgrade from ${bases} did not pass its rehearsal.`, {
      code: 'rehearsal-failed',
      fix: 'docs/rehearsal.md says how to read what was found; --keep keeps the release and the log of its node.',
    });
  });

/** What the targets of single bases have found, where this one stands for all of them. */
async function rehearsedByOthers(context: ExecutorContext): Promise<readonly Rehearsal[]> {
  const found: Rehearsal[] = [];
  for (const path of outputsOf(context, 'nx-otp:rehearse-upgrade', 'rehearsal')) {
    const rehearsal = await readRehearsal(path);
    if (rehearsal !== undefined) found.push(rehearsal);
  }
  return found.sort((a, b) => (a.base < b.base ? -1 : 1));
}

/** @returns undefined where the base of this target is none of those that were given instead */
async function basesToRehearse(
  options: RehearseUpgradeExecutorOptions,
  context: ExecutorContext,
  done: readonly Rehearsal[],
): Promise<readonly string[] | undefined> {
  const { base } = options;
  const bases = await basesOf(options, context);
  if (base === undefined) {
    const others = [...bases];
    for (const { base: version } of done) {
      const path = await releaseOfBase(others, version, (one) => one);
      if (path !== undefined) others.splice(others.indexOf(path), 1);
    }
    return others;
  }
  const only = await releaseOfBase(bases, base, () => pathOfBase(String(base), context));
  if (only !== undefined) return [only];
  if (isDependency(taskOf(context)?.id ?? '', context.taskGraph)) return undefined;
  throw new OtpError(`the base ${String(base)} is none of the previous releases.`, {
    code: 'base-unknown',
    fix: 'Give the version of one of them, or its path as it was given.',
  });
}

/** Where the release lies that a base names: that of a revision where it was built. */
async function pathOfBase(base: string, context: ExecutorContext): Promise<string> {
  const [chosen] = await chosenBases([base], projectOf(context));
  if (chosen?.kind === 'revision')
    return builtAt(outputOfProject(context, 'nx-otp:build-base', 'base'), chosen);
  return chosen?.path ?? base;
}

/** A file that was asked for has to be there; the usual one need not be. */
function fileOption(
  name: 'probes' | 'sysConfig',
  context: ExecutorContext,
  given: string | undefined,
  usual: string,
): { readonly probes?: string; readonly config?: string } {
  const path = pathOption(context, name, given, join(projectRootOf(context), usual));
  if (given === undefined && !existsSync(path)) return {};
  return name === 'probes' ? { probes: path } : { config: path };
}

/** The appups that the package was made of, where they are there: they say why an instruction was planned. */
function appupsOf(context: ExecutorContext): { readonly appups?: string } {
  const folder =
    dependencyOutput(context, 'nx-otp:generate-appups', 'appups') ??
    join(projectRootOf(context), 'dist', 'appups');
  return existsSync(folder) ? { appups: folder } : {};
}

function inMilliseconds({
  settleTime,
  bootTimeout,
  stepTimeout,
  probeTimeout,
}: RehearseUpgradeExecutorOptions): Record<string, number> {
  const seconds = { settleTime, bootTimeout, stepTimeout, probeTimeout };
  return Object.fromEntries(
    Object.entries(seconds).flatMap(([name, value]) => (value === undefined ? [] : [[name, value * 1000]])),
  );
}

export default rehearse;
