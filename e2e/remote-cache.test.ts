import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeScratchWorkspace, type ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { startCacheServer, type CacheServer } from './support/cache-server.js';
import { toolchainAt } from './support/cache-workspace.js';
import { filesIn, succeeding, tarballOf } from './support/dummy-workspace.js';
import { mixSources, relxSources, writeFiles } from './support/other-layouts.js';

// Two machines that share nothing but the server: their workspaces lie in different folders, with caches of their own.
// On the second no Erlang runs: what looks like one says its version and, when it is started, leaves a mark.

const outputs = [
  'dummy/apps/dummy/ebin',
  'dummy/dist/release',
  'dummy/dist/appups',
  'dummy/dist/upgrade',
  'mixy/dist/release',
  'ralf/dist/release',
];

let server: CacheServer;
let builder: ScratchWorkspace;
let taker: ScratchWorkspace;
let built: Record<string, unknown>;
let base: string;
let mark: string;
let pathOfTaker: string;

beforeAll(async () => {
  server = await startCacheServer();
  builder = await makeScratchWorkspace('builder');
  await builder.setVersion('0.1');
  await succeeding(builder.nx(['run', 'dummy:generate'], { env: server.env }));
  cpSync(join(builder.project, 'dist/release'), join(builder.folder, 'prod'), { recursive: true });
  await builder.setVersion('0.2');
  otherProjects(builder.folder);

  taker = await makeScratchWorkspace('taker');
  for (const path of ['dummy', 'mixy', 'ralf', 'nx.json']) {
    cpSync(join(builder.folder, path), join(taker.folder, path), {
      recursive: true,
      filter: (file) => !/\/(?:dist|ebin)$/.test(file),
    });
  }
  base = tarballOf(join(builder.folder, 'prod'), join(taker.folder, 'dummy_0.1.tar.gz'));
  mark = join(taker.folder, 'an Erlang was started');
  pathOfTaker = `${idleToolchain(join(taker.folder, '.tools'))}:${process.env['PATH'] ?? ''}`;

  await succeeding(run(builder, 'prod'));
  await succeeding(runOthers(builder));
  built = outputsOf(builder);
});

afterAll(async () => {
  await server.stop();
  builder.remove();
  taker.remove();
});

test('a second machine gets everything from the remote cache, byte for byte, and builds nothing', async () => {
  server.answers();
  const upgraded = await succeeding(run(taker, base, { PATH: pathOfTaker }));
  const released = await succeeding(runOthers(taker, { PATH: pathOfTaker }));
  expect(misses(upgraded)).toEqual(['previous-release']);
  expect(misses(released)).toEqual([]);
  expect(server.answers()).toEqual({ 'GET 200': 8 });
  expect(outputsOf(taker)).toEqual(built);
  expect(existsSync(mark)).toBe(false);
});

test('no output holds a link that leads out of it, for which nx would not take it from a remote cache', () => {
  for (const output of outputs) {
    const folder = join(builder.folder, output);
    const leaving = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
      const file = join(folder, name);
      if (!lstatSync(file).isSymbolicLink()) return false;
      return relative(folder, resolve(dirname(file), readlinkSync(file))).startsWith('..');
    });
    expect([output, leaving]).toEqual([output, []]);
  }
});

test('what the second machine changes is built there, and the rest is taken', async () => {
  rmSync(join(taker.folder, '.nx'), { recursive: true });
  for (const output of outputs) rmSync(join(taker.folder, output), { recursive: true, force: true });
  const policy = join(taker.project, 'rel', 'upgrade.json');
  writeFileSync(policy, '{ "strategy": { "dummy": "restart" } }');
  const output = await taker.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${base}`], {
    env: { ...server.env, PATH: pathOfTaker },
  });
  rmSync(policy);
  expect(misses(output.output)).toContain('generate-appups');
  expect(misses(output.output)).not.toContain('compile');
  expect(misses(output.output)).not.toContain('generate');
});

test.each([
  ['that is not there', { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:1' }],
  ['that does not know the token', { NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'another' }],
])('nx itself ends a run with a server %s, and goes on without it when it is told to', async (_, env) => {
  rmSync(join(taker.folder, '.nx'), { recursive: true, force: true });
  const command = ['run', 'mixy:compile'];
  expect((await taker.nx(command, { env: { ...server.env, ...env } })).status).toBe(1);
  await succeeding(taker.nx(command, { env: { ...server.env, ...env, NX_SKIP_REMOTE_CACHE: 'true' } }));
});

function run(machine: ScratchWorkspace, previousRelease: string, env: Record<string, string> = {}) {
  return machine.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${previousRelease}`], {
    env: { ...server.env, ...env },
  });
}

function runOthers(machine: ScratchWorkspace, env: Record<string, string> = {}) {
  return machine.nx(['run-many', '-t', 'compile', 'generate', '-p', 'mixy', 'ralf'], {
    env: { ...server.env, ...env },
  });
}

/** The targets that nx did not take from a cache. */
function misses(output: string): string[] {
  return [...output.matchAll(/^> nx run (?:dummy|mixy|ralf):([\w-]+)(.*)$/gm)]
    .filter(
      ([, , note = '']) => !/\[(?:local cache|remote cache|existing outputs match the cache.*)\]$/.test(note),
    )
    .map(([, target = '']) => target);
}

function outputsOf({ folder }: ScratchWorkspace): Record<string, unknown> {
  return Object.fromEntries(outputs.map((output) => [output, filesIn(join(folder, output))]));
}

function otherProjects(folder: string): void {
  writeFileSync(
    join(folder, 'nx.json'),
    JSON.stringify({ plugins: ['nx-otp'], neverConnectToCloud: true, analytics: false }),
  );
  writeFiles(join(folder, 'mixy'), mixSources('0.1.0', 'n', ', releases: [mixy: []]'));
  writeFiles(join(folder, 'ralf'), relxSources('0.1', 'N', 'ralf'));
}

/** Programs that say their version as the real ones do, and leave a mark when they are started. */
function idleToolchain(folder: string): string {
  mkdirSync(folder);
  const bin = toolchainAt(folder);
  for (const program of ['otp/bin/erl', 'elixir/bin/mix']) {
    writeFileSync(join(folder, program), `#!/bin/sh\necho "$0" >> '${mark}'\nexit 1\n`);
    chmodSync(join(folder, program), 0o755);
  }
  return bin;
}
