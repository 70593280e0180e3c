import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OtpError } from '@nx-otp/core';
import { createProjectGraphAsync, type ProjectGraph, type Tree } from '@nx/devkit';
import { builtReleases, bumpVersions } from '../../versions/bump-versions';
import { changedSince } from '../../versions/changed-since';

type Result = undefined | { readonly outOfSyncMessage: string; readonly outOfSyncDetails: string[] };

/**
 * Gives new versions in all projects, for `nx sync`. It compares what was built last, as long as that is of the sources as they
 * are: a comment is no change, and what is not built yet is none of its business. What it cannot bump is left to
 * `generate-appups` to tell.
 */
export default async function syncVersionsGenerator(tree: Tree): Promise<Result> {
  return syncVersions(tree, await createProjectGraphAsync());
}

export async function syncVersions(tree: Tree, graph: ProjectGraph): Promise<Result> {
  const details: string[] = [];
  for (const { name, data } of Object.values(graph.nodes)) {
    const built = builtReleases(data, tree.root);
    if (built === undefined || !existsSync(built.release) || !existsSync(built.previous)) continue;
    try {
      const { bumped } = await bumpVersions(tree, graph, data, built, (folder) => {
        return !changedSince(join(tree.root, folder), built.release);
      });
      details.push(...bumped.map((line) => `${name}: ${line}`));
    } catch (error) {
      // Half a build, a broken manifest: the target that needs it says so.
      if (!(error instanceof OtpError)) throw error;
    }
  }
  if (details.length === 0) return undefined;
  return {
    outOfSyncMessage: 'Applications or releases changed and have the version of a previous release.',
    outOfSyncDetails: details,
  };
}
