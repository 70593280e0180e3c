import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildRelease, type ApplicationFields } from '../../test/releases/build-release';
import type { RelupOptions } from '../relup';
import { generateUpgrade } from './generate-upgrade';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp relup-'));
  // In the order of the .rel, q comes before p, which it needs.
  const p: ApplicationFields = { name: 'p', version: '1' };
  const q: ApplicationFields = { name: 'q', version: '1', needs: ['p'] };
  await buildRelease(join(folder, '0.1'), { version: '0.1', applications: [] });
  await buildRelease(join(folder, '0.2'), { version: '0.2', applications: [q, p] });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function upRelup(relup?: RelupOptions): Promise<string[]> {
  const outputPath = join(folder, 'upgrade');
  const release = join(folder, '0.2');
  await generateUpgrade({ previousReleases: [join(folder, '0.1')], release, outputPath, relup });
  const [up = ''] = (await readFile(join(outputPath, 'relup'), 'utf8')).split('[{"0.1", [],').slice(1);
  return up.match(/application, start, \[\w+|restart_emulator/g) ?? [];
}

it('an application that is new starts after those that it needs', async () => {
  expect(await upRelup()).toEqual(['application, start, [p', 'application, start, [q']);
});

it("OTP's order, that of the .rel, can be had", async () => {
  expect(await upRelup({ order: 'otp' })).toEqual(['application, start, [q', 'application, start, [p']);
});

it('the emulator restarts at the end where that is asked for', async () => {
  expect((await upRelup({ restartEmulator: true })).at(-1)).toBe('restart_emulator');
});
