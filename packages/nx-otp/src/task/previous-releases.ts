import { importedReleases, OtpError } from '@nx-otp/core';
import type { ExecutorContext, TargetConfiguration } from '@nx/devkit';
import { chosenBases, type ReleasedProject } from './chosen-bases';
import { dependencyOutput } from './dependency-output';
import { librariesWithTheirs } from './libraries';
import { refuseEmpty } from './project-paths';

export interface PreviousReleaseOptions {
  /** A hasher sees the command line as it was written: a number where it looks like one, and a list as one string. */
  previousRelease?: string | number;
  previousReleases?: string[] | string;
}

/** The executor that brings previous releases into the workspace. */
const importingExecutor = 'nx-otp:previous-release';

/** What was given, as it was written: paths, and `git:REVISION`; none where nothing was given. */
export function givenReleases({ previousRelease, previousReleases = [] }: PreviousReleaseOptions): string[] {
  return [
    ...(previousRelease === undefined ? [] : [refuseEmpty('previousRelease', String(previousRelease))]),
    ...listOption(previousReleases).map((given) => refuseEmpty('previousReleases', given)),
  ];
}

/** The strings of an option that is a list in its schema, as Nx makes them of the command line. */
export function listOption(value: unknown): string[] {
  if (typeof value === 'string') return value.split(',');
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}

/**
 * What was given to a target, or what another target of the project is configured with, since people set it where they
 * read it; none where nothing was given anywhere.
 * @throws OtpError (`previous-release-ambiguous`)
 */
export function releasesToImport(
  options: PreviousReleaseOptions,
  project: { readonly name: string; readonly targets: Readonly<Record<string, TargetConfiguration>> },
): string[] {
  const given = givenReleases(options);
  if (given.length > 0) return given;
  const configured = new Map<string, { target: string; releases: string[] }>();
  for (const [target, { executor, options }] of Object.entries(project.targets)) {
    if (executor?.startsWith('nx-otp:') !== true) continue;
    const releases = givenReleases((options ?? {}) as PreviousReleaseOptions);
    if (releases.length > 0) configured.set(JSON.stringify(releases), { target, releases });
  }
  const [first, second] = configured.values();
  if (first !== undefined && second !== undefined) {
    throw new OtpError(
      `the targets ${first.target} and ${second.target} of ${project.name} are configured with different previous releases.`,
      {
        code: 'previous-release-ambiguous',
        fix: 'Set previousRelease once, in the options of previous-release.',
      },
    );
  }
  return first?.releases ?? [];
}

/** What `releasesToImport` looks at. */
export function targetsOf({ name, configuration }: ReleasedProject): {
  readonly name: string;
  readonly targets: Readonly<Record<string, TargetConfiguration>>;
} {
  return { name, targets: configuration.targets ?? {} };
}

/** The project that a task belongs to. */
export function projectOf(context: ExecutorContext): ReleasedProject {
  const name = context.projectName ?? '';
  const configuration = context.projectsConfigurations.projects[name];
  if (configuration === undefined)
    throw new Error(`Nx runs a task of a project that it does not know: ${name}`);
  return {
    workspace: context.root,
    name,
    configuration: {
      root: configuration.root,
      targets: context.projectGraph.nodes[name]?.data.targets ?? configuration.targets ?? {},
    },
    nxJson: context.nxJsonConfiguration,
    targetConfiguration: context.configurationName,
    libraries: librariesWithTheirs(name, context),
  };
}

/**
 * The folders of the previous releases for a task: those in the workspace where its target depends on the one that
 * brings them there, and else the paths that were given.
 * @throws OtpError (`no-previous-release`, `previous-release-not-built`, `release-missing`)
 */
export async function basesOf(options: PreviousReleaseOptions, context: ExecutorContext): Promise<string[]> {
  const imported = dependencyOutput(context, importingExecutor, 'previous-release');
  if (imported !== undefined) return importedReleases(imported);
  const project = projectOf(context);
  const given = givenReleases(options);
  if (given.length === 0) {
    throw new OtpError(
      `no previous release of ${project.name} was given, so there is nothing to upgrade from.`,
      {
        code: 'no-previous-release',
        fix: `Pass --previousRelease=PATH (a folder or a .tar.gz of the release that runs in production), or have ${context.targetName ?? 'this target'} depend on ${project.name}:previous-release.`,
      },
    );
  }
  const bases = await chosenBases(given, project);
  return bases.map((base) => {
    if (base.kind === 'release') return base.path;
    throw new OtpError(
      `${base.note}, and nothing builds it: this target does not depend on previous-release.`,
      {
        code: 'previous-release-not-built',
        fix: `Have it depend on ${project.name}:previous-release, or give the release as a folder or a tarball.`,
      },
    );
  });
}
