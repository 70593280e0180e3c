import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveLinks } from './resolve-links';

let work: string;
let root: string;
beforeEach(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'links für ')));
  root = join(work, 'release');
  await mkdir(join(root, 'lib'), { recursive: true });
  await mkdir(join(work, 'source/deep'), { recursive: true });
  await writeFile(join(work, 'source/deep/file'), 'x');
});
afterEach(() => rm(work, { recursive: true, force: true }));

it('puts copies in the place of links to files and folders, and of links in those', async () => {
  await symlink('deep/file', join(work, 'source/again'));
  await symlink('../../source', join(root, 'lib/folder'));
  await symlink(join(work, 'source/deep/file'), join(root, 'lib/file'));
  await resolveLinks(root);
  await rm(join(work, 'source'), { recursive: true });
  for (const file of ['lib/file', 'lib/folder/again', 'lib/folder/deep/file']) {
    expect(await readFile(join(root, file), 'utf8')).toBe('x');
  }
  expect((await readdir(join(root, 'lib'))).sort()).toEqual(['file', 'folder']);
});

it('names a link that leads nowhere, also behind another one', async () => {
  await symlink('../gone', join(work, 'source/dead'));
  await symlink('../../source', join(root, 'lib/folder'));
  await expect(resolveLinks(root)).rejects.toThrow('leads to ../gone, which is not there.');
});

it.each([
  ['itself', 'lib/loop', '.'],
  ['the root', 'lib/loop', '..'],
])('names a link to a folder around %s', async (_, link, target) => {
  await symlink(target, join(root, link));
  await expect(resolveLinks(root)).rejects.toThrow(
    'the link lib/loop in the release leads to a folder that it lies in.',
  );
});

it('names a link behind a link that goes round in circles', async () => {
  await symlink('..', join(work, 'source/deep/up'));
  await symlink('../../source', join(root, 'lib/folder'));
  await expect(resolveLinks(root)).rejects.toThrow('leads to a folder that it lies in.');
});
