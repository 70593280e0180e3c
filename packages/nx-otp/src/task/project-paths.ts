import { join, resolve } from 'node:path';
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
  return given === undefined ? otherwise : resolve(context.root, given);
}
