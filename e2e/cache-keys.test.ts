import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { importReleases } from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nxEnvironment } from '../tools/scratch-workspace.mjs';
import {
  changes,
  noChanges,
  rehearsalChanges,
  sameBases,
  tasks,
  type Change,
  type TaskId,
} from './support/cache-changes.js';
import { cacheWorkspace, type CacheWorkspace } from './support/cache-workspace.js';
import { filesIn, succeeding } from './support/dummy-workspace.js';
import { Journal } from './support/journal.js';
import { taskHashes, type HashRequest, type TaskHashes } from './support/task-hashes.js';

let workspace: CacheWorkspace;
let hashes: TaskHashes;
let before: Record<string, string>;

beforeAll(async () => {
  workspace = await cacheWorkspace('keys');
  await succeeding(
    workspace.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${workspace.production}`]),
  );
  hashes = taskHashes(workspace.folder, nxEnvironment(workspace.folder));
  before = await hashesWith([], tasks);
});

afterAll(() => {
  hashes.end();
  workspace.remove();
});

test('what is compared here are the names of what nx has in its cache', () => {
  for (const task of tasks.filter((task) => task.startsWith('dummy:'))) {
    const folder = join(workspace.folder, '.nx', 'cache', before[task] ?? '');
    expect([task, existsSync(folder)]).toEqual([task, true]);
  }
});

test('no two changes have the same name, and each target has at least 15 that must miss and 15 that must hit', () => {
  const all = [...changes, ...noChanges];
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
  for (const task of tasks) {
    const looked = all.filter(
      (change) => change.misses.length === 0 || ofTheSameProjects(change).includes(task),
    );
    const misses = looked.filter((change) => change.misses.includes(task));
    expect([task, misses.length >= 15, looked.length - misses.length >= 15]).toEqual([task, true, true]);
  }
});

describe('what must run again after a change is', () => {
  test.each(changes.map((change) => [change.name, change] as const))('%s', async (_, change) => {
    const looked = ofTheSameProjects(change);
    const after = await hashesWith([change], looked);
    const missed = looked.filter((task) => after[task] !== before[task]);
    expect(missed).toEqual(tasks.filter((task) => change.misses.includes(task)));
  });
});

test('another base counts, too, where the command line says where the upgrade goes', async () => {
  const elsewhere = changes.filter(({ name }) => name === '--outputPath');
  const otherBase = changes.filter(({ name }) => name === 'a beam of the base');
  const upgrade = 'dummy:generate-upgrade';
  const looked = ofTheSameProjects({ name: '', misses: [upgrade] });
  const [first, again, other] = [
    await hashesWith(elsewhere, looked),
    await hashesWith(elsewhere, looked),
    await hashesWith([...elsewhere, ...otherBase], looked),
  ];
  expect(again[upgrade]).toBe(first[upgrade]);
  expect(other[upgrade]).not.toBe(first[upgrade]);
});

test('a rehearsal is made again after a change of what it rehearses, and of how', async () => {
  expect(rehearsalChanges.length).toBeGreaterThanOrEqual(15);
  const hashWith = async (made: readonly Omit<Change, 'misses'>[]): Promise<string | undefined> => {
    const rehearsal = 'dummy:rehearse-upgrade';
    return (await hashesWith(made, [rehearsal]))[rehearsal];
  };
  const unchanged = await hashWith([]);
  const kept: string[] = [];
  for (const change of rehearsalChanges) {
    if ((await hashWith([change])) === unchanged) kept.push(change.name);
  }
  expect(kept).toEqual([]);
  expect(await hashWith(noChanges)).toBe(unchanged);
});

test.each([
  ['dummy/apps/dummy/src/dummy_app.erl', ['dummy:compile', 'dummy:generate']],
  ['dummy/rel/files/vm.args', ['dummy:compile', 'dummy:generate']],
  ['shared/more/deeper.hrl', ['dummy:compile', 'dummy:generate', 'ralf:compile', 'ralf:generate']],
  ['libs/money/lib/money.ex', ['mixy:compile', 'mixy:generate', 'money:compile']],
  ['ralf/src/ralf_server.erl,ralf/README.md', ['ralf:compile', 'ralf:generate']],
  ['README.md,dummy/README.md,dummy/docs/usage.md,mixy/test/mixy_test.exs', []],
  ['dummy/rel/upgrade.json,tools/say.mjs', []],
])('nx affected selects, for the changed files %s, the tasks %j to build', async (changed, expected) => {
  expect(await affected([`--files=${changed}`])).toEqual(expected);
});

test('nx affected selects what two commits differ by', async () => {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
      cwd: workspace.folder,
      encoding: 'utf8',
    });
  const commit = (message: string): void => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
  };
  const journal = new Journal(workspace.folder);
  try {
    git('init', '--quiet');
    commit('everything');
    journal.append('mixy/README.md', 'more\n');
    commit('a document');
    journal.append('mixy/lib/mixy/server.ex', '# more\n');
    commit('a module');
    expect(await affected(['--base=HEAD~2', '--head=HEAD~1'])).toEqual([]);
    expect(await affected(['--base=HEAD~1', '--head=HEAD'])).toEqual(['mixy:compile', 'mixy:generate']);
  } finally {
    journal.undo();
    rmSync(join(workspace.folder, '.git'), { recursive: true, force: true });
  }
});

test('nothing runs again after all the changes that are none', async () => {
  const missedAfter = async (made: readonly Change[]): Promise<readonly string[]> => {
    const after = await hashesWith(made, tasks);
    return tasks.filter((task) => after[task] !== before[task]);
  };
  const missed = await missedAfter(noChanges);
  // Only to tell which.
  const guilty: string[] = [];
  for (const change of missed.length === 0 ? [] : noChanges) {
    if ((await missedAfter([change])).length > 0) guilty.push(change.name);
  }
  expect([missed, guilty]).toEqual([[], []]);

  // The same by nx itself, with what was made before it is started.
  const journal = new Journal(workspace.folder);
  try {
    for (const { make } of noChanges) await make?.({ workspace, journal });
    const command = ['run', 'dummy:generate-upgrade', `--previousRelease=${workspace.production}`];
    expect(await succeeding(workspace.nx(command))).toContain('for 5 out of 6 tasks');
  } finally {
    journal.undo();
  }
});

test.each(sameBases)('the base $name is the same', async ({ of }) => {
  const copy = join(workspace.project, 'dist', 'previous-release');
  const files = filesIn(copy);
  await importReleases({ previousReleases: [of(workspace)], outputPath: copy });
  expect(filesIn(copy)).toEqual(files);
});

test('what was made counts as made where git does not ignore it', async () => {
  const journal = new Journal(workspace.folder);
  const application = 'dummy/apps/dummy';
  const run = (): Promise<string> =>
    succeeding(workspace.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${workspace.production}`]));
  try {
    for (const made of ['dummy/dist', `${application}/ebin`]) journal.protect(made);
    for (const ignored of ['dist/\n', 'ebin/\n']) journal.replace('.gitignore', ignored, '');
    journal.write(`${application}/src/dummy.appup.src`, '{"{{vsn}}", [], []}.\n');
    await run();
    expect(await run()).toContain('for 5 out of 6 tasks');
  } finally {
    journal.undo();
  }
});

/** Sorted; with the tasks that those that are selected need. */
async function affected(how: readonly string[]): Promise<string[]> {
  const command = ['affected', '-t', 'compile', 'generate', ...how, '--graph=stdout'];
  const output = await succeeding(workspace.nx(command));
  const { tasks: graph } = JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)) as {
    tasks: { tasks: Record<string, unknown> };
  };
  return Object.keys(graph.tasks).sort();
}

/** What is looked at after a change: a project that is left alone costs time and tells nothing. */
function ofTheSameProjects({ misses }: Change): readonly TaskId[] {
  const projects = new Set(misses.map(projectOf));
  return tasks.filter((task) => projects.has(projectOf(task)));
}

function projectOf(task: TaskId): string {
  return task.split(':')[0] ?? task;
}

async function hashesWith(
  made: readonly Omit<Change, 'misses'>[],
  looked: readonly string[],
): Promise<Record<string, string>> {
  const journal = new Journal(workspace.folder);
  const place = { workspace, journal };
  try {
    for (const { make } of made) await make?.(place);
    const all: HashRequest = { tasks: looked, options: { previousRelease: 'anywhere' }, env: {} };
    return await hashes.of(
      made.reduce(
        (request, { options, env }) => ({
          ...request,
          options: { ...request.options, ...options },
          env: { ...request.env, ...env?.(place) },
        }),
        all,
      ),
    );
  } finally {
    journal.undo();
  }
}
