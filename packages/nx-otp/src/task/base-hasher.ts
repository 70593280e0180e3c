import { OtpError } from '@nx-otp/core';
import { workspaceRoot, type CustomHasher, type HasherContext } from '@nx/devkit';
import { revisionsOf } from './built-revisions';
import { chosenBases, generateOptions, generateTarget, type ReleasedProject } from './chosen-bases';
import { configuredOptions } from './own-options';
import { targetsOf, releasesToImport } from './previous-releases';

/**
 * Keys what `build-base` builds by the commits and by how the release is made now, wherever the names of the commits came
 * from: a branch that has moved is another base, and two names of one commit are the same. Nx adds the toolchain and whatever
 * else is among the inputs.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as for the other hasher: Nx has nothing else yet
const baseHasher: CustomHasher = async (task, context: HasherContext & { env?: NodeJS.ProcessEnv }) => {
  const env = context.env ?? process.env;
  const node = context.projectGraph.nodes[task.target.project];
  const target = node?.data.targets?.[task.target.target];
  const overrides = Object.entries<unknown>(task.overrides).filter(([name]) => name === 'outputPath');
  const project: ReleasedProject = {
    workspace: workspaceRoot,
    name: task.target.project,
    configuration: { root: node?.data.root ?? '.', targets: node?.data.targets ?? {} },
    nxJson: context.nxJsonConfiguration,
    targetConfiguration: task.target.configuration,
  };
  const base = {
    commits: await commitsOf(
      { ...configuredOptions(target, task.target.configuration), ...(task.overrides as object) },
      project,
    ),
    // Its output goes elsewhere.
    generate: { ...generateOptions(project), outputPath: undefined },
    environment: environmentOf(project, env),
  };
  return context.hasher.hashTask(
    { ...task, overrides: { ...Object.fromEntries(overrides), base } },
    context.taskGraph,
    env,
  );
};

/** A mistake is said by the executor, whose failure is not cached. */
async function commitsOf(options: object, project: ReleasedProject): Promise<readonly string[]> {
  try {
    const bases = await chosenBases(releasesToImport(options, targetsOf(project)), project);
    return revisionsOf(bases)
      .map(({ commit }) => commit)
      .sort();
  } catch (error) {
    if (error instanceof OtpError) return [error.message];
    throw error;
  }
}

/** The variables that are inputs of `generate`: what it reads of them now, the base would, too. */
function environmentOf(project: ReleasedProject, env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  const names = (generateTarget(project)?.inputs ?? []).flatMap((input) =>
    typeof input === 'object' && 'env' in input ? [input.env] : [],
  );
  return Object.fromEntries(names.sort().map((name) => [name, env[name]]));
}

export default baseHasher;
