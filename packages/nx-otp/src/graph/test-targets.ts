import type { TargetConfiguration } from '@nx/devkit';
import { besidesMix, besidesRebar3, dependencies } from './build-targets';
import type { FoundLibrary, FoundRelease } from './find-projects';
import { environment, inFolder, outputsOfApplications, toolchain, type TaskInputs } from './task-inputs';

/** Tests may read whatever lies in the project. */
const everything: TaskInputs = [
  '{projectRoot}/**/*',
  '!{projectRoot}/{dist,_build,doc,docs,ebin}/**/*',
  '!{projectRoot}/{apps,lib}/*/{_build,doc,docs,ebin}/**/*',
  '!{projectRoot}/**/*.md',
];

/** The target that runs the tests of an application, or of all applications of a release. */
export function testTarget(project: FoundLibrary | FoundRelease, reads: TaskInputs): TargetConfiguration {
  switch (project.tool) {
    case 'erlc':
    case 'reltool':
      return {
        ...common(project),
        dependsOn: [...compiledBefore(project), '^compile'],
        inputs: [
          ...everything,
          ...reads,
          '^{projectRoot}/**/*.hrl',
          '^{projectRoot}/priv/**/*',
          outputsOfApplications,
          dependencies,
          ...environment('ERL_COMPILER_OPTIONS', 'ERL_LIBS', 'ERL_FLAGS', 'ERL_AFLAGS', 'ERL_ZFLAGS'),
          ...toolchain(),
        ],
        metadata: metadata('erlang', 'Run EUnit and Common Test, each application in a VM of its own', {
          modules: ['shop_tests', 'shop_SUITE'],
        }),
      };
    case 'rebar3':
      return {
        ...common(project),
        inputs: [...everything, ...wholeUmbrella(project), ...besidesRebar3(project.outside, reads)],
        metadata: metadata('erlang', 'Run EUnit and Common Test by rebar3, in a build folder of its own', {
          args: ['--verbose'],
        }),
      };
    case 'mix':
      return {
        ...common(project),
        inputs: [...everything, ...wholeUmbrella(project), ...besidesMix(project.outside, reads)],
        metadata: metadata('elixir', 'Run the tests by mix test, in a build folder of its own', {
          args: ['--trace'],
        }),
      };
  }
}

const common = (project: FoundLibrary | FoundRelease) => ({
  executor: 'nx-otp:test',
  cache: true,
  outputs: ['{options.outputPath}'],
  options: {
    tool: project.tool === 'reltool' ? 'erlc' : project.tool,
    outputPath: '{projectRoot}/dist/test',
    ...(project.kind === 'application' &&
      project.release !== undefined &&
      project.tool === 'rebar3' && { application: project.name, umbrella: project.release.root }),
  },
});

/** What a release builds is compiled by the target of the release. */
function compiledBefore(project: FoundLibrary | FoundRelease): TargetConfiguration['dependsOn'] & object {
  if (project.kind === 'release') return ['compile'];
  if (project.release === undefined) return [];
  return [{ target: 'compile', projects: [`directory:${project.release.root}`] }];
}

/** mix and rebar3 compile all applications of an umbrella for the tests of one. */
function wholeUmbrella(project: FoundLibrary | FoundRelease): TaskInputs {
  const root = project.kind === 'application' ? project.release?.root : undefined;
  if (root === undefined) return [];
  return [inFolder(root, '**/*'), `!${inFolder(root, '{dist,_build}/**/*')}`];
}

const metadata = (technology: string, description: string, options: Record<string, unknown>) => ({
  technologies: [technology],
  description,
  help: { command: 'nx run PROJECT:test --help', example: { options } },
});
