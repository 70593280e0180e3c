import type { TargetConfiguration } from '@nx/devkit';
import { mixTargets, rebar3Targets, reltoolTargets, type BuildTargets } from './build-targets';
import type { FoundRelease } from './find-projects';
import type { Targets } from './plugin-options';
import { outputsOfDependencies, toolchain, type TaskInputs } from './task-inputs';
import { testTarget } from './test-targets';

/** A dependency that is given the command line of the one that needs it. */
const forwarded = (target: string) => ({ target, params: 'forward' as const });

/** The targets of a project with a `rel/reltool.config`, from its sources to the upgrade package. */
export const releaseTargets = (): Record<string, TargetConfiguration> => allTargets(reltoolTargets());

/**
 * Those of a project with a `mix.exs`.
 * @param libraries as for `mixTargets`
 */
export const mixReleaseTargets = (libraries: readonly string[]): Record<string, TargetConfiguration> =>
  allTargets(mixTargets(libraries));

/** Those of a project with a `rebar.config` and relx. */
export const rebar3ReleaseTargets = (): Record<string, TargetConfiguration> => allTargets(rebar3Targets());

/**
 * The targets of a release as it lies in a workspace.
 * @param above files above the project that count for it
 */
export function releaseTargetsOf(release: FoundRelease, above: TaskInputs, hasTests: boolean): Targets {
  return {
    ...allTargets(buildTargets(release, above)),
    ...(hasTests && { test: testTarget(release, above) }),
  };
}

function buildTargets(release: FoundRelease, above: TaskInputs): BuildTargets {
  switch (release.tool) {
    case 'reltool': {
      const targets = reltoolTargets();
      // All its applications are projects of their own.
      return release.applications.length === 0 ? { ...targets, compile: compileOthers } : targets;
    }
    case 'mix':
      return mixTargets(release.libraries, above);
    case 'rebar3':
      return rebar3Targets(above);
  }
}

const compileOthers: TargetConfiguration = {
  executor: 'nx:noop',
  dependsOn: ['^compile'],
  metadata: { technologies: ['erlang'], description: 'Compile the applications that the release is made of' },
};

/** Each has a folder of its own below `dist`. */
function allTargets({ compile, generate }: BuildTargets): Record<string, TargetConfiguration> {
  return {
    compile,
    generate,
    'previous-release': {
      executor: 'nx-otp:previous-release',
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
        '{projectRoot}/rel/appups/**/*',
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
  };
}
