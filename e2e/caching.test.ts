import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { replaceDummyApp } from './support/beams.js';
import {
  dummyWorkspace,
  editFile,
  filesIn,
  succeeding,
  type DummyWorkspace,
} from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
let madeFiles: Record<string, unknown>;

beforeAll(async () => {
  workspace = await dummyWorkspace('caching');
  expect(await targetsThatRan('prod')).toEqual([
    'compile',
    'generate',
    'generate-appups',
    'generate-upgrade',
  ]);
  madeFiles = allFiles();
});

afterAll(() => {
  workspace.remove();
});

beforeEach(async () => {
  await workspace.setVersion('0.2');
});

test('a second run takes everything from the cache', async () => {
  expect(await targetsThatRan('prod')).toEqual([]);
  expect(allFiles()).toEqual(madeFiles);
});

test('outputs that were deleted come back from the cache byte for byte', async () => {
  for (const folder of outputs()) rmSync(folder, { recursive: true });
  expect(await targetsThatRan('prod')).toEqual([]);
  expect(allFiles()).toEqual(madeFiles);
});

test('outputs that were changed by hand come back from the cache', async () => {
  appendFileSync(join(workspace.dist('appups'), 'dummy.appup'), '%% changed');
  rmSync(join(workspace.dist('release'), 'lib', 'dummy-0.2', 'ebin', 'dummy_server.beam'));
  expect(await targetsThatRan('prod')).toEqual([]);
  expect(allFiles()).toEqual(madeFiles);
});

test('a run that puts the upgrade elsewhere leaves nothing wrong in the cache', async () => {
  const elsewhere = '--outputPath=dummy/dist/elsewhere';
  await targetsThatRan('prod', elsewhere);
  rmSync(workspace.dist('appups'), { recursive: true });
  expect(await targetsThatRan('prod')).toEqual([]);
  expect(allFiles()).toEqual(madeFiles);
});

test('a changed line of code runs every target', async () => {
  edit('apps/dummy/src/dummy_history.erl', '-define(LENGTH, 10).', '-define(LENGTH, 11).');
  expect(await targetsThatRan('prod')).toEqual([
    'compile',
    'generate',
    'generate-appups',
    'generate-upgrade',
  ]);
});

test('a comment that changes no beam runs the compiler alone', async () => {
  edit('apps/dummy/src/dummy_history.erl', '%% The newest first.', '%% Newest first.');
  expect(await targetsThatRan('prod')).toEqual(['compile']);
});

test('one other beam in the previous release runs what is made of the previous release', async () => {
  const other = join(workspace.folder, 'other beam');
  cpSync(workspace.production, other, { recursive: true });
  replaceDummyApp(join(other, 'lib', 'dummy-0.1', 'ebin'));
  expect(await targetsThatRan('other beam')).toEqual(['generate-appups', 'generate-upgrade']);
});

test('the same previous release in another folder is a hit', async () => {
  const elsewhere = join(workspace.folder, 'elsewhere', 'für später');
  cpSync(workspace.production, elsewhere, { recursive: true });
  expect(await targetsThatRan(elsewhere)).toEqual([]);
  expect(allFiles()).toEqual(madeFiles);
});

test('a policy, its transforms and what they import run what is made of them', async () => {
  const write = (name: string, text: string): void => writeFileSync(join(workspace.folder, name), text);
  const upgrade = ['generate-appups', 'generate-upgrade'];
  writeFileSync(
    join(workspace.project, 'rel', 'upgrade.json'),
    JSON.stringify({
      transforms: [relative(join(workspace.project, 'rel'), join(workspace.folder, 'say.mjs'))],
    }),
  );
  write('said.mjs', `export const said = 'one';`);
  write(
    'say.mjs',
    `import { said } from './said.mjs';
     export default ({ instructions }) => ['{apply,{erlang,atom_to_list,[' + said + ']}}', ...instructions];`,
  );
  expect(await targetsThatRan('prod')).toEqual(upgrade);
  expect(await targetsThatRan('prod')).toEqual([]);
  write('said.mjs', `export const said = 'two';`);
  expect(await targetsThatRan('prod')).toEqual(upgrade);
  expect(readFileSync(join(workspace.dist('appups'), 'dummy.appup'), 'utf8')).toContain('[two]');
  rmSync(join(workspace.project, 'rel', 'upgrade.json'));
  expect(await targetsThatRan('prod')).toEqual([]);
});

test('a policy and reviewed appups that the command line names reach generate-appups, and count with their content', async () => {
  const upgrade = ['generate-appups', 'generate-upgrade'];
  const appup = (): string => readFileSync(join(workspace.dist('appups'), 'dummy.appup'), 'utf8');
  const policy = (said: string): string =>
    JSON.stringify({
      applications: { dummy: { before: { up: [`{apply,{erlang,atom_to_list,[${said}]}}`] } } },
    });
  const file = join(workspace.folder, 'policy für alle.json');
  writeFileSync(file, policy('one'));
  expect(await targetsThatRan('prod', '--policyPath=policy für alle.json')).toEqual(upgrade);
  expect(appup()).toContain('[one]');
  writeFileSync(file, policy('two'));
  expect(await targetsThatRan('prod', '--policyPath=policy für alle.json')).toEqual(upgrade);
  expect(appup()).toContain('[two]');

  const reviewed = join(workspace.folder, 'reviewed', 'dummy', '0.1_to_0.2.appup');
  mkdirSync(dirname(reviewed), { recursive: true });
  const restart = '[{"0.1", [{restart_application, dummy}]}]';
  writeFileSync(reviewed, `{"0.2", ${restart}, ${restart}}.`);
  expect(await targetsThatRan('prod', '--appupsPath=reviewed')).toEqual(upgrade);
  expect(appup()).toContain('{restart_application, dummy}');
  writeFileSync(reviewed, `{"0.2", ${restart}, []}.`);
  expect(await targetsThatRan('prod', '--appupsPath=reviewed')).toEqual(upgrade);
  expect(appup()).toContain('{update, dummy_server');

  const { status, output } = await workspace.nx([
    'run',
    'dummy:generate-appups',
    '--previousRelease=prod',
    '--full',
  ]);
  expect(status).toBe(1);
  expect(output).toContain('full is an option of generate-upgrade, and does nothing for generate-appups.');
  expect(await targetsThatRan('prod')).toEqual([]);
});

/** Of the targets that are cached, those that Nx did not take from the cache, in the order of the chain. */
async function targetsThatRan(previousRelease: string, ...options: readonly string[]): Promise<string[]> {
  const output = await succeeding(
    workspace.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${previousRelease}`, ...options]),
  );
  return ['compile', 'generate', 'generate-appups', 'generate-upgrade'].filter((target) => {
    const line = new RegExp(`^> nx run dummy:${target}(?: .*)?$`, 'm').exec(output)?.[0];
    if (line === undefined) throw new Error(`nx did not name ${target}:\n${output}`);
    return !/\[(?:local cache|existing outputs match the cache.*)\]$/.test(line);
  });
}

function outputs(): string[] {
  const folders = (['release', 'appups', 'upgrade'] as const).map(workspace.dist);
  return [...folders, join(workspace.project, 'apps', 'dummy', 'ebin')];
}

function allFiles(): Record<string, unknown> {
  return Object.fromEntries(outputs().map((folder) => [folder, filesIn(folder)]));
}

function edit(file: string, before: string, after: string): void {
  editFile(join(workspace.project, file), before, after);
}
