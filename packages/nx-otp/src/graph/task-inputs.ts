import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot, type TargetConfiguration } from '@nx/devkit';

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

/** Has the toolchain of a target look at its project, too. */
export function lookingAt(inputs: TaskInputs, { purpose, root }: LookAt): TaskInputs {
  return inputs.map((input) =>
    typeof input === 'object' &&
    'runtime' in input &&
    /nx-otp-toolchain\.js(?: mix| rebar3)?$/.test(input.runtime)
      ? { runtime: `${input.runtime} --${purpose}=${forShell(root)}` }
      : input,
  );
}

/** Nx gives the command line to a shell. */
function forShell(path: string): string {
  return [...Buffer.from(path)]
    .map((byte) => String.fromCharCode(byte))
    .map((byte) => (/[\w./-]/.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`))
    .join('');
}

/** Of other tools, and of people. */
const ofOthers =
  '{.editorconfig,.gitattributes,.gitignore,.gitlab-ci.yml,.formatter.exs,.credo.exs,package.json,package-lock.json,project.json}';

/**
 * Neither in a release nor read to make one, unless a text of the project says otherwise (`completeInputs`).
 * @param applications the folders of applications
 * @param folders those of the project and of an application
 */
export const notInReleases = (applications: string, folders: string): readonly string[] => [
  '!{projectRoot}/*.{md,markdown}',
  `!{projectRoot}/${applications}/*/*.{md,markdown}`,
  `!{projectRoot}/${folders}/**/*`,
  `!{projectRoot}/${applications}/*/${folders}/**/*`,
  '!{projectRoot}/{.github,.gitlab,.circleci,.vscode,.idea}/**/*',
  `!{projectRoot}/${ofOthers}`,
];

/** The outputs of the targets it depends on: their content, wherever it came from. */
export const outputsOfDependencies = { dependentTasksOutputFiles: '**/*' };

/** A dependency that is given the command line of the one that needs it. */
export const forwarded = (target: string) => ({ target, params: 'forward' as const });
