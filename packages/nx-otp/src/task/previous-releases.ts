import { importedReleases, OtpError } from '@nx-otp/core';
import type { ExecutorContext } from '@nx/devkit';
import { dependencyOutput } from './dependency-output';
import { givenPath } from './project-paths';

export interface PreviousReleaseOptions {
  previousRelease?: string;
  previousReleases?: string[];
}

/** The executor that brings previous releases into the workspace. */
const importingExecutor = 'nx-otp:previous-release';

/** The paths that were given, to be read from the working directory; none where nothing was given. */
export function givenReleases(options: PreviousReleaseOptions, context: ExecutorContext): string[] {
  const { previousRelease, previousReleases = [] } = options;
  return [
    ...(previousRelease === undefined ? [] : [givenPath(context, 'previousRelease', previousRelease)]),
    ...previousReleases.map((path) => givenPath(context, 'previousReleases', path)),
  ];
}

/**
 * What the target that brings them in copies: what was given to it, or what another target of the project is
 * configured with, since people set it where they read it.
 * @throws OtpError (`no-previous-release`, `previous-release-ambiguous`)
 */
export function releasesToImport(options: PreviousReleaseOptions, context: ExecutorContext): string[] {
  const given = givenReleases(options, context);
  if (given.length > 0) return given;
  const configured = new Map<string, { target: string; paths: string[] }>();
  for (const [target, { executor, options }] of Object.entries(
    context.projectGraph.nodes[context.projectName ?? '']?.data.targets ?? {},
  )) {
    if (executor?.startsWith('nx-otp:') !== true) continue;
    const paths = givenReleases((options ?? {}) as PreviousReleaseOptions, context);
    if (paths.length > 0) configured.set(JSON.stringify(paths), { target, paths });
  }
  const [first, second] = configured.values();
  if (first === undefined) throw noPreviousRelease(context);
  if (second !== undefined) {
    throw new OtpError(
      `the targets ${first.target} and ${second.target} of ${context.projectName ?? 'the project'} are configured with different previous releases.`,
      {
        code: 'previous-release-ambiguous',
        fix: 'Set previousRelease once, in the options of previous-release.',
      },
    );
  }
  return first.paths;
}

/**
 * The folders of the previous releases for a task: those in the workspace where its target depends on the one that
 * brings them there, and else the paths that were given.
 * @throws OtpError (`no-previous-release`, `release-missing`)
 */
export async function basesOf(options: PreviousReleaseOptions, context: ExecutorContext): Promise<string[]> {
  const imported = dependencyOutput(context, importingExecutor, 'previous-release');
  if (imported !== undefined) return importedReleases(imported);
  const given = givenReleases(options, context);
  if (given.length === 0) throw noPreviousRelease(context);
  return given;
}

function noPreviousRelease(context: ExecutorContext): OtpError {
  const project = context.projectName ?? 'PROJECT';
  return new OtpError(`no previous release of ${project} was given, so there is nothing to upgrade from.`, {
    code: 'no-previous-release',
    fix: `Pass --previousRelease=PATH (a folder or a .tar.gz of the release that runs in production), or set previousRelease in the options of ${project}:previous-release.`,
  });
}
