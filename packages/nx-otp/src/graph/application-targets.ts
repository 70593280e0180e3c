import type { TargetConfiguration } from '@nx/devkit';
import { dependencies, mixTargets, rebar3Targets } from './build-targets';
import type { FoundLibrary } from './find-projects';
import type { Targets } from './plugin-options';
import { compiledWithLibraries, environment, toolchain, type TaskInputs } from './task-inputs';
import { testTarget } from './test-targets';

/**
 * The targets of an application that is a project of its own.
 * @param reads what it reads beside its files: those above it that count for it, variables
 * @param hasTests one without tests has no target for them
 */
export function applicationTargets(application: FoundLibrary, reads: TaskInputs, hasTests: boolean): Targets {
  const test: Targets = hasTests ? { test: testTarget(application, reads) } : {};
  if (application.release !== undefined) return test;
  switch (application.tool) {
    case 'erlc':
      return { compile: erlcTarget(reads), ...test };
    case 'mix':
      return { compile: mixTargets(application.outside, reads).compile, ...test };
    case 'rebar3':
      return { compile: rebar3Targets(application.outside, reads).compile, ...test };
  }
}

const erlcTarget = (reads: TaskInputs): TargetConfiguration => ({
  executor: 'nx-otp:compile-application',
  cache: true,
  dependsOn: ['^compile'],
  inputs: [
    '{projectRoot}/rebar.config',
    '{projectRoot}/{src,include}/**/*',
    // Sources and headers that rebar.config says lie elsewhere.
    '{projectRoot}/**/*.{erl,hrl,xrl,yrl}',
    '!{projectRoot}/{test,dist}/**/*',
    '{projectRoot}/ebin/*.appup',
    ...reads,
    ...compiledWithLibraries,
    dependencies,
    ...environment('ERL_COMPILER_OPTIONS', 'ERL_LIBS'),
    ...toolchain(),
  ],
  // The second for `dependentTasksOutputFiles`, as for a release.
  outputs: ['{projectRoot}/ebin', '{projectRoot}/ebin/**/*'],
  metadata: {
    technologies: ['erlang'],
    description: 'Compile the OTP application to its ebin, with others in one Erlang VM',
    help: { command: 'nx run PROJECT:compile --help', example: { args: ['--no-batch'] } },
  },
});
