import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { OtpError } from '@nx-otp/core';
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

/**
 * A path option, relative to the workspace root, or what stands for it.
 * @throws OtpError (`option-empty`) for `--option=`, which would otherwise be the workspace root
 */
export function pathOption(
  context: ExecutorContext,
  name: string,
  given: string | undefined,
  otherwise: string,
): string {
  return given === undefined ? fromWorkingDirectory(otherwise) : givenPath(context, name, given);
}

/** A path that was given for an option. @throws OtpError (`option-empty`) */
export function givenPath(context: ExecutorContext, name: string, given: string): string {
  return resolveGivenPath(context.root, name, given);
}

/** As `givenPath`, in a workspace. @throws OtpError (`option-empty`) */
export function resolveGivenPath(workspace: string, name: string, given: string): string {
  return fromWorkingDirectory(resolve(workspace, refuseEmpty(name, given)));
}

/** @throws OtpError (`option-empty`) for `--option=` */
export function refuseEmpty(name: string, given: string): string {
  if (given.trim() !== '') return given;
  throw new OtpError(`the option ${name} is empty.`, {
    code: 'option-empty',
    fix: `Give a path, absolute or relative to the workspace root, or leave ${name} out.`,
  });
}

/**
 * Where an output of this workspace is to be written.
 * @throws OtpError (`output-path`) outside of the workspace, where Nx caches nothing; `option-empty`
 */
export function outputOption(context: ExecutorContext, given: string | undefined, step: string): string {
  const path = pathOption(context, 'outputPath', given, defaultOutputPath(context, step));
  const way = relative(context.root, resolve(path));
  if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new OtpError('the output would not lie inside the workspace, and Nx caches nothing else.', {
      code: 'output-path',
      file: path,
      fix: 'Choose an outputPath in the workspace, such as {projectRoot}/dist/NAME.',
    });
  }
  return path;
}

/**
 * The path as a person who runs Nx in the root of the workspace would write it, which is how messages name it. A path
 * outside of the working directory stays absolute.
 */
export function fromWorkingDirectory(path: string): string {
  const way = relative(process.cwd(), path);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? path : way;
}
