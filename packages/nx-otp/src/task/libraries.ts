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

/** The folders of `librariesOf`, each with those that its project needs in turn. */
export function librariesWithTheirs(
  project: string,
  context: Pick<ExecutorContext, 'projectGraph'>,
): { readonly folder: string; readonly libraries: readonly string[] }[] {
  const folders = librariesOf(project, context);
  return Object.entries(context.projectGraph.nodes)
    .filter(([name, { data }]) => name !== project && folders.includes(data.root))
    .map(([name, { data }]) => ({ folder: data.root, libraries: librariesOf(name, context) }))
    .sort((a, b) => (a.folder < b.folder ? -1 : 1));
}
