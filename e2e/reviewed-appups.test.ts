import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dummyWorkspace, editFile, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
let reviewed: string;
let relup: string;

const upgrade = (): Promise<string> =>
  succeeding(workspace.nx(['run', 'dummy:generate-upgrade', '--previousRelease=prod']));
const relupNow = (): string => readFileSync(join(workspace.dist('upgrade'), 'relup'), 'utf8');

beforeAll(async () => {
  workspace = await dummyWorkspace('reviewed');
  reviewed = join(workspace.project, 'rel/appups/dummy/0.1_to_0.2.appup');
});

afterAll(() => {
  workspace.remove();
});

test('nothing is written before something was planned', async () => {
  const { status, output } = await workspace.nx(['g', 'nx-otp:appup', '--project=dummy', '--no-interactive']);
  expect(status).toBe(1);
  expect(output).toContain(
    'dummy/dist/appups/appups.json: there is no such file, so no appups were planned. To plan appups: nx run dummy:generate-appups --previousRelease=PATH',
  );
});

test('a dry run says what would be written, and writes nothing', async () => {
  expect(await upgrade()).toContain('{add_module, dummy_history}');
  relup = relupNow();
  const output = await succeeding(workspace.nx(['g', 'nx-otp:appup', 'dummy', '--dry-run']));
  expect(output).toContain('CREATE dummy/rel/appups/dummy/0.1_to_0.2.appup');
  expect(existsSync(reviewed)).toBe(false);
});

test('what is written is used, and makes the same relup', async () => {
  const output = await succeeding(workspace.nx(['g', 'nx-otp:appup', '--project=dummy']));
  expect(output).toContain('CREATE dummy/rel/appups/dummy/0.1_to_0.2.appup');
  const consulted = execFileSync(
    'erl',
    [
      '-noinput',
      '-eval',
      '{ok, [{V, [_], [_]}]} = file:consult(os:getenv("APPUP")), io:put_chars(V), halt().',
    ],
    { env: { ...process.env, APPUP: reviewed }, encoding: 'utf8' },
  );
  expect(consulted).toBe('0.2');
  const made = await upgrade();
  expect(made).toContain('up from 0.1 (as written in dummy/rel/appups/dummy/0.1_to_0.2.appup)');
  expect(made).toContain('down to 0.1 (as written in dummy/rel/appups/dummy/0.1_to_0.2.appup)');
  expect(relupNow()).toBe(relup);
});

test('a file that says something else is replaced only with --force', async () => {
  editFile(
    reviewed,
    '{add_module, dummy_history}',
    '{apply, {dummy_server, get_state, []}},\n    {add_module, dummy_history}',
  );
  const mine = readFileSync(reviewed, 'utf8');
  expect(await upgrade()).toContain('{apply, {dummy_server, get_state, []}}');
  expect(relupNow()).not.toBe(relup);
  expect(await succeeding(workspace.nx(['g', 'nx-otp:appup', 'dummy']))).toContain(
    'every section is written by hand already, so there is nothing to write.',
  );
  // The plan is one without the file when it was planned elsewhere, or before the file was written.
  rmSync(reviewed);
  await upgrade();
  writeFileSync(reviewed, mine);
  const { status, output } = await workspace.nx(['g', 'nx-otp:appup', 'dummy']);
  expect(status).toBe(1);
  expect(output).toContain(
    'dummy/rel/appups/dummy/0.1_to_0.2.appup: it says something else than what was planned.',
  );
  expect(readFileSync(reviewed, 'utf8')).toBe(mine);
  expect(await succeeding(workspace.nx(['g', 'nx-otp:appup', 'dummy', '--force']))).toContain(
    'UPDATE dummy/rel/appups/dummy/0.1_to_0.2.appup',
  );
  await upgrade();
  expect(relupNow()).toBe(relup);
});
