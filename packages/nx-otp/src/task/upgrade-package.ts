import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '@nx-otp/core';
import type { ExecutorContext } from '@nx/devkit';
import { dependencyOutput } from './dependency-output';
import { defaultOutputPath, fromWorkingDirectory, givenPath } from './project-paths';

/** The package that was given, else the only one that generate-upgrade has made. @throws OtpError (`package-missing`) */
export async function packageOf(
  upgradePackage: string | undefined,
  context: ExecutorContext,
): Promise<string> {
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
