import type { TargetConfiguration } from '@nx/devkit';
import { mixTargets, rebar3Targets, reltoolTargets, type BuildTargets } from './build-targets';
import { outputsOfDependencies, toolchain, type TaskInputs } from './task-inputs';

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
function allTargets({ compile, generate }: BuildTargets): Record<string, TargetConfiguration> {
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
