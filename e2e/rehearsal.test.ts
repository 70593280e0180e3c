import { spawn } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rehearseUpgrade, type Rehearsal, type RehearsalProgress } from '@nx-otp/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  dummyWorkspace,
  editFile,
  filesIn,
  succeeding,
  type DummyWorkspace,
} from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
beforeAll(async () => {
  workspace = await dummyWorkspace('rehearsal');
});
afterAll(() => {
  workspace.remove();
});

const rehearse = (...more: string[]) =>
  workspace.nx(['run', 'dummy:rehearse-upgrade', '--previousRelease=prod', ...more]);
const probes = (): string => join(workspace.project, 'rel', 'probes.json');
const result = (): Rehearsal =>
  JSON.parse(
    readFileSync(join(workspace.project, 'dist', 'rehearsal', 'rehearsal.json'), 'utf8'),
  ) as Rehearsal;

test('the upgrade of the dummy passes, up and down, with calls all the while', async () => {
  const before = filesIn(workspace.production);
  const output = await succeeding(rehearse());
  expect(output).toContain('dummy 0.1 -> 0.2 -> 0.1, rehearsed on OTP');
  expect(output).toContain('The rehearsal passed: 10 steps');
  expect(filesIn(workspace.production)).toEqual(before);
  const { passed, steps, formatVersion } = result();
  expect({ passed, formatVersion }).toEqual({ passed: true, formatVersion: 1 });
  expect(steps.map(({ title }) => title)).toEqual([
    'boot 0.1',
    'unpack dummy_0.2',
    'check 0.2',
    'install 0.2',
    'make 0.2 permanent',
    'restart into 0.2',
    'install 0.1 again',
    'make 0.1 permanent',
    'restart into 0.1',
    'remove 0.2',
  ]);
  const installed = steps.flatMap(({ installation }) => installation ?? []);
  expect(
    installed.map(({ to, suspended }) => [to, suspended.map(({ process }) => process.registeredName)]),
  ).toEqual([
    ['0.2', ['dummy_server']],
    ['0.1', ['dummy_server']],
  ]);
  for (const { load } of installed) expect(load).toMatchObject({ clients: 4, failures: 0 });
});

test('the same rehearsal is not made again', async () => {
  expect(await succeeding(rehearse())).toMatch(/dummy:rehearse-upgrade .*\[local cache\]/);
});

test('a probe that fails does it by its name, and without calls meanwhile nothing was shown', async () => {
  editFile(probes(), '"expect": "H when is_list(H)"', '"expect": "[first]"');
  editFile(probes(), '"during"', '"downgraded"');
  const { status, output } = await rehearse('--base=0.1');
  expect(status).toBe(1);
  expect(output).toContain(
    'the probe "there is a history" (dummy_server:get_history()) failed: expected [first], found []',
  );
  expect(output).toContain('error no-probes: no probe calls the node while it is upgraded');
  expect(output).toContain('{"during":["sys:get_state(dummy_server, 5000)"]}');
  expect(output).toContain('the upgrade from 0.1 did not pass its rehearsal.');
});

test('several previous releases that are configured have a task each, to be cached by itself', async () => {
  const { folder, project } = workspace;
  await workspace.setVersion('0.1');
  editFile(join(project, 'rel/reltool.config'), '"0.1"', '"0.1.1"');
  editFile(join(project, 'apps/dummy/src/dummy.app.src'), '{vsn, "0.1"}', '{vsn, "0.1.1"}');
  editFile(join(project, 'apps/dummy/src/dummy_trace.erl'), 'is now', 'became');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  // A folder that keeps releases.
  cpSync(workspace.dist('release'), join(folder, 'later/dummy-0.1.1'), { recursive: true });
  await workspace.setVersion('0.2');
  const previousReleases = ['prod', 'later'];
  writeFileSync(join(folder, 'nx.json'), JSON.stringify({ plugins: ['nx-otp'] }));
  writeFileSync(
    join(project, 'project.json'),
    JSON.stringify({ targets: { 'previous-release': { options: { previousReleases } } } }),
  );
  const all = () => succeeding(workspace.nx(['run', 'dummy:rehearse-upgrade']));
  const output = await all();
  expect(output).toContain('nx run dummy:rehearse-upgrade--prod');
  expect(output).toContain('nx run dummy:rehearse-upgrade--later');
  expect(output).toContain(
    'dummy 0.1 -> 0.2: passed its rehearsal\ndummy 0.1.1 -> 0.2: passed its rehearsal',
  );
  const index = readFileSync(join(project, 'dist', 'rehearsal', 'rehearsals.json'), 'utf8');
  expect(JSON.parse(index)).toEqual({
    formatVersion: 1,
    passed: true,
    rehearsals: [
      { base: '0.1', passed: true, file: '0.1/rehearsal.json' },
      { base: '0.1.1', passed: true, file: '0.1.1/rehearsal.json' },
    ],
  });
  expect(await all()).toMatch(/dummy:rehearse-upgrade--later .*\[local cache\]/);
});

const upgradePackage = (): string => join(workspace.dist('upgrade'), 'dummy_0.2.tar.gz');

test('a step that does not end is a result, and says what an operator finds', async () => {
  const { passed, steps, aftermath } = await rehearseUpgrade({
    previousRelease: workspace.production,
    upgradePackage: upgradePackage(),
    stepTimeout: 1,
  });
  expect(passed).toBe(false);
  expect(steps.map(({ name, passed: made }) => [name, made])).toEqual([
    ['boot', true],
    ['unpack', false],
  ]);
  expect(steps[1]?.findings[0]).toMatchObject({ severity: 'error', code: 'timeout' });
  expect(aftermath?.restart).toMatchObject({ boots: true, version: '0.1' });
});

test('Ctrl-C ends the node and removes the scratch folder', async () => {
  const scratch = join(workspace.folder, 'scratch');
  const program = `
    const { rehearseUpgrade } = require('@nx-otp/core');
    const [previousRelease, upgradePackage, scratchPath] = process.argv.slice(1);
    const onProgress = (progress) => console.log(JSON.stringify(progress));
    rehearseUpgrade({ previousRelease, upgradePackage, scratchPath, onProgress });`;
  const child = spawn(process.execPath, ['-e', program, workspace.production, upgradePackage(), scratch], {
    cwd: workspace.folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let pid: number | undefined;
  for await (const line of createInterface(child.stdout)) {
    const progress = JSON.parse(line) as RehearsalProgress;
    if (progress.kind === 'node') pid = progress.pid;
    if (progress.kind === 'step' && progress.step === 'install') child.kill('SIGINT');
  }
  expect(pid).toBeGreaterThan(0);
  expect(readdirSync(scratch)).toEqual([]);
  await expect.poll(() => isRunning(pid ?? 0), { timeout: 10_000 }).toBe(false);
});

/** One that has ended and that nobody has asked for has no command line any more. */
function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
