import { existsSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from '@nx/devkit';
import { isMixRelease, isRelx, mixPathDependencies, pathsIn, readText, remembering } from './project-files';
import { mixReleaseTargets, rebar3ReleaseTargets, releaseTargets } from './release-targets';

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
    const pathsOf = remembering((folder) =>
      pathsIn(readText(join(context.workspaceRoot, folder, 'mix.exs'))),
    );
    return createNodesFromFiles(
      (configFile) => {
        const root = rootOf(configFile);
        const targets = targetsOf(configFile, root, context.workspaceRoot, configFiles, pathsOf);
        if (targets === undefined) return {};
        return {
          projects: {
            [root]: {
              // A project.json beside it may name it otherwise.
              name: basename(resolve(context.workspaceRoot, root)),
              projectType: 'application',
              targets,
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

function rootOf(configFile: string): string {
  const folder = dirname(configFile);
  return basename(configFile) === 'reltool.config' ? dirname(folder) : folder;
}

function targetsOf(
  configFile: string,
  root: string,
  workspaceRoot: string,
  configFiles: readonly string[],
  pathsOf: (folder: string) => readonly string[],
): Record<string, TargetConfiguration> | undefined {
  const folder = join(workspaceRoot, root);
  const has = (file: string): boolean => existsSync(join(folder, file));
  const file = basename(configFile);
  if (file === 'reltool.config') return releaseTargets();
  if (ofOthers.test(configFile) || has('rel/reltool.config')) return undefined;
  if (file === 'mix.exs') {
    if (!isMixRelease(readText(join(folder, file)))) return undefined;
    const within = root === '.' ? '' : `${root}/`;
    const umbrella = configFiles
      .filter((other) => basename(other) === file && other.startsWith(within) && !ofOthers.test(other))
      .map((other) => posix.dirname(other));
    return mixReleaseTargets(mixPathDependencies(pathsOf, root, umbrella));
  }
  if (has('mix.exs')) return undefined;
  return file === 'relx.config' || isRelx(readText(join(folder, file))) ? rebar3ReleaseTargets() : undefined;
}
