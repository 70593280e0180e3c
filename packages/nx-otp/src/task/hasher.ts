import {
  workspaceRoot,
  type CustomHasher,
  type HasherContext,
  type ProjectGraph,
  type Task,
} from '@nx/devkit';
import { configuredOptions, forwardedParameters, isDependency } from './own-options';
import { policyFile, policyFingerprint } from './policy-fingerprint';

/**
 * Takes the path of the previous release out of a task's hash: `previous-release` has brought the release into the
 * workspace, and its content is among the inputs (`dependentTasksOutputFiles`), so that the same release at another
 * place is a cache hit. Everything else is hashed by Nx.
 *
 * Nx knows no other way to leave a parameter out. It says that custom hashers go in Nx 25; without this one
 * another path is a cache miss, and nothing else changes.
 *
 * It adds what `generate-appups` reads beside its inputs: the policy, with transforms that may lie anywhere.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as said above
const hasher: CustomHasher = async (task, context: HasherContext & { env?: NodeJS.ProcessEnv }) => {
  // A dependency takes nothing else from the command line (`ownOptions`).
  const isDependencyOfAnother = isDependency(task.id, context.taskGraph);
  const overrides = isDependencyOfAnother
    ? []
    : Object.entries<unknown>(task.overrides).filter(([name]) => !forwardedParameters.includes(name));
  const policy = await policyOf(task, context.projectGraph, Object.fromEntries(overrides));
  return context.hasher.hashTask(
    { ...task, overrides: { ...Object.fromEntries(overrides), ...policy } },
    context.taskGraph,
    context.env ?? process.env,
  );
};

async function policyOf(
  task: Task,
  projectGraph: ProjectGraph,
  overrides: Readonly<Record<string, unknown>>,
): Promise<{ policy?: string }> {
  const project = projectGraph.nodes[task.target.project];
  const target = project?.data.targets?.[task.target.target];
  if (project === undefined || target?.executor !== 'nx-otp:generate-appups') return {};
  const configured = configuredOptions(target, task.target.configuration);
  const file = policyFile(project.data.root, overrides['policyPath'] ?? configured['policyPath']);
  return { policy: await policyFingerprint(workspaceRoot, file) };
}

export default hasher;
