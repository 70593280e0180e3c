import type { TargetConfiguration } from '@nx/devkit';

export type TaskInputs = NonNullable<TargetConfiguration['inputs']>;

/** A task that looks at more of a project than Nx hashes as files (`unseenInputs`). */
export interface LookAt {
  readonly purpose: 'compile' | 'release';
  /** Of the project, relative to the workspace root. */
  readonly root: string;
}

/**
 * What a result depends on beside its files: Erlang/OTP, and this plugin. Nothing from package.json. By the path of the
 * program, since Nx knows the ones in `node_modules/.bin` only when npm has started it, and takes one that it does not
 * find for one that says nothing.
 * @param tool the one that builds the project beside Erlang/OTP
 */
export const toolchain = (tool?: 'mix' | 'rebar3', at?: LookAt): TaskInputs => [
  {
    runtime: [
      'node node_modules/nx-otp/bin/nx-otp-toolchain.js',
      ...(tool ? [tool] : []),
      ...(at ? [`--${at.purpose}=${forShell(at.root)}`] : []),
    ].join(' '),
  },
  { externalDependencies: [] },
];

/** Nx gives the command line to a shell. */
function forShell(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => String.fromCharCode(byte))
    .map((byte) => (/[\w./-]/.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');
}

/** The outputs of the targets it depends on: their content, wherever it came from. */
export const outputsOfDependencies = { dependentTasksOutputFiles: '**/*' };
