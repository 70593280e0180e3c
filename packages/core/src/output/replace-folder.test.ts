import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderBeside, removeLeftovers, replaceFolder } from './replace-folder';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp-replace-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('replacing a folder', () => {
  it('puts the new one in the place of the old one and leaves nothing else', async () => {
    const path = join(folder, 'ebin');
    await mkdir(path);
    await writeFile(join(path, 'old'), '');
    const made = await folderBeside(path);
    await writeFile(join(made, 'new'), 'x');
    await replaceFolder(made, path);
    expect(await readdir(folder)).toEqual(['ebin']);
    expect(await readdir(path)).toEqual(['new']);
  });

  it('keeps the old one when the new one cannot be moved', async () => {
    const path = join(folder, 'ebin');
    await mkdir(path);
    await writeFile(join(path, 'old'), 'x');
    await expect(replaceFolder(join(folder, 'missing'), path)).rejects.toThrow('ENOENT');
    expect(await readFile(join(path, 'old'), 'utf8')).toBe('x');
    expect(await readdir(folder)).toEqual(['ebin']);
  });

  it('removes what dead runs left, and nothing of a run that is alive or of anyone else', async () => {
    const dead = spawnSync('true').pid;
    for (const name of [
      `.ebin-new-${dead}-0123abcd`,
      `.ebin-old-${dead}-0123abcd`,
      `.ebin-new-${process.pid}-0123abcd`,
      `.other-new-${dead}-0123abcd`,
      '.ebin-new-of-mine',
    ]) {
      await mkdir(join(folder, name));
    }
    await removeLeftovers(join(folder, 'ebin'));
    expect(new Set(await readdir(folder))).toEqual(
      new Set(['.ebin-new-of-mine', `.ebin-new-${process.pid}-0123abcd`, `.other-new-${dead}-0123abcd`]),
    );
  });
});
