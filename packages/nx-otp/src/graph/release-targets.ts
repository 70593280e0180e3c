import type { TargetConfiguration } from '@nx/devkit';
import { mixTargets, rebar3Targets, reltoolTargets, type BuildTargets } from './build-targets';
import { rehearsalTargets } from './rehearsal-targets';
import { forwarded, outputsOfDependencies, toolchain, type TaskInputs } from './task-inputs';

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

/** Each has a folder of its own below `dist`. */
function allTargets(
  { compile, generate }: BuildTargets,
  bases: readonly string[],
): Record<string, TargetConfiguration> {
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
    ...rehearsalTargets(bases),
  };
}
