import { join, posix } from 'node:path';
import type { TargetConfiguration } from '@nx/devkit';
import {
  applicationsOf,
  elixirTexts,
  entriesOf,
  erlangTexts,
  keepsSources,
  namedFiles,
  releaseConfigs,
  type NamedFiles,
} from './named-files';
import { readText, withoutErlangComments } from './project-files';
import { environment, lookingAt, notInReleases, type LookAt, type TaskInputs } from './task-inputs';

/** A project, and where it lies. */
export interface ProjectPlace {
  /** Absolute. */
  readonly workspaceRoot: string;
  /** Relative to it, with slashes. */
  readonly root: string;
  readonly tool: 'reltool' | 'erlc' | 'mix' | 'rebar3';
}

type Targets = Record<string, TargetConfiguration>;

/**
 * The targets, with what their inputs lack as long as nobody has looked into the project: files that its texts name elsewhere,
 * sources that git ignores, what Nx cannot hash, and variables of the environment.
 */
export function completeInputs(targets: Targets, place: ProjectPlace): Targets {
  const named = namedFiles(place.workspaceRoot, place.root, place.tool === 'mix' ? elixirTexts : erlangTexts);
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [name, completeTarget(target, place, named)]),
  );
}

const purposes: Readonly<Record<string, LookAt['purpose']>> = {
  'nx-otp:compile': 'compile',
  'nx-otp:compile-application': 'compile',
  'nx-otp:test': 'compile',
  'nx-otp:generate': 'release',
};

function completeTarget(
  target: TargetConfiguration,
  { workspaceRoot, root, tool }: ProjectPlace,
  named: NamedFiles,
): TargetConfiguration {
  const { executor = '', inputs } = target;
  const purpose = purposes[executor];
  if (inputs === undefined || purpose === undefined) return target;
  const looking = lookingAt(inputs, { purpose, root });
  if (tool === 'mix' || tool === 'rebar3') {
    return {
      ...target,
      inputs: [
        ...(named.docs ? withDocumentation(looking) : looking),
        ...privateFiles,
        ...elsewhere([...named.forSources, ...named.forRelease]),
        ...(tool === 'mix'
          ? [
              ...generatedSources(['lib', 'src', 'include'], 'ex,eex,heex,erl,hrl,yrl,xrl'),
              { fileset: '{projectRoot}/config/**/*.exs', includeIgnored: true },
              ...environment('MIX_PATH', 'MIX_REBAR3', 'ELIXIR_ERL_OPTIONS'),
            ]
          : [...generatedSources(['src', 'include'], erlang), ...environment('REBAR_CHECKOUTS_DIR')]),
        ...environment(...ofEveryVm, ...named.environment),
      ],
    };
  }
  if (purpose === 'compile') {
    const { subFolders, sourceFolders } = foldersOfRebarConfig(workspaceRoot, root);
    return {
      ...target,
      inputs: [
        ...looking,
        ...generatedSources(['src', 'include'], erlang),
        ...subFolders.map((folder) => `{projectRoot}/${folder}/rebar.config`),
        ...subFolders.map((folder) => `{projectRoot}/${folder}/{src,include}/**/*`),
        ...['', '{apps,lib}/*/', ...subFolders.map((folder) => `${folder}/`)].flatMap((folder) =>
          sourceFolders.map((inside) => `{projectRoot}/${folder}${inside}/**/*`),
        ),
        ...elsewhere(named.forSources),
        ...copiedAppups(workspaceRoot, root),
        ...environment(...ofEveryVm),
      ],
      outputs: [
        ...(target.outputs ?? []),
        ...(executor === 'nx-otp:test' ? [] : subFolders).flatMap((folder) => [
          `{projectRoot}/${folder}/ebin`,
          `{projectRoot}/${folder}/ebin/**/*`,
        ]),
      ],
    };
  }
  const keepsAll = releaseConfigs(workspaceRoot, root).some((file) =>
    keepsSources(withoutErlangComments(readText(join(workspaceRoot, file)))),
  );
  return {
    ...target,
    inputs: [
      ...(keepsAll || named.docs ? withDocumentation(looking) : looking),
      ...privateFiles,
      ...elsewhere(named.forRelease),
      ...named.libraries.map((path) => ({ fileset: `{workspaceRoot}/${path}`, includeIgnored: true })),
      ...environment(...ofEveryVm),
    ],
  };
}

const erlang = 'erl,hrl,yrl,xrl,app.src,appup,appup.src';

/** Further arguments of each Erlang VM. */
const ofEveryVm = ['ERL_FLAGS', 'ERL_AFLAGS', 'ERL_ZFLAGS'];

/**
 * Git may ignore sources that are made by other programs, and whole applications; the tools compile them all the same. By
 * their extensions, since editors leave other files beside them. No pattern begins and ends with alternatives: Nx 22 takes
 * all of such a one for alternatives.
 */
const generatedSources = (folders: readonly string[], extensions: string): TaskInputs =>
  ['', 'apps/*/', 'lib/*/'].flatMap((within) =>
    folders.map((folder) => ({
      fileset: `{projectRoot}/${within}${folder}/**/*.{${extensions}}`,
      includeIgnored: true,
    })),
  );

/** What an application brings along beside its code; git ignores what bundlers put there. */
const privateFiles: TaskInputs = [
  { fileset: '{projectRoot}/priv/**/*', includeIgnored: true },
  { fileset: '{projectRoot}/{apps,lib}/*/priv/**/*', includeIgnored: true },
];

const elsewhere = (paths: readonly string[]): TaskInputs => paths.map((path) => `{workspaceRoot}/${path}`);

/** What is left out of the inputs because nobody reads it, where somebody does. */
function withDocumentation(inputs: TaskInputs): TaskInputs {
  const left = new Set([
    ...notInReleases('{apps,lib}', '{src,test,doc,docs}'),
    ...notInReleases('apps', '{doc,docs}'),
  ]);
  return inputs.filter((input) => typeof input !== 'string' || !left.has(input));
}

/** An appup in `ebin` is an input, unless compiling has put it there. */
function copiedAppups(workspaceRoot: string, root: string): TaskInputs {
  return applicationsOf(workspaceRoot, root)
    .filter((folder) =>
      entriesOf(join(workspaceRoot, folder, 'src')).some((name) => /\.appup(?:\.src)?$/.test(name)),
    )
    .map(
      (folder) =>
        `!${['{projectRoot}', posix.relative(root, folder), 'ebin/*.appup'].filter(Boolean).join('/')}`,
    );
}

/** `sub_dirs` beside those that everybody has, and `src_dirs`. */
function foldersOfRebarConfig(
  workspaceRoot: string,
  root: string,
): { readonly subFolders: readonly string[]; readonly sourceFolders: readonly string[] } {
  const folders = (file: string, key: string): string[] => {
    const text = withoutErlangComments(readText(join(workspaceRoot, file)));
    const [, list = ''] = new RegExp(`\\{\\s*${key}\\s*,\\s*\\[([^\\]]*)\\]`).exec(text) ?? [];
    return [...list.matchAll(/"([^"{}]+)"/g)]
      .map(([, path = '']) => posix.normalize(path).replace(/\/$/, ''))
      .filter((path) => !path.startsWith('..') && !posix.isAbsolute(path));
  };
  const configs = applicationsOf(workspaceRoot, root).map((folder) => posix.join(folder, 'rebar.config'));
  const usual = /^(?:apps|lib)\/[^/]+$|^(?:rel|deps\b.*|\.)$/;
  return {
    subFolders: folders(posix.join(root, 'rebar.config'), 'sub_dirs').filter((path) => !usual.test(path)),
    sourceFolders: [
      ...new Set(configs.flatMap((file) => folders(file, 'src_dirs')).filter((path) => path !== 'src')),
    ].sort(),
  };
}
