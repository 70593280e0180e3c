import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot, type TargetConfiguration } from '@nx/devkit';

export type TaskInputs = NonNullable<TargetConfiguration['inputs']>;

/**
 * What a result depends on beside its files: Erlang/OTP, and this plugin. Nothing from package.json. By the path of the
 * program, since Nx knows the ones in `node_modules/.bin` only when npm has started it, and takes one that it does not
 * find for one that says nothing.
 * @param tool the one that builds the project beside Erlang/OTP
 */
export const toolchain = (tool?: 'mix' | 'rebar3'): TaskInputs => [
  { runtime: ['node', toolchainProgram(), ...(tool ? [tool] : [])].join(' ') },
  { externalDependencies: [] },
];

/** What `git describe` says; nothing outside of a repository, where a command that fails would be an error of Nx. */
export const versionFromGit = () => ({ runtime: `node ${toolchainProgram()} git` });

/** In a workspace without a `package.json` Nx keeps itself and its plugins in a folder of its own. */
function toolchainProgram(): string {
  const program = 'node_modules/nx-otp/bin/nx-otp-toolchain.js';
  const installed = `.nx/installation/${program}`;
  return existsSync(join(workspaceRoot, installed)) ? installed : program;
}

/** The outputs of the targets it depends on: their content, wherever it came from. */
export const outputsOfDependencies = { dependentTasksOutputFiles: '**/*' };

/** A dependency that is given the command line of the one that needs it. */
export const forwarded = (target: string) => ({ target, params: 'forward' as const });
