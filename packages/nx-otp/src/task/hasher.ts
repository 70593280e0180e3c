import { randomUUID } from 'node:crypto';
import {
  getOutputsForTargetAndConfiguration,
  workspaceRoot,
  type CustomHasher,
  type HasherContext,
  type ProjectGraph,
  type Task,
  type TaskGraph,
} from '@nx/devkit';
import { keyedByContent, takenFromAbove } from './chain-options';
import { contentFingerprint, modesFingerprint } from './content-fingerprint';
import { configuredOptions, dependenciesOf, isDependency } from './own-options';
import { listOption } from './previous-releases';
import { rehearsedContent } from './rehearsed-content';
import { appupsFingerprint, policyFile, policyFingerprint } from './policy-fingerprint';

type Contents = Record<string, string>;

/**
 * Takes the paths of the previous releases out of a task's hash: `previous-release` has brought them into the
 * workspace, and their content is among the inputs (`dependentTasksOutputFiles`), so that the same release at another
 * place is a cache hit. Everything else is hashed by Nx.
 *
 * Nx knows no other way to leave a parameter out. It says that custom hashers go in Nx 25.
 *
 * It adds the content of what these targets read beside their inputs: the policy, with transforms that may lie anywhere,
 * and whatever a path was given for. With their content their paths need not count either.
 */
// eslint-disable-next-line @typescript-eslint/no-deprecated -- as said above
const hasher: CustomHasher = async (task, context: HasherContext & { env?: NodeJS.ProcessEnv }) => {
  // A dependency takes nothing else from the command line (`ownOptions`).
  const isDependencyOfAnother = isDependency(task.id, context.taskGraph);
  const { projectGraph } = context;
  const { executor } = projectGraph.nodes[task.target.project]?.data.targets?.[task.target.target] ?? {};
  const overrides = Object.fromEntries(
    Object.entries<unknown>(task.overrides).filter(
      ([name]) => !isDependencyOfAnother || takenFromAbove(executor, name),
    ),
  );
  const taskGraph = withOwnOutputs(context.taskGraph, projectGraph);
  const contents = {
    ...(await contentsOf({ ...task, overrides }, { projectGraph, taskGraph })),
    ...(await rehearsedContent(task, projectGraph, taskGraph)),
  };
  for (const name of keyedByContent) Reflect.deleteProperty(overrides, name);
  // Nx would keep the folder that was meant for the other one: such a result must not be found again.
  const isMisplaced = isDependencyOfAnother && 'outputPath' in task.overrides;
  return context.hasher.hashTask(
    { ...task, overrides: { ...overrides, ...contents, ...(isMisplaced && { once: randomUUID() }) } },
    taskGraph,
    context.env ?? process.env,
  );
};

/** With the outputs that dependencies write, where Nx takes a forwarded `outputPath` for theirs. */
function withOwnOutputs(taskGraph: TaskGraph, projectGraph: ProjectGraph): TaskGraph {
  const tasks = Object.entries(taskGraph.tasks).map(([id, task]): [string, Task] => {
    const node = projectGraph.nodes[task.target.project];
    if (node === undefined || !('outputPath' in task.overrides) || !isDependency(id, taskGraph))
      return [id, task];
    return [id, { ...task, outputs: getOutputsForTargetAndConfiguration(task.target, {}, node) }];
  });
  return { ...taskGraph, tasks: Object.fromEntries(tasks) };
}

/** As hashes. */
async function contentsOf(
  task: Task,
  { projectGraph, taskGraph }: { readonly projectGraph: ProjectGraph; readonly taskGraph: TaskGraph },
): Promise<Contents> {
  const project = projectGraph.nodes[task.target.project];
  const target = project?.data.targets?.[task.target.target];
  if (project === undefined || target === undefined) return {};
  const given = new Map<string, unknown>([
    ...Object.entries(configuredOptions(target, task.target.configuration)),
    ...Object.entries<unknown>(task.overrides),
  ]);
  const needed = dependenciesOf(task.id, taskGraph).flatMap((id) => taskGraph.tasks[id] ?? []);
  const madeBy = (executor: string): Task[] =>
    needed.filter(
      ({ target: { project, target } }) =>
        projectGraph.nodes[project]?.data.targets?.[target]?.executor === executor,
    );
  const contents: Contents = {};
  const add = async (name: string, path: unknown): Promise<void> => {
    if (typeof path === 'string')
      contents[`content of ${name}`] = await contentFingerprint(workspaceRoot, path);
  };
  await add('release', given.get('release'));
  // Without that target the releases themselves are read.
  if (madeBy('nx-otp:previous-release').length === 0) {
    await add('previousRelease', given.get('previousRelease'));
    for (const [at, path] of listOption(given.get('previousReleases')).entries())
      await add(`base ${at}`, path);
  }
  if (target.executor === 'nx-otp:generate-appups') {
    contents['policy'] = await policyFingerprint(
      workspaceRoot,
      policyFile(project.data.root, given.get('policyPath')),
    );
    const appupsPath = given.get('appupsPath');
    if (typeof appupsPath === 'string') {
      contents['reviewed'] = await appupsFingerprint(workspaceRoot, appupsPath);
    }
  }
  if (target.executor === 'nx-otp:generate-upgrade') {
    await add('appups', given.get('appups'));
    // The package has them.
    contents['modes'] = await modesFingerprint(
      workspaceRoot,
      madeBy('nx-otp:generate').flatMap(({ outputs }) => outputs),
    );
  }
  return contents;
}

export default hasher;
