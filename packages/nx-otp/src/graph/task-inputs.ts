import type { TargetConfiguration } from '@nx/devkit';

export type TaskInputs = NonNullable<TargetConfiguration['inputs']>;

/**
 * What a result depends on beside its files: Erlang/OTP, and this plugin. Nothing from package.json. By the path of the
 * program, since Nx knows the ones in `node_modules/.bin` only when npm has started it, and takes one that it does not
 * find for one that says nothing.
 * @param tool the one that builds the project beside Erlang/OTP
 */
export const toolchain = (tool?: 'mix' | 'rebar3'): TaskInputs => [
  { runtime: ['node node_modules/nx-otp/bin/nx-otp-toolchain.js', ...(tool ? [tool] : [])].join(' ') },
  { externalDependencies: [] },
];

/** What `git describe` says; nothing outside of a repository, where a command that fails would be an error of Nx. */
export const versionFromGit = { runtime: 'node node_modules/nx-otp/bin/nx-otp-toolchain.js git' };

/** The outputs of the targets it depends on: their content, wherever it came from. */
export const outputsOfDependencies = { dependentTasksOutputFiles: '**/*' };

/** A dependency that is given the command line of the one that needs it. */
export const forwarded = (target: string) => ({ target, params: 'forward' as const });
