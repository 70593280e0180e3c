import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeScratchFolder } from './scratch-folder';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'nx-otp scratch ü-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

function folderOf(name: string, owner: string | undefined): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  if (owner !== undefined) writeFileSync(join(folder, 'owner'), owner);
  return name;
}

test('folders whose process was killed are removed, and no others', async () => {
  const { pid: ended } = spawnSync(process.execPath, ['-e', '']);
  folderOf('nx-otp-rehearsal-0000-dead', `${ended} ${hostname()}\n`);
  const others = [
    folderOf('nx-otp-rehearsal-0000-lives', `${process.pid} ${hostname()}\n`),
    folderOf('nx-otp-rehearsal-0000-elsewhere', `${ended} another-machine\n`),
    folderOf('nx-otp-rehearsal-0000-kept', undefined),
    folderOf('nx-otp-rehearsal-0000-strange', 'no process'),
    folderOf('of somebody else', `${ended} ${hostname()}\n`),
  ];
  const made = await makeScratchFolder(parent, false);
  expect(readdirSync(parent).map((name) => join(parent, name))).toEqual(
    [...others.map((name) => join(parent, name)), made].sort(),
  );
});

test('one that is kept is nobody’s', async () => {
  const made = await makeScratchFolder(parent, true);
  expect(existsSync(made)).toBe(true);
  expect(readdirSync(made)).toEqual([]);
});

test('a place that cannot be written to is said', async () => {
  const file = join(parent, 'file');
  writeFileSync(file, '');
  await expect(makeScratchFolder(join(file, 'below'), false)).rejects.toMatchObject({
    code: 'scratch-unwritable',
    file: join(file, 'below'),
  });
});
