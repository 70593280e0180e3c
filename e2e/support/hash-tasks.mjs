// Computes the hashes of tasks, as nx itself does before it looks into its cache, in one process that stays: a line of JSON
// for each request. Everything is read anew each time: the files of the workspace, its projects, the environment.
// The only place of the tests that uses internals of nx; a test compares what it says with true runs.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * @typedef {object} Task
 * @property {string} id
 * @property {string} hash
 *
 * @typedef {{ tasks: Record<string, Task> }} TaskGraph
 * @typedef {{ readonly graph: unique symbol }} ProjectGraph
 * @typedef {{ readonly hasher: unique symbol }} Hasher
 * @typedef {Record<string, NodeJS.ProcessEnv>} EnvironmentsOfTasks
 *
 * @typedef {object} Internals
 * @property {(options: { exitOnError: boolean }) => Promise<ProjectGraph>} createProjectGraphAsync
 * @property {(graph: ProjectGraph, extra: object, projects: string[], targets: string[], configuration: undefined, options: object) => TaskGraph} createTaskGraph
 * @property {(graph: ProjectGraph, nxJson: object, options: object) => Hasher} createTaskHasher
 * @property {(hasher: Hasher, graph: ProjectGraph, tasks: TaskGraph, env: EnvironmentsOfTasks, details: undefined, wanted: Task[]) => Promise<void>} hashTasks
 * @property {() => void} resetWorkspaceContext
 * @property {() => object} readNxJson
 */

const fromWorkspace = createRequire(join(process.cwd(), 'package.json'));
/** @type {unknown} */
const internals = Object.fromEntries(
  [
    'project-graph/project-graph',
    'tasks-runner/create-task-graph',
    'hasher/create-task-hasher',
    'hasher/hash-task',
    'utils/workspace-context',
    'config/nx-json',
  ].flatMap((path) => {
    /** @type {unknown} */
    const module = fromWorkspace(`nx/src/${path}.js`);
    return Object.entries(/** @type {object} */ (module));
  }),
);
const nx = /** @type {Internals} */ (internals);

const ownEnvironment = { ...process.env };

/** @param {import('./task-hashes.js').HashRequest} request */
async function hashesOf({ tasks, options, env }) {
  process.env = { ...ownEnvironment, ...env };
  nx.resetWorkspaceContext();
  const graph = await nx.createProjectGraphAsync({ exitOnError: false });
  const hasher = nx.createTaskHasher(graph, nx.readNxJson(), {});
  /** @type {Record<string, string>} */
  const hashes = {};
  // As if the last of a project were asked for on a command line, and what it does not need on further ones.
  const waiting = new Set(tasks);
  for (const asked of [...tasks].reverse()) {
    if (!waiting.has(asked)) continue;
    const [project = '', target = ''] = asked.split(':');
    const taskGraph = nx.createTaskGraph(graph, {}, [project], [target], undefined, options);
    const wanted = [...waiting].flatMap((id) => taskGraph.tasks[id] ?? []);
    const environments = Object.fromEntries(wanted.map(({ id }) => [id, { ...process.env }]));
    await nx.hashTasks(hasher, graph, taskGraph, environments, undefined, wanted);
    for (const { id, hash } of wanted) {
      hashes[id] = hash;
      waiting.delete(id);
    }
  }
  return hashes;
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    /** @type {unknown} */
    const parsed = JSON.parse(line);
    const request = /** @type {import('./task-hashes.js').HashRequest} */ (parsed);
    process.stdout.write(`answer ${JSON.stringify({ hashes: await hashesOf(request) })}\n`);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`answer ${JSON.stringify({ error: message })}\n`);
  }
}
