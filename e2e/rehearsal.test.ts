import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rehearsal } from '@nx-otp/core';
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

test('a probe that fails fails the rehearsal, by its name', async () => {
  editFile(probes(), '"expect": "H when is_list(H)"', '"expect": "[first]"');
  const { status, output } = await rehearse();
  expect(status).toBe(1);
  expect(output).toContain(
    'the probe "there is a history" (dummy_server:get_history()) failed: expected [first], found []',
  );
  expect(output).toContain('the upgrade from 0.1 did not pass its rehearsal.');
});

test('without probes nothing was shown, and the message says how to begin', async () => {
  rmSync(probes());
  const { status, output } = await rehearse();
  expect(status).toBe(1);
  expect(output).toContain('error no-probes: no probes were given');
  expect(output).toContain('{"during":["sys:get_state(dummy_server, 5000)"]}');
  writeFileSync(probes(), '{"durring": []}');
  expect((await rehearse()).output).toContain('Did you mean during?');
});
