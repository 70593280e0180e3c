import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';

/** The folder of the project that the task belongs to, absolute. */
export function projectRootOf(context: ExecutorContext): string {
  const root = context.projectsConfigurations.projects[context.projectName ?? '']?.root;
  if (root === undefined)
    throw new Error(`Nx runs a task of a project that it does not know: ${context.projectName ?? ''}`);
  return join(context.root, root);
}

/** Where a step puts its output unless its target says otherwise: `dist/STEP` of the project. */
export function defaultOutputPath(context: ExecutorContext, step: string): string {
  return join(projectRootOf(context), 'dist', step);
}

/** A path option, relative to the workspace root, or what stands for it. */
export function pathOption(context: ExecutorContext, given: string | undefined, otherwise: string): string {
  return fromWorkingDirectory(given === undefined ? otherwise : resolve(context.root, given));
}

/**
 * The path as a person who runs Nx in the root of the workspace would write it, which is how messages name it. A path
 * outside of the working directory stays absolute.
 */
export function fromWorkingDirectory(path: string): string {
  const way = relative(process.cwd(), path);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? path : way;
}
