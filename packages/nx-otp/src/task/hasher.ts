import {
  workspaceRoot,
  type CustomHasher,
  type HasherContext,
  type ProjectGraph,
  type Task,
} from '@nx/devkit';
import { keyedByContent, takenFromAbove } from './chain-options';
import { configuredOptions, isDependency } from './own-options';
import { rehearsedContent } from './rehearsed-content';
import { appupsFingerprint, policyFile, policyFingerprint } from './policy-fingerprint';

/**
 * Takes the path of the previous release out of a task's hash: `previous-release` has brought the release into the
 * workspace, and its content is among the inputs (`dependentTasksOutputFiles`), so that the same release at another
 * place is a cache hit. Everything else is hashed by Nx.
 *
 * Nx knows no other way to leave a parameter out. It says that custom hashers go in Nx 25.
 *
 * It adds what `generate-appups` reads beside its inputs: the policy, with transforms that may lie anywhere, and a
 * folder of reviewed appups that is not the usual one; and what `rehearse-upgrade` reads beside its inputs. With their content their paths need not count either.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as said above
const hasher: CustomHasher = async (task, context: HasherContext & { env?: NodeJS.ProcessEnv }) => {
  // A dependency takes nothing else from the command line (`ownOptions`).
  const isDependencyOfAnother = isDependency(task.id, context.taskGraph);
  const { executor } =
    context.projectGraph.nodes[task.target.project]?.data.targets?.[task.target.target] ?? {};
  const overrides = Object.entries<unknown>(task.overrides).filter(
    ([name]) => !keyedByContent.includes(name) && (!isDependencyOfAnother || takenFromAbove(executor, name)),
  );
  const decisions = {
    ...(await decisionsOf(task, context.projectGraph)),
    ...(await rehearsedContent(task, context.projectGraph, context.taskGraph)),
  };
  return context.hasher.hashTask(
    { ...task, overrides: { ...Object.fromEntries(overrides), ...decisions } },
    context.taskGraph,
    context.env ?? process.env,
  );
};

/** What people decided, as hashes of its content. */
async function decisionsOf(
  task: Task,
  projectGraph: ProjectGraph,
): Promise<{ policy?: string; reviewed?: string }> {
  const project = projectGraph.nodes[task.target.project];
  const target = project?.data.targets?.[task.target.target];
  if (project === undefined || target?.executor !== 'nx-otp:generate-appups') return {};
  const given = new Map<string, unknown>([
    ...Object.entries(configuredOptions(target, task.target.configuration)),
    ...Object.entries<unknown>(task.overrides),
  ]);
  const appupsPath = given.get('appupsPath');
  return {
    policy: await policyFingerprint(workspaceRoot, policyFile(project.data.root, given.get('policyPath'))),
    ...(typeof appupsPath === 'string' && { reviewed: await appupsFingerprint(workspaceRoot, appupsPath) }),
  };
}

export default hasher;
