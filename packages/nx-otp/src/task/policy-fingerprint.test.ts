import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { appupsFingerprint, policyFile, policyFingerprint } from './policy-fingerprint';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp fingerprint ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('changes with the policy, its transforms and what they import, and with nothing else', async () => {
  const workspace = join(folder, 'one');
  const file = 'dummy/rel/upgrade.json';
  const fingerprint = (): Promise<string> => policyFingerprint(workspace, file);
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(join(workspace, name, '..'), { recursive: true });
    await writeFile(join(workspace, name), text);
  };
  const seen = [await fingerprint()];
  await write(file, '{"transforms":["../../tools/t.mjs"]}');
  seen.push(await fingerprint());
  await write('tools/t.mjs', `import './shared.mjs';`);
  seen.push(await fingerprint());
  await write('tools/shared.mjs', '1');
  seen.push(await fingerprint());
  await write('tools/shared.mjs', '2');
  seen.push(await fingerprint());
  expect(new Set(seen).size).toBe(seen.length);

  await write('tools/other.mjs', '');
  expect(await fingerprint()).toBe(seen.at(-1));
  await cp(workspace, join(folder, 'two'), { recursive: true });
  expect(await policyFingerprint(join(folder, 'two'), file)).toBe(seen.at(-1));
});

it('changes with the packages that a transform imports, by their versions and by the lock file', async () => {
  const workspace = join(folder, 'packages');
  const fingerprint = (): Promise<string> => policyFingerprint(workspace, 'rel/upgrade.json');
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(join(workspace, name, '..'), { recursive: true });
    await writeFile(join(workspace, name), text);
  };
  await write('rel/upgrade.json', '{"transforms":["t.mjs"]}');
  await write('rel/t.mjs', `import fs from 'node:fs';`);
  await write('package-lock.json', '{}');
  const without = await fingerprint();
  await write('package-lock.json', '{"changed":1}');
  expect(await fingerprint()).toBe(without);

  await write('rel/t.mjs', `import { x } from '@own/words/list';`);
  const seen = [await fingerprint()];
  await write('node_modules/@own/words/package.json', '{"version":"1"}');
  seen.push(await fingerprint());
  await write('node_modules/@own/words/package.json', '{"version":"2"}');
  seen.push(await fingerprint());
  await write('package-lock.json', '{"changed":2}');
  seen.push(await fingerprint());
  await rm(join(workspace, 'node_modules/@own/words'), { recursive: true });
  await write('libs/words/package.json', '{}');
  await symlink(join(workspace, 'libs/words'), join(workspace, 'node_modules/@own/words'));
  seen.push(await fingerprint());
  await write('libs/words/list.js', 'exports.x = 1;');
  seen.push(await fingerprint());
  expect(new Set([without, ...seen]).size).toBe(seen.length + 1);
});

it('is of the file that the target names, and else of the usual one', () => {
  expect(policyFile('dummy', undefined)).toBe('dummy/rel/upgrade.json');
  expect(policyFile('dummy', 'tools/policy.json')).toBe('tools/policy.json');
});

it('of a folder of reviewed appups changes with the appups in it, and with nothing else', async () => {
  const workspace = join(folder, 'reviewed');
  const fingerprint = (): Promise<string> => appupsFingerprint(workspace, 'tools/appups Ω');
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(join(workspace, 'tools/appups Ω', name, '..'), { recursive: true });
    await writeFile(join(workspace, 'tools/appups Ω', name), text);
  };
  const seen = [await fingerprint()];
  await write('dummy/1_to_2.appup', 'a');
  seen.push(await fingerprint());
  await write('dummy/1_to_2.appup', 'b');
  seen.push(await fingerprint());
  await write('dummy.appup', 'b');
  seen.push(await fingerprint());
  expect(new Set(seen).size).toBe(seen.length);
  await write('README.md', '');
  expect(await fingerprint()).toBe(seen.at(-1));
});
