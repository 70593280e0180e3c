import { relative } from 'node:path';
import { formatDiagnostic, generateUpgrade, installationSteps } from '@nx-otp/core';
import type { PromiseExecutor } from '@nx/devkit';
import { madeBy } from '../../task/dependency-output';
import { ownOptions } from '../../task/own-options';
import { basesOf } from '../../task/previous-releases';
import { outputOption } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import { commandForVersions } from '../../versions/next-command';
import type { GenerateUpgradeExecutorOptions } from './schema';

const upgrade: PromiseExecutor<GenerateUpgradeExecutorOptions> = (given, context) =>
  runStep(
    async () => {
      const options = ownOptions(given, context);
      const { path, layout, size, manifest, diagnostics } = await generateUpgrade({
        previousReleases: await basesOf(options, context),
        release: madeBy(context, 'nx-otp:generate', 'release', { name: 'release', given: options.release }),
        appups: madeBy(context, 'nx-otp:generate-appups', 'appups', {
          name: 'appups',
          given: options.appups,
        }),
        outputPath: outputOption(context, options.outputPath, 'upgrade'),
        full: options.full,
        relup: { order: options.applicationOrder, restartEmulator: options.restartEmulator },
      });
      for (const diagnostic of diagnostics) console.warn(formatDiagnostic(diagnostic));
      const bases = manifest.bases.map((base) => base.version).join(', ');
      console.log(
        `${manifest.name} ${bases} -> ${manifest.version}: ${relative(context.root, path)} (${size} bytes)`,
      );
      const { included, assumed } = manifest;
      console.log(
        `holds ${listOf(included)}; ${assumed.length === 0 ? 'relies on nothing' : `relies on ${listOf(assumed)} of the release that runs`}`,
      );
      const steps = installationSteps(layout, manifest.name, manifest.version);
      console.log(`on the node: copy it to ${steps.copyTo}, then ${steps.upgrade.join(' ')}`);
      for (const { version } of manifest.bases) {
        console.log(`back to ${version}: ${steps.downgrade(version).join(' ')}`);
      }
    },
    (error) => commandForVersions(error, context),
  );

function listOf(applications: readonly { name: string; version: string }[]): string {
  return applications.map(({ name, version }) => `${name} ${version}`).join(', ') || 'no application';
}

export default upgrade;
