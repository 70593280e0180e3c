import { existsSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from '@nx/devkit';
import { readByBuild } from './build-variables';
import { configuredBases } from './configured-bases';
import {
  isMixRelease,
  isRelx,
  pathDependencies,
  pathsIn,
  readText,
  rebarPathsIn,
  remembering,
} from './project-files';
import { rehearsalGroup } from './rehearsal-targets';
import { mixReleaseTargets, rebar3ReleaseTargets, releaseTargets } from './release-targets';
import type { TaskInputs } from './task-inputs';

/** Where tools put the sources of others, when git does not ignore them. */
const ofOthers = /(?:^|\/)(?:_build|_checkouts|deps|dist|node_modules)\//;

/**
 * A folder that describes a release gets the targets from its sources to the upgrade package: by a
 * `rel/reltool.config`, by a `mix.exs` with releases or of an umbrella, or by a `rebar.config` with relx. Of several
 * the first decides, as it does for `generate`.
 */
export const createNodes: CreateNodes = [
  '**/{rel/reltool.config,mix.exs,rebar.config,rebar.config.script,relx.config}',
  (configFiles, options, context) => {
    const textOf = (folder: string, file: string): string =>
      readText(join(context.workspaceRoot, folder, file));
    const pathsOf: PathsOf = {
      mix: remembering((folder) => pathsIn(textOf(folder, 'mix.exs'))),
      rebar3: remembering((folder) =>
        ['rebar.config', 'rebar.config.script', 'relx.config'].flatMap((file) =>
          rebarPathsIn(textOf(folder, file)),
        ),
      ),
    };
    return createNodesFromFiles(
      (configFile) => {
        const root = rootOf(configFile);
        const inferred = (bases: readonly string[]): Targets | undefined =>
          targetsOf(configFile, root, context.workspaceRoot, configFiles, pathsOf, bases);
        const names = inferred([]);
        if (names === undefined) return {};
        const bases = configuredBases(
          (file) => readText(join(context.workspaceRoot, root, file)),
          context.nxJsonConfiguration,
          Object.keys(names),
        );
        const targets = inferred(bases) ?? names;
        const rehearsals = rehearsalGroup(targets);
        return {
          projects: {
            [root]: {
              // A project.json beside it may name it otherwise.
              name: basename(resolve(context.workspaceRoot, root)),
              projectType: 'application',
              targets,
              ...(rehearsals.length > 0 && { metadata: { targetGroups: { Rehearsals: rehearsals } } }),
            },
          },
        };
      },
      configFiles,
      options,
      context,
    );
  },
];

type Targets = Record<string, TargetConfiguration>;
/** The paths that the build files of a folder name. */
type PathsOf = Readonly<Record<'mix' | 'rebar3', (folder: string) => readonly string[]>>;

function rootOf(configFile: string): string {
  const folder = dirname(configFile);
  return basename(configFile) === 'reltool.config' ? dirname(folder) : folder;
}

function targetsOf(
  configFile: string,
  root: string,
  workspaceRoot: string,
  configFiles: readonly string[],
  pathsOf: PathsOf,
  bases: readonly string[],
): Targets | undefined {
  const folder = join(workspaceRoot, root);
  const has = (file: string): boolean => existsSync(join(folder, file));
  const file = basename(configFile);
  if (file === 'reltool.config') return releaseTargets(bases);
  if (ofOthers.test(configFile) || has('rel/reltool.config')) return undefined;
  const within = root === '.' ? '' : `${root}/`;
  const umbrella = [
    ...new Set(
      configFiles
        .filter((other) => other.startsWith(within) && !ofOthers.test(other))
        .map((other) => posix.dirname(other)),
    ),
  ];
  const reads = (tool: 'mix' | 'rebar3'): TaskInputs =>
    readByBuild(
      tool,
      [...new Set([root, ...umbrella])].map((one) => join(workspaceRoot, one)),
    );
  if (file === 'mix.exs') {
    if (!isMixRelease(readText(join(folder, file)))) return undefined;
    return mixReleaseTargets(pathDependencies(pathsOf.mix, root, umbrella), reads('mix'), bases);
  }
  if (has('mix.exs')) return undefined;
  return file === 'relx.config' || isRelx(readText(join(folder, file)))
    ? rebar3ReleaseTargets(pathDependencies(pathsOf.rebar3, root, umbrella), reads('rebar3'), bases)
    : undefined;
}
