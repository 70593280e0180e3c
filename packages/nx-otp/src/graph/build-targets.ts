import { join, posix } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import {
  applicationsOf,
  elixirTexts,
  erlangTexts,
  keepsSources,
  namedFiles,
  releaseConfigs,
  type NamedFiles,
} from './named-files';
import { readText, withoutErlangComments } from './project-files';
import { outputsOfDependencies, toolchain, type TaskInputs } from './task-inputs';

/** The targets by which each tool comes from the sources to a release; all others take that as it is. */
export interface BuildTargets {
  readonly compile: TargetConfiguration;
  readonly generate: TargetConfiguration;
}

/** Where a project lies. */
export interface ProjectPlace {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Relative to it, with slashes. */
  readonly root: string;
}

/** Dependencies that rebar 2 has fetched and built; git ignores them. */
const dependencies = { fileset: '{projectRoot}/deps/*/{ebin,include,priv}/**/*', includeIgnored: true };

const releaseOutput = {
  outputs: ['{options.outputPath}'],
  options: { outputPath: '{projectRoot}/dist/release' },
};

/**
 * Git may ignore sources that are made by other programs, and whole applications; the tools compile them all the same. By
 * their extensions, since editors leave other files beside them.
 */
const generatedSources = (folders: string, extensions: string): TaskInputs => [
  { fileset: `{projectRoot}/${folders}/**/*.{${extensions}}`, includeIgnored: true },
  { fileset: `{projectRoot}/{apps,lib}/*/${folders}/**/*.{${extensions}}`, includeIgnored: true },
];

/** What an application brings along beside its code. */
const privateFiles: TaskInputs = [
  { fileset: '{projectRoot}/priv/**/*', includeIgnored: true },
  { fileset: '{projectRoot}/{apps,lib}/*/priv/**/*', includeIgnored: true },
];

/** Neither in a release nor read to make one, unless a text of the project says otherwise. */
const notInReleases: TaskInputs = [
  '!{projectRoot}/*.{md,markdown}',
  '!{projectRoot}/apps/*/*.{md,markdown}',
  '!{projectRoot}/{doc,docs}/**/*',
  '!{projectRoot}/apps/*/{doc,docs}/**/*',
];

/** Of other tools, where a project is the whole workspace. */
const ofWorkspace: TaskInputs = [
  '!{projectRoot}/{.github,.gitlab,.circleci,.vscode,.idea}/**/*',
  '!{projectRoot}/{package,package-lock,project}.json',
  '!{projectRoot}/{.editorconfig,.gitattributes,.gitignore,.gitlab-ci.yml,.formatter.exs,.credo.exs}',
];

const elsewhere = (paths: readonly string[]): TaskInputs => paths.map((path) => `{workspaceRoot}/${path}`);

export function reltoolTargets({ workspaceRoot, root }: ProjectPlace): BuildTargets {
  const named = namedFiles(workspaceRoot, root, erlangTexts);
  const { subFolders, sourceFolders } = foldersOfRebarConfig(workspaceRoot, root);
  const applications = ['', '{apps,lib}/*/', ...subFolders.map((folder) => `${folder}/`)];
  const everywhere = (inside: string): string[] =>
    applications.map((folder) => `{projectRoot}/${folder}${inside}`);
  const keepsAll = releaseConfigs(workspaceRoot, root).some((file) =>
    keepsSources(withoutErlangComments(readText(join(workspaceRoot, file)))),
  );
  return {
    compile: {
      executor: 'nx-otp:compile',
      cache: true,
      inputs: [
        ...everywhere('rebar.config'),
        ...everywhere(`{${['src', 'include', ...sourceFolders].join(',')}}/**/*`),
        ...everywhere('ebin/*.appup'),
        '{projectRoot}/**/*.hrl',
        ...generatedSources('{src,include}', 'erl,hrl,yrl,xrl,app.src,appup,appup.src'),
        ...elsewhere(named.forSources),
        dependencies,
        ...environment('ERL_COMPILER_OPTIONS', ...ofEveryVm),
        ...toolchain(undefined, { purpose: 'compile', root }),
      ],
      // A pattern for folders is what Nx clears before it restores them; their files are what it hashes for
      // `dependentTasksOutputFiles`, to which a pattern that matches a folder alone is nothing.
      outputs: ['{projectRoot}/ebin', ...everywhere('ebin').slice(1), ...everywhere('ebin/**/*').slice(1)],
      metadata: {
        technologies: ['erlang'],
        description: 'Compile every OTP application of the project to its ebin',
      },
    },
    generate: {
      executor: 'nx-otp:generate',
      cache: true,
      dependsOn: ['compile'],
      inputs: [
        // Overlays may take files from anywhere in the project, and the configuration may lie there, too.
        '{projectRoot}/**/*',
        '!{projectRoot}/dist/**/*',
        ...decisions,
        ...(keepsAll || named.docs
          ? []
          : [
              ...notInReleases,
              '!{projectRoot}/lib/*/*.{md,markdown}',
              '!{projectRoot}/lib/*/{doc,docs}/**/*',
              '!{projectRoot}/{src,test}/**/*',
              '!{projectRoot}/{apps,lib}/*/{src,test}/**/*',
              ...ofWorkspace,
            ]),
        { fileset: '{projectRoot}/include/**/*', includeIgnored: true },
        { fileset: '{projectRoot}/{apps,lib}/*/include/**/*', includeIgnored: true },
        ...privateFiles,
        ...elsewhere(named.forRelease),
        ...named.libraries.map((path) => ({ fileset: `{workspaceRoot}/${path}`, includeIgnored: true })),
        dependencies,
        outputsOfDependencies,
        ...environment(...ofEveryVm),
        ...toolchain(undefined, { purpose: 'release', root }),
      ],
      ...releaseOutput,
      metadata: { technologies: ['erlang'], description: 'Make the target system of rel/reltool.config' },
    },
  };
}

/** `sub_dirs` beside those that everybody has, and `src_dirs`. */
function foldersOfRebarConfig(
  workspaceRoot: string,
  root: string,
): { subFolders: readonly string[]; sourceFolders: readonly string[] } {
  const folders = (file: string, key: string): string[] => {
    const text = withoutErlangComments(readText(join(workspaceRoot, file)));
    const [, list = ''] = new RegExp(`\\{\\s*${key}\\s*,\\s*\\[([^\\]]*)\\]`).exec(text) ?? [];
    return [...list.matchAll(/"([^"{}]+)"/g)]
      .map(([, path = '']) => posix.normalize(path).replace(/\/$/, ''))
      .filter((path) => !path.startsWith('..') && !posix.isAbsolute(path));
  };
  const configs = applicationsOf(workspaceRoot, root).map((folder) => posix.join(folder, 'rebar.config'));
  return {
    subFolders: folders(posix.join(root, 'rebar.config'), 'sub_dirs').filter(
      (path) => !/^(?:apps|lib)\/[^/]+$|^(?:rel|deps\b.*|\.)$/.test(path),
    ),
    sourceFolders: [
      ...new Set(configs.flatMap((file) => folders(file, 'src_dirs')).filter((path) => path !== 'src')),
    ].sort(),
  };
}

/** What people decided about upgrades is no part of a release. */
const decisions: TaskInputs = ['!{projectRoot}/rel/appups/**/*', '!{projectRoot}/rel/upgrade.json'];

/** Sources may be read from anywhere in the project while it compiles; fetched dependencies are named by the lock file. */
function sourcesOfProject(named: NamedFiles): TaskInputs {
  return [
    '{projectRoot}/**/*',
    ...decisions,
    '!{projectRoot}/{test,_build,dist}/**/*',
    '!{projectRoot}/apps/*/test/**/*',
    ...(named.docs ? [] : notInReleases),
    ...ofWorkspace,
    ...privateFiles,
    ...elsewhere([...named.forSources, ...named.forRelease]),
  ];
}

const environment = (...names: string[]): TaskInputs => names.map((env) => ({ env }));

/** Further arguments of each Erlang VM. The libraries of `ERL_LIBS` count with their content (`toolchain`). */
const ofEveryVm = ['ERL_FLAGS', 'ERL_AFLAGS', 'ERL_ZFLAGS'];

/**
 * `compile` and `generate` of a tool that compiles by itself: each has a build folder of its own, which is nobody's output,
 * since its links lead out of it and its time stamps matter. So `compile` says whether the project compiles, and
 * `generate` does not need it.
 */
function targetsOf(
  tool: 'mix' | 'rebar3',
  root: string,
  inputs: TaskInputs,
  descriptions: { readonly compile: string; readonly generate: string },
): BuildTargets {
  const technology = tool === 'mix' ? 'elixir' : 'erlang';
  return {
    compile: {
      executor: 'nx-otp:compile',
      cache: true,
      inputs: [...inputs, ...toolchain(tool, { purpose: 'compile', root })],
      outputs: [],
      metadata: { technologies: [technology], description: descriptions.compile },
    },
    generate: {
      executor: 'nx-otp:generate',
      cache: true,
      inputs: [...inputs, ...toolchain(tool, { purpose: 'release', root })],
      ...releaseOutput,
      metadata: { technologies: [technology], description: descriptions.generate },
    },
  };
}

/** @param libraries folders of dependencies by path outside of the project, relative to the workspace root */
export function mixTargets(
  { workspaceRoot, root }: ProjectPlace,
  libraries: readonly string[],
): BuildTargets {
  const named = namedFiles(workspaceRoot, root, elixirTexts);
  return targetsOf(
    'mix',
    root,
    [
      ...sourcesOfProject(named),
      ...generatedSources('{lib,src,include}', 'ex,eex,heex,erl,hrl,yrl,xrl'),
      { fileset: '{projectRoot}/config/**/*.exs', includeIgnored: true },
      ...libraries.flatMap((folder) => [
        `{workspaceRoot}/${folder}/**/*`,
        `!{workspaceRoot}/${folder}/{test,_build,dist}/**/*`,
      ]),
      ...environment('MIX_ENV', 'MIX_TARGET', 'MIX_EXS', 'MIX_DEPS_PATH', 'MIX_PATH', 'MIX_REBAR3'),
      ...environment('ELIXIR_ERL_OPTIONS', 'ERL_COMPILER_OPTIONS', ...ofEveryVm, ...named.environment),
    ],
    {
      compile: 'Compile the project by mix',
      generate: 'Make the release of mix.exs, with what an upgrade from it needs',
    },
  );
}

export function rebar3Targets({ workspaceRoot, root }: ProjectPlace): BuildTargets {
  const named = namedFiles(workspaceRoot, root, erlangTexts);
  return targetsOf(
    'rebar3',
    root,
    [
      ...sourcesOfProject(named),
      '!{projectRoot}/lib/*/test/**/*',
      ...generatedSources('{src,include}', 'erl,hrl,yrl,xrl,app.src,appup,appup.src'),
      ...environment('REBAR_CONFIG', 'REBAR_CHECKOUTS_DIR', 'ERL_COMPILER_OPTIONS', ...ofEveryVm),
      ...environment(...named.environment),
    ],
    {
      compile: 'Compile the project by rebar3',
      generate: 'Make the release of rebar.config for production, with what an upgrade from it needs',
    },
  );
}
