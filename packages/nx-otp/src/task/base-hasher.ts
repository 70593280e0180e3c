import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { OtpError, unlockedDependencies } from '@nx-otp/core';
import { workspaceRoot, type CustomHasher, type HasherContext } from '@nx/devkit';
import { revisionsOf } from './built-revisions';
import { chosenBases, generateOptions, generateTarget, type ReleasedProject } from './chosen-bases';
import type { TaskInputs } from '../graph/task-inputs';
import { toolchainFacts } from '../toolchain';
import { librariesWithTheirs } from './libraries';
import { configuredOptions } from './own-options';
import { targetsOf, releasesToImport } from './previous-releases';

/**
 * Keys what `build-base` builds by the commits, by how the release is made now, and by the tools, and by nothing else:
 * `nx.json`, `project.json` and the sources of today may change, and the base of yesterday is not built again. Where the names
 * of the commits came from does not matter: a branch that has moved is another base, two names of one commit are the same.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as for the other hasher: Nx has nothing else yet
const baseHasher: CustomHasher = async (task, context: HasherContext & { env?: NodeJS.ProcessEnv }) => {
  const env = context.env ?? process.env;
  const node = context.projectGraph.nodes[task.target.project];
  const project: ReleasedProject = {
    workspace: workspaceRoot,
    name: task.target.project,
    configuration: { root: node?.data.root ?? '.', targets: node?.data.targets ?? {} },
    nxJson: context.nxJsonConfiguration,
    targetConfiguration: task.target.configuration,
    libraries: librariesWithTheirs(task.target.project, context),
  };
  const target = node?.data.targets?.[task.target.target];
  const options = {
    ...configuredOptions(target, task.target.configuration),
    ...(task.overrides as { outputPath?: unknown }),
  };
  const inputs = target?.inputs ?? [];
  const details = {
    root: project.configuration.root,
    outputPath: options.outputPath,
    ...(await contentOf(options, project)),
    libraries: project.libraries,
    // Its output goes elsewhere.
    generate: { ...generateOptions(project), outputPath: undefined },
    environment: environmentOf([...inputs, ...(generateTarget(project)?.inputs ?? [])], env),
    tools: toolchainFacts(['mix', 'rebar3'], workspaceRoot),
    // What somebody has added, Nx knows how to hash.
    others: inputs.every(isKnown)
      ? undefined
      : (await context.hasher.hashTask(task, context.taskGraph, env)).value,
  };
  const text = JSON.stringify(details);
  return {
    value: createHash('sha256').update(text).digest('hex'),
    details: { command: text, nodes: {} },
  };
};

/** A mistake is said by the executor, whose failure is not cached. */
async function contentOf(options: object, project: ReleasedProject): Promise<object> {
  try {
    const bases = await chosenBases(releasesToImport(options, targetsOf(project)), project);
    const commits = revisionsOf(bases).map(({ commit }) => commit);
    if (commits.length === 0) return { commits };
    const folder = join(project.workspace, project.configuration.root);
    return {
      commits: commits.sort(),
      dependencies: await unlockedDependencies(folder, generateOptions(project).tool),
    };
  } catch (error) {
    if (error instanceof OtpError) return { problem: error.message };
    throw error;
  }
}

/** What is hashed here: the variables, and the tools. */
function isKnown(input: TaskInputs[number]): boolean {
  if (typeof input === 'string') return false;
  if ('runtime' in input) return input.runtime.includes('nx-otp-toolchain');
  return 'env' in input || 'externalDependencies' in input;
}

/** The variables that are inputs of `generate`, too: what it reads of them now, the base would. */
function environmentOf(inputs: TaskInputs, env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const names = inputs.flatMap((input) => (typeof input === 'object' && 'env' in input ? [input.env] : []));
  return Object.fromEntries([...new Set(names)].sort().map((name) => [name, env[name]]));
}

export default baseHasher;
