import type { TargetConfiguration } from '@nx/devkit';
import {
  compiledWithLibraries,
  environment,
  notInReleases,
  outputsOfApplications,
  sourcesOfLibraries,
  toolchain,
  type TaskInputs,
} from './task-inputs';

/** The targets by which each tool comes from the sources to a release; all others take that as it is. */
export interface BuildTargets {
  readonly compile: TargetConfiguration;
  readonly generate: TargetConfiguration;
}

/** What only rehearsals read. */
const notOfRelease: TaskInputs = [
  '!{projectRoot}/rel/probes.json',
  '!{projectRoot}/rel/probes/**/*',
  '!{projectRoot}/rel/rehearsal.config',
];

/** Dependencies that rebar 2 has fetched and built; git ignores them. */
export const dependencies = {
  fileset: '{projectRoot}/deps/*/{ebin,include,priv}/**/*',
  includeIgnored: true,
};

const releaseOutput = {
  outputs: ['{options.outputPath}'],
  options: { outputPath: '{projectRoot}/dist/release' },
};

export const reltoolTargets = (): BuildTargets => ({
  compile: {
    executor: 'nx-otp:compile',
    cache: true,
    dependsOn: ['^compile'],
    inputs: [
      '{projectRoot}/rebar.config',
      '{projectRoot}/{src,include}/**/*',
      '{projectRoot}/ebin/*.appup',
      '{projectRoot}/{apps,lib}/*/rebar.config',
      '{projectRoot}/{apps,lib}/*/{src,include}/**/*',
      '{projectRoot}/{apps,lib}/*/ebin/*.appup',
      '{projectRoot}/**/*.hrl',
      ...compiledWithLibraries,
      dependencies,
      { env: 'ERL_COMPILER_OPTIONS' },
      { env: 'ERL_LIBS' },
      ...toolchain(),
    ],
    // A pattern for folders is what Nx clears before it restores them; their files are what it hashes for
    // `dependentTasksOutputFiles`, to which a pattern that matches a folder alone is nothing.
    outputs: [
      '{projectRoot}/ebin',
      '{projectRoot}/{apps,lib}/*/ebin',
      '{projectRoot}/{apps,lib}/*/ebin/**/*',
    ],
    metadata: {
      technologies: ['erlang'],
      description: 'Compile every OTP application of the project to its ebin',
    },
  },
  generate: {
    executor: 'nx-otp:generate',
    cache: true,
    dependsOn: ['compile', '^compile'],
    inputs: [
      // Overlays may take files from anywhere in the project, and the configuration may lie there, too.
      '{projectRoot}/**/*',
      '!{projectRoot}/rel/appups/**/*',
      '!{projectRoot}/rel/upgrade.json',
      ...notOfRelease,
      // Outputs, which git need not ignore: they count as such, and not as they were before the run.
      '!{projectRoot}/{dist,ebin}/**/*',
      '!{projectRoot}/{apps,lib}/*/ebin/**/*',
      ...notInReleases('{apps,lib}', '{src,test,doc,docs}'),
      { fileset: '{projectRoot}/{apps,lib}/*/include/**/*', includeIgnored: true },
      dependencies,
      // What reltool takes of an application beside its ebin.
      '^{projectRoot}/{include,priv}/**/*',
      outputsOfApplications,
      { env: 'ERL_LIBS' },
      ...toolchain(),
    ],
    ...releaseOutput,
    metadata: { technologies: ['erlang'], description: 'Make the target system of rel/reltool.config' },
  },
});

/** Sources may be read from anywhere in the project while it compiles; fetched dependencies are named by the lock file. */
const sourcesOfProject: TaskInputs = [
  '{projectRoot}/**/*',
  '!{projectRoot}/rel/appups/**/*',
  '!{projectRoot}/rel/upgrade.json',
  ...notOfRelease,
  '!{projectRoot}/{test,_build,dist}/**/*',
  '!{projectRoot}/apps/*/test/**/*',
  ...notInReleases('apps', '{doc,docs}'),
];

/**
 * `compile` and `generate` of a tool that compiles by itself: each has a build folder of its own, which is nobody's output,
 * since its links lead out of it and its time stamps matter. So `compile` says whether the project compiles, and
 * `generate` does not need it.
 */
function targetsOf(
  inputs: TaskInputs,
  technology: string,
  descriptions: { readonly compile: string; readonly generate: string },
): BuildTargets {
  return {
    compile: {
      executor: 'nx-otp:compile',
      cache: true,
      inputs,
      outputs: [],
      metadata: { technologies: [technology], description: descriptions.compile },
    },
    generate: {
      executor: 'nx-otp:generate',
      cache: true,
      inputs,
      ...releaseOutput,
      metadata: { technologies: [technology], description: descriptions.generate },
    },
  };
}

/** Outside of the project: what lies in folders that are named by a path relative to the workspace root, or by a pattern. */
const sourcesIn = (folders: readonly string[]): TaskInputs =>
  folders.flatMap((folder) => [
    `{workspaceRoot}/${folder}/**/*`,
    `!{workspaceRoot}/${folder}/{test,_build,dist}/**/*`,
  ]);

/**
 * What mix reads beside the project.
 * @param libraries folders of dependencies by path outside of the project
 * @param reads what build files read beside files (`readByBuild`)
 */
export const besidesMix = (libraries: readonly string[], reads: TaskInputs): TaskInputs => [
  ...sourcesIn(libraries),
  ...reads,
  ...environment('MIX_ENV', 'MIX_TARGET', 'MIX_EXS', 'MIX_DEPS_PATH', 'ERL_COMPILER_OPTIONS', 'ERL_LIBS'),
  ...toolchain('mix'),
];

/**
 * What rebar3 reads beside the project.
 * @param outside files, and folders of applications, that the configuration names outside of the project
 * @param reads as for `besidesMix`
 */
export const besidesRebar3 = (outside: readonly string[], reads: TaskInputs): TaskInputs => [
  ...outside.map((path) => `{workspaceRoot}/${path}`),
  ...sourcesIn(outside),
  ...sourcesOfLibraries,
  ...reads,
  ...environment('REBAR_CONFIG', 'ERL_COMPILER_OPTIONS', 'ERL_LIBS'),
  ...toolchain('rebar3'),
];

/** @param libraries and `reads` as for `besidesMix` */
export const mixTargets = (libraries: readonly string[], reads: TaskInputs): BuildTargets =>
  targetsOf([...sourcesOfProject, ...besidesMix(libraries, reads)], 'elixir', {
    compile: 'Compile the project by mix',
    generate: 'Make the release of mix.exs, with what an upgrade from it needs',
  });

/** @param outside and `reads` as for `besidesRebar3` */
export const rebar3Targets = (outside: readonly string[], reads: TaskInputs): BuildTargets =>
  targetsOf([...sourcesOfProject, ...besidesRebar3(outside, reads)], 'erlang', {
    compile: 'Compile the project by rebar3',
    generate: 'Make the release of rebar.config for production, with what an upgrade from it needs',
  });
