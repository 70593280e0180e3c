// Computes the hashes of tasks, as nx itself does before it looks into its cache, in one process that stays: a line of JSON
// for each request. Everything is read anew each time: the files of the workspace, its projects, the environment.
// The only place of the tests that uses internals of nx; a test compares what it says with true runs.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const fromWorkspace = createRequire(join(process.cwd(), 'package.json'));
/** @type {(path: string) => any} */
const nx = (path) => fromWorkspace(`nx/src/${path}.js`);
const { createProjectGraphAsync } = nx('project-graph/project-graph');
const { createTaskGraph } = nx('tasks-runner/create-task-graph');
const { createTaskHasher } = nx('hasher/create-task-hasher');
const { hashTasks } = nx('hasher/hash-task');
const { resetWorkspaceContext } = nx('utils/workspace-context');
const { readNxJson } = nx('config/nx-json');

const ownEnvironment = { ...process.env };

/** @param {import('./task-hashes.js').HashRequest} request */
async function hashesOf({ tasks, options, env }) {
  for (const name of Object.keys(process.env)) if (!(name in ownEnvironment)) delete process.env[name];
  Object.assign(process.env, ownEnvironment, env);
  resetWorkspaceContext();
  const graph = await createProjectGraphAsync({ exitOnError: false });
  const hasher = createTaskHasher(graph, readNxJson(), {});
  /** @type {Record<string, string>} */
  const hashes = {};
  // As if the last of a project were asked for on a command line, and what it does not need on further ones.
  const waiting = new Set(tasks);
  for (const asked of [...tasks].reverse()) {
    if (!waiting.has(asked)) continue;
    const [project, target] = asked.split(':');
    const taskGraph = createTaskGraph(graph, {}, [project], [target], undefined, options);
    const wanted = [...waiting].flatMap((id) => taskGraph.tasks[id] ?? []);
    const perTask = Object.fromEntries(wanted.map(({ id }) => [id, { ...process.env }]));
    await hashTasks(hasher, graph, taskGraph, perTask, undefined, wanted);
    for (const { id, hash } of wanted) {
      hashes[id] = hash;
      waiting.delete(id);
    }
  }
  return hashes;
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    process.stdout.write(`answer ${JSON.stringify({ hashes: await hashesOf(JSON.parse(line)) })}\n`);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stdout.write(`answer ${JSON.stringify({ error: message })}\n`);
  }
}
