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

/** The same, and those of the targets that these depend on: a release takes in what its applications need, too. */
export const outputsOfApplications = { dependentTasksOutputFiles: '**/*', transitive: true };

/**
 * What an application is compiled with of those it needs, and they of theirs: headers, behaviours and parse transforms.
 * By their sources, although their beams would say it better: before Nx 24, a batch stores what it made under what the
 * outputs were before it ran.
 */
export const compiledWithLibraries: TaskInputs = [
  '^{projectRoot}/rebar.config',
  '^{projectRoot}/!(test|dist)/**/*.{erl,hrl,xrl,yrl}',
];

/** The sources of the applications that a project needs, for a tool that compiles them itself. */
export const sourcesOfLibraries: TaskInputs = [
  '^{projectRoot}/{src,include,priv,lib,c_src,config}/**/*',
  '^{projectRoot}/{mix.exs,rebar.config,rebar.config.script}',
];

export const environment = (...names: string[]): TaskInputs => names.map((env) => ({ env }));

/** A file of a folder of the workspace, `.` for its root. */
export const inFolder = (folder: string, file: string): string =>
  folder === '.' ? `{workspaceRoot}/${file}` : `{workspaceRoot}/${folder}/${file}`;

/**
 * The same files, also where some of them lie in projects of their own: to Nx those are no files of the project above
 * them.
 */
export function throughProjects(inputs: TaskInputs, projectRoot: string): TaskInputs {
  const through = (fileset: string): string =>
    fileset.replace(/^(!?)\{projectRoot\}\//, (_, not: string) => `${not}${inFolder(projectRoot, '')}`);
  return inputs.map((input) => {
    if (typeof input === 'string') return through(input);
    return 'fileset' in input ? { ...input, fileset: through(input.fileset) } : input;
  });
}
