import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { contextOf } from '../../../test/context';
import verify from './executor';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-otp verify ü-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true });
});

async function said(): Promise<string> {
  const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const context = contextOf({ root, target: 'verify-upgrade', projects: { dummy: {} } });
  expect(await verify({ previousRelease: 'prod' }, context)).toEqual({ success: false });
  return error.mock.calls.flat().join('\n').replace(root, 'ROOT');
}

it('without a package it says how to make one, and of several it asks which', async () => {
  const upgrade = join(root, 'dummy', 'dist', 'upgrade');
  const what = 'Run nx run dummy:generate-upgrade first, or pass --upgradePackage=PATH.';
  expect(await said()).toBe(
    `ROOT/dummy/dist/upgrade: expected one upgrade package, NAME_VSN.tar.gz; found none. ${what}`,
  );
  await mkdir(upgrade, { recursive: true });
  for (const name of ['b.tar.gz', 'a.tar.gz', 'a.json', 'relup']) await writeFile(join(upgrade, name), '');
  vi.restoreAllMocks();
  expect(await said()).toBe(
    `ROOT/dummy/dist/upgrade: expected one upgrade package, NAME_VSN.tar.gz; found a.tar.gz, b.tar.gz. ${what}`,
  );
});
