import { basename, dirname, resolve } from 'node:path';
import { createNodesFromFiles, type CreateNodes } from '@nx/devkit';
import { releaseTargets } from './release-targets';

/** A folder with a `rel/reltool.config` is a release, and gets the targets from its sources to the upgrade package. */
export const createNodes: CreateNodes = [
  '**/rel/reltool.config',
  (configFiles, options, context) =>
    createNodesFromFiles(
      (configFile) => {
        const root = dirname(dirname(configFile));
        return {
          projects: {
            [root]: {
              // A project.json beside it may name it otherwise.
              name: basename(resolve(context.workspaceRoot, root)),
              projectType: 'application',
              targets: releaseTargets(),
            },
          },
        };
      },
      configFiles,
      options,
      context,
    ),
];
