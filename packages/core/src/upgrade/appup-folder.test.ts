import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { readAppupFolder } from './appup-folder';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp appups ü-'));
  await writeFile(join(folder, 'a.appup'), '{"2", [{"1", []}], [{"1", []}]}.\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  [[{ name: 'a', file: '../a.appup' }]],
  [[{ name: '../a', file: '../a.appup' }]],
  [[{ name: 'b', file: 'a.appup' }]],
  [
    [
      { name: 'a', file: 'a.appup' },
      { name: 'a', file: 'a.appup' },
    ],
  ],
])('an index with %j is refused', async (applications) => {
  const release = { name: 'a', version: '2', contentHash: '0' };
  await writeFile(
    join(folder, 'appups.json'),
    JSON.stringify({ release, previousReleases: [], allow: [], applications }),
  );
  expect((await refusal(readAppupFolder(folder, release, []))).code).toBe('appups-missing');
});
