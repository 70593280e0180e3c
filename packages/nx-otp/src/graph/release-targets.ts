import type { TargetConfiguration } from '@nx/devkit';
import { mixTargets, rebar3Targets, reltoolTargets, type BuildTargets } from './build-targets';
import type { FoundRelease } from './find-projects';
import type { Targets } from './plugin-options';
import { rehearsalTargets } from './rehearsal-targets';
import { forwarded, outputsOfDependencies, toolchain, type TaskInputs } from './task-inputs';
import { testTarget } from './test-targets';

/**
 * The targets of a project with a `rel/reltool.config`, from its sources to the upgrade package.
 * @param bases the previous releases that the project is configured with, as they are written there
 */
export const releaseTargets = (bases: readonly string[] = []): Record<string, TargetConfiguration> =>
  allTargets(reltoolTargets(), bases);

/**
 * Those of a project with a `mix.exs`.
 * @param libraries and `reads` as for `mixTargets`
 */
export const mixReleaseTargets = (
  libraries: readonly string[],
  reads: TaskInputs = [],
  bases: readonly string[] = [],
): Record<string, TargetConfiguration> => allTargets(mixTargets(libraries, reads), bases);

/**
 * Those of a project with a `rebar.config` and relx.
 * @param outside and `reads` as for `rebar3Targets`
 */
export const rebar3ReleaseTargets = (
  outside: readonly string[],
  reads: TaskInputs = [],
  bases: readonly string[] = [],
): Record<string, TargetConfiguration> => allTargets(rebar3Targets(outside, reads), bases);

/** What the targets of a release depend on beside the release itself. */
export interface ReleaseSurroundings {
  /** What it reads beside its files: those above it that count for it, variables. */
  readonly reads: TaskInputs;
  readonly hasTests: boolean;
  /** As for `releaseTargets`. */
  readonly bases: readonly string[];
}

/** The targets of a release as it lies in a workspace. */
export function releaseTargetsOf(release: FoundRelease, surroundings: ReleaseSurroundings): Targets {
  const { reads, hasTests, bases } = surroundings;
  return {
    ...allTargets(buildTargets(release, reads), bases),
    ...(hasTests && { test: testTarget(release, reads) }),
  };
}

function buildTargets(release: FoundRelease, reads: TaskInputs): BuildTargets {
  switch (release.tool) {
    case 'reltool': {
      const targets = reltoolTargets();
      // All its applications are projects of their own.
      return release.applications.length === 0 ? { ...targets, compile: compileOthers } : targets;
    }
    case 'mix':
      return mixTargets(release.outside, reads);
    case 'rebar3':
      return rebar3Targets(release.outside, reads);
  }
}

const compileOthers: TargetConfiguration = {
  executor: 'nx:noop',
  dependsOn: ['^compile'],
  metadata: { technologies: ['erlang'], description: 'Compile the applications that the release is made of' },
};

/** What the sources of any revision are built with: the inputs of these targets that are no files. */
function toolsOf(...targets: readonly TargetConfiguration[]): TaskInputs {
  const tools = targets.flatMap(({ inputs = [] }) =>
    inputs.filter(
      (input) =>
        typeof input === 'object' &&
        ('env' in input || 'runtime' in input || 'externalDependencies' in input),
    ),
  );
  return [...new Map(tools.map((input) => [JSON.stringify(input), input])).values()];
}

/** Each has a folder of its own below `dist`. */
function allTargets(
  { compile, generate }: BuildTargets,
  bases: readonly string[],
): Record<string, TargetConfiguration> {
  return {
    compile,
    generate,
    'build-base': {
      executor: 'nx-otp:build-base',
      cache: true,
      inputs: toolsOf(compile, generate),
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/base' },
      metadata: {
        technologies: ['erlang'],
        description: 'Build the release of the git revision to upgrade from, where it is one',
      },
    },
    'previous-release': {
      executor: 'nx-otp:previous-release',
      dependsOn: [forwarded('build-base')],
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/previous-release' },
      metadata: {
        technologies: ['erlang'],
        description:
          'Bring the release that runs in production into the workspace, so that caching sees its content',
      },
    },
    'generate-appups': {
      executor: 'nx-otp:generate-appups',
      cache: true,
      dependsOn: ['generate', forwarded('previous-release')],
      inputs: [
        { fileset: '{projectRoot}/rel/appups/**/*.appup', includeIgnored: true },
        '{projectRoot}/rel/upgrade.json',
        outputsOfDependencies,
        ...toolchain(),
      ],
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/appups' },
      metadata: {
        technologies: ['erlang'],
        description: 'Write the appup of every application that changed since the previous release',
        help: {
          command: 'nx run PROJECT:generate-appups --help',
          example: { options: { previousRelease: '../production/dummy_0.1.tar.gz' } },
        },
      },
    },
    'generate-upgrade': {
      executor: 'nx-otp:generate-upgrade',
      cache: true,
      dependsOn: ['generate', forwarded('previous-release'), forwarded('generate-appups')],
      inputs: [outputsOfDependencies, ...toolchain()],
      outputs: ['{options.outputPath}'],
      options: { outputPath: '{projectRoot}/dist/upgrade' },
      metadata: {
        technologies: ['erlang'],
        description:
          "Write the relup and the package that OTP's release_handler installs on the running node",
        help: {
          command: 'nx run PROJECT:generate-upgrade --help',
          example: { options: { previousRelease: '../production/dummy_0.1.tar.gz' } },
        },
      },
    },
    'verify-upgrade': {
      executor: 'nx-otp:verify-upgrade',
      // What it looks at lies outside of the workspace, and changes there.
      cache: false,
      dependsOn: [forwarded('previous-release'), forwarded('generate-upgrade')],
      metadata: {
        technologies: ['erlang'],
        description: 'Say whether the upgrade package fits an installation, before it is copied there',
        help: {
          command: 'nx run PROJECT:verify-upgrade --help',
          example: { options: { previousRelease: '/srv/dummy' } },
        },
      },
    },
    start: {
      ...running('start', 'Run the release in the foreground, to try it and its upgrades by hand'),
      // For targets that need the node: `{ "target": "start", "waitFor": "ready" }`.
      readyWhen: { logMatches: 'the node is up' },
    },
    console: running('console', 'Run the release with a shell, or get a shell on the node that start runs'),
    ...rehearsalTargets(bases),
  };
}

function running(target: 'start' | 'console', description: string): TargetConfiguration {
  return {
    executor: `nx-otp:${target}`,
    continuous: true,
    cache: false,
    dependsOn: ['generate'],
    options: { outputPath: '{projectRoot}/dist/running' },
    // Nx runs a continuous task once at a time, whatever its options are. By another configuration it is another task:
    // `nx run dummy:start:previous --previousRelease=...` beside `nx run dummy:start`.
    configurations: { previous: {} },
    metadata: {
      technologies: ['erlang'],
      description,
      help: {
        command: `nx run PROJECT:${target} --help`,
        example: { options: { previousRelease: '../production/dummy_0.1.tar.gz' } },
      },
    },
  };
}
