// Computes the hashes of tasks, as nx itself does before it looks into its cache, in one process that stays: one request,
// a line of JSON, after the other. Everything is read anew for each: the files of the workspace, the projects and the
// environment. The only place where internals of nx are used; e2e/cache-keys.test.ts compares some with those of true runs.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const nx = createRequire(join(process.cwd(), 'package.json'));
/** @type {(path: string) => any} */
const internal = (path) => nx(`nx/src/${path}.js`);
const { createProjectGraphAsync } = internal('project-graph/project-graph');
const { createTaskGraph } = internal('tasks-runner/create-task-graph');
const { createTaskHasher } = internal('hasher/create-task-hasher');
const { hashTask } = internal('hasher/hash-task');
const { resetWorkspaceContext } = internal('utils/workspace-context');
const { readNxJson } = internal('config/nx-json');

const ownEnvironment = { ...process.env };

/** @typedef {{ project: string; target: string; options: Record<string, unknown>; env: Record<string, string> }} Request */

/** @param {Request} request */
async function hashesOf({ project, target, options, env }) {
  for (const name of Object.keys(process.env)) if (!(name in ownEnvironment)) delete process.env[name];
  Object.assign(process.env, ownEnvironment, env);
  resetWorkspaceContext();
  const graph = await createProjectGraphAsync({ exitOnError: false });
  const taskGraph = createTaskGraph(graph, {}, [project], [target], undefined, options);
  const hasher = createTaskHasher(graph, readNxJson(), {});
  /** @type {Record<string, { hash: string; parts: Record<string, string> }>} */
  const hashes = {};
  for (const task of Object.values(taskGraph.tasks)) {
    await hashTask(hasher, graph, taskGraph, task, { ...process.env });
    hashes[task.id] = { hash: task.hash, parts: task.hashDetails.nodes };
  }
  return hashes;
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ hashes: await hashesOf(JSON.parse(line)) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
  }
}
