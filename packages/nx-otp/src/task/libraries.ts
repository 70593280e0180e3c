import { join } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';

/** The folders, relative to the workspace root, of the projects that a project needs, directly or by others; sorted. */
export function librariesOf(
  project: string,
  { projectGraph }: Pick<ExecutorContext, 'projectGraph'>,
): string[] {
  const seen = new Set([project]);
  for (const at of seen) {
    for (const { target } of projectGraph.dependencies[at] ?? []) {
      if (projectGraph.nodes[target] !== undefined) seen.add(target);
    }
  }
  seen.delete(project);
  return [...seen].flatMap((name) => projectGraph.nodes[name]?.data.root ?? []).sort();
}

/** The same, absolute. */
export function libraryFolders(context: ExecutorContext): string[] {
  return librariesOf(context.projectName ?? '', context).map((folder) => join(context.root, folder));
}
