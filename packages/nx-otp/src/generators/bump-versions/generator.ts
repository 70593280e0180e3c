import { existsSync } from 'node:fs';
import { OtpError } from '@nx-otp/core';
import { createProjectGraphAsync, type ProjectGraph, type Tree } from '@nx/devkit';
import { builtReleases, bumpVersions, projectCalled } from '../../versions/bump-versions';
import type { BumpVersionsGeneratorOptions } from './schema';

/** Gives new versions to what changed since the previous releases. */
export default async function bumpVersionsGenerator(
  tree: Tree,
  options: BumpVersionsGeneratorOptions,
): Promise<void> {
  await bumpVersionsOf(tree, options, await createProjectGraphAsync());
}

/**
 * @throws OtpError `project-missing`; `release-missing` when there is nothing to compare; `version-left` when a version
 *   has to be given by hand (then nothing is written)
 */
export async function bumpVersionsOf(
  tree: Tree,
  { project }: BumpVersionsGeneratorOptions,
  graph: ProjectGraph,
): Promise<void> {
  const configuration = projectCalled(graph, project);
  const built = builtReleases(configuration, tree.root);
  if (built === undefined) {
    throw new OtpError(`the project ${project} makes no release.`, {
      code: 'project-missing',
      fix: `To see its targets: nx show project ${project}`,
    });
  }
  if (!existsSync(built.release) || !existsSync(built.previous)) {
    throw new OtpError(
      `there is nothing to compare: ${project} has not been built beside a previous release.`,
      {
        code: 'release-missing',
        fix: `Build it, and bring that in: nx run ${project}:generate-appups --previousRelease=PATH, or =git:REVISION`,
      },
    );
  }
  const { bumped, left } = await bumpVersions(tree, graph, configuration, built);
  if (left.length > 0) {
    throw new OtpError(left.join('\n'), {
      code: 'version-left',
      fix: '\nNo version was written. Mend these first, or allow them in rel/upgrade.json.',
    });
  }
  for (const line of bumped) console.log(line);
  if (bumped.length === 0) console.log(`nothing in ${project} needs a new version.`);
}
