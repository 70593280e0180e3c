import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { importReleases } from '@nx-otp/core';
import type { ExecutorContext, PromiseExecutor } from '@nx/devkit';
import { buildRevisions, builtAt, revisionsOf } from '../../task/built-revisions';
import { chosenBases, type ChosenBase } from '../../task/chosen-bases';
import { dependencyOutput } from '../../task/dependency-output';
import { ownOptions } from '../../task/own-options';
import { targetsOf, projectOf, releasesToImport } from '../../task/previous-releases';
import { defaultOutputPath, outputOption } from '../../task/project-paths';
import { runStep } from '../../task/run-step';
import { compareBases } from '../../task/shipped-bases';
import type { PreviousReleaseExecutorOptions } from './schema';

const previousRelease: PromiseExecutor<PreviousReleaseExecutorOptions> = (given, context) =>
  runStep(async () => {
    const options = ownOptions(given, context);
    const project = projectOf(context);
    const bases = await chosenBases(releasesToImport(options, targetsOf(project)), project);
    for (const { note } of bases) if (note !== undefined) console.log(note);
    const paths = await pathsOf(bases, context);
    await compareBases(
      bases.map((base, at) => ({ ...base, path: paths[at] ?? '' })),
      options,
      context,
    );
    const releases = await importReleases({
      previousReleases: paths,
      outputPath: outputOption(context, options.outputPath, 'previous-release'),
    });
    for (const { name, version, path, copied } of releases) {
      console.log(`${name} ${version}: ${relative(context.root, path)}${copied ? '' : ' (unchanged)'}`);
    }
  });

/** What has been built by the target that this one depends on; built here where it depends on none. */
async function pathsOf(bases: readonly ChosenBase[], context: ExecutorContext): Promise<string[]> {
  const revisions = revisionsOf(bases);
  const built = dependencyOutput(context, 'nx-otp:build-base', 'base');
  const outputPath = built ?? defaultOutputPath(context, 'base');
  const isBuilt =
    built !== undefined &&
    revisions.every((revision) => existsSync(join(builtAt(built, revision), 'releases')));
  if (revisions.length > 0 && !isBuilt) await buildRevisions(revisions, projectOf(context), outputPath);
  return bases.map((base) => (base.kind === 'release' ? base.path : builtAt(outputPath, base)));
}

export default previousRelease;
