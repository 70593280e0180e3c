import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, lutimesSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeScratchWorkspace, type ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { filesIn } from './support/dummy-workspace.js';

interface Machine {
  readonly folder: string;
  readonly umask: string;
  readonly modified: Date;
  readonly env: Record<string, string>;
}

let workspace: ScratchWorkspace | undefined;

afterAll(() => {
  workspace?.remove();
});

test('two builds of the same sources on machines that differ in all else give the same bytes', async () => {
  workspace = await makeScratchWorkspace('reproducible');
  const machines: Machine[] = [
    {
      folder: join(workspace.folder, 'a'),
      umask: '022',
      modified: new Date('2001-02-03T04:05:06Z'),
      env: { TZ: 'UTC', LANG: 'C', LC_ALL: 'C', UV_THREADPOOL_SIZE: '1' },
    },
    {
      folder: join(workspace.folder, 'anderswo', 'tief darunter', 'Größe'),
      umask: '077',
      modified: new Date(),
      env: { TZ: 'Asia/Tokyo', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', UV_THREADPOOL_SIZE: '8' },
    },
  ];
  for (const version of ['0.1', '0.2'] as const) {
    await workspace.setVersion(version);
    for (const machine of machines) takeSources(workspace.project, join(machine.folder, version), machine);
  }
  const [first, second] = await Promise.all(machines.map(build));
  expect(Object.keys(first ?? {})).toEqual([
    'appups',
    'appups/appups.json',
    'appups/dummy.appup',
    'delta',
    'delta/dummy_0.2.json',
    'delta/dummy_0.2.tar.gz',
    'delta/relup',
    'full',
    'full/dummy_0.2.json',
    'full/dummy_0.2.tar.gz',
    'full/relup',
  ]);
  expect(contents(second)).toEqual(contents(first));
});

function takeSources(project: string, folder: string, { modified }: Machine): void {
  mkdirSync(folder, { recursive: true });
  cpSync(project, folder, { recursive: true });
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lutimesSync(join(folder, entry), modified, modified);
  }
}

/** Compiles and generates both releases, and makes the appups, a delta package and a full one. */
async function build(machine: Machine): Promise<Record<string, string> | undefined> {
  const releases = { '0.1': join(machine.folder, 'prod'), '0.2': join(machine.folder, 'next') };
  for (const version of ['0.1', '0.2'] as const) {
    const projectRoot = join(machine.folder, version);
    await runStep(machine, 'compileApplications', { projectRoot });
    await runStep(machine, 'generateRelease', { projectRoot, outputPath: releases[version] });
  }
  const options = { previousReleases: [releases['0.1']], release: releases['0.2'] };
  const made = join(machine.folder, 'made');
  if (existsSync(made)) rmSync(made, { recursive: true });
  const appups = join(made, 'appups');
  await runStep(machine, 'generateAppups', { ...options, outputPath: appups });
  await runStep(machine, 'generateUpgrade', { ...options, appups, outputPath: join(made, 'delta') });
  await runStep(machine, 'generateUpgrade', {
    ...options,
    appups,
    full: true,
    outputPath: join(made, 'full'),
  });
  return filesIn(made);
}

async function runStep({ umask, env }: Machine, name: string, options: object): Promise<void> {
  const step = spawn(
    '/bin/sh',
    [
      '-c',
      'umask "$1"; shift; exec "$@"',
      'sh',
      umask,
      process.execPath,
      join(__dirname, 'support', 'run-step.mjs'),
      name,
      JSON.stringify(options),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } },
  );
  const [status] = (await once(step, 'exit')) as [number | null];
  expect(status, name).toBe(0);
}

/** Without the permissions of the files themselves, which follow the umask. */
function contents(files: Record<string, string> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files ?? {}).map(([path, file]) => [path, file.slice(file.indexOf(' ') + 1)]),
  );
}
