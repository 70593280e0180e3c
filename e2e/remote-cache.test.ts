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
import { editFile, filesIn, succeeding, tarballOf } from './support/dummy-workspace.js';
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

const configuredBases = {
  'previous-release': {
    options: { previousReleases: ['bases/dummy_0.1.tar.gz', 'bases/dummy_0.1.1.tar.gz'] },
  },
};

let server: CacheServer;
let builder: ScratchWorkspace;
let taker: ScratchWorkspace;
let built: Record<string, unknown>;
/** Tarballs of previous releases, by version. */
let bases: Record<string, string>;
/** The first, at another place. */
let base: string;
let mark: string;
let pathOfTaker: string;

beforeAll(async () => {
  server = await startCacheServer();
  builder = await makeScratchWorkspace('builder');
  await builder.setVersion('0.1');
  bases = { '0.1': await releaseOf('0.1') };
  cpSync(join(builder.project, 'dist/release'), join(builder.folder, 'prod'), { recursive: true });
  editFile(join(builder.project, 'rel/reltool.config'), '"0.1"', '"0.1.1"');
  editFile(join(builder.project, 'apps/dummy/src/dummy.app.src'), '{vsn, "0.1"}', '{vsn, "0.1.1"}');
  bases = { ...bases, '0.1.1': await releaseOf('0.1.1') };
  await builder.setVersion('0.2');
  otherProjects(builder.folder);

  taker = await makeScratchWorkspace('taker');
  for (const path of ['dummy', 'mixy', 'ralf', 'nx.json']) {
    cpSync(join(builder.folder, path), join(taker.folder, path), {
      recursive: true,
      filter: (file) => !/\/(?:dist|ebin)$/.test(file),
    });
  }
  base = join(taker.folder, 'für später.tar.gz');
  cpSync(bases['0.1'] ?? '', base);
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
  expect(server.answers()).toEqual({ 'GET 200': 9 });
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

test('what is changed on the second machine is made there, and the rest is taken', async () => {
  startAnew(taker);
  const policy = join(taker.project, 'rel', 'upgrade.json');
  writeFileSync(policy, '{ "applications": { "dummy": { "strategy": "restart" } } }');
  const output = await succeeding(run(taker, base, { PATH: pathOfTaker }));
  rmSync(policy);
  expect(misses(output)).toEqual(['previous-release', 'generate-appups', 'generate-upgrade']);
});

test('a rehearsal that one machine has made is not made on another, and each takes the release from the cache', async () => {
  for (const { folder, project } of [builder, taker]) {
    writeFileSync(join(project, 'project.json'), JSON.stringify({ name: 'dummy', targets: configuredBases }));
    mkdirSync(join(folder, 'bases'));
    for (const [version, release] of Object.entries(bases)) {
      cpSync(release, join(folder, 'bases', `dummy_${version}.tar.gz`));
    }
  }
  startAnew(taker);
  const rehearse = async (machine: ScratchWorkspace, of: string): Promise<string[]> =>
    misses(await succeeding(machine.nx(['run', `dummy:${of}`], { env: server.env })));
  await succeeding(builder.nx(['run', 'dummy:generate-upgrade'], { env: server.env }));
  const [first, second] = ['rehearse-upgrade--dummy_0.1', 'rehearse-upgrade--dummy_0.1.1'] as const;
  expect(await rehearse(builder, first)).toEqual(['previous-release', first]);
  expect(await rehearse(taker, second)).toEqual(['previous-release', second]);
  expect(await rehearse(taker, first)).toEqual(['previous-release']);
  expect(await rehearse(builder, 'rehearse-upgrade')).toEqual(['previous-release', 'rehearse-upgrade']);
});

test('nx itself ends a run without the server, and goes on without it when it is told to', async () => {
  const compile = (env: Record<string, string>) =>
    taker.nx(['run', 'mixy:compile'], { env: { ...server.env, ...env, PATH: pathOfTaker } });
  const noServer = { NX_SELF_HOSTED_REMOTE_CACHE_SERVER: 'http://127.0.0.1:1' };
  startAnew(taker);
  expect((await compile(noServer)).status).toBe(1);
  expect((await compile({ NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: 'another' })).status).toBe(1);
  await succeeding(compile({}));
  await succeeding(compile({ ...noServer, NX_SKIP_REMOTE_CACHE: 'true' }));
});

/** As on a machine that has the sources alone. */
function startAnew({ folder }: ScratchWorkspace): void {
  rmSync(join(folder, '.nx'), { recursive: true, force: true });
  for (const output of outputs) rmSync(join(folder, output), { recursive: true, force: true });
}

function run(machine: ScratchWorkspace, previousRelease: string, env: Record<string, string> = {}) {
  return machine.nx(['run', 'dummy:generate-upgrade', `--previousRelease=${previousRelease}`], {
    env: { ...server.env, ...env },
  });
}

async function releaseOf(version: string): Promise<string> {
  await succeeding(builder.nx(['run', 'dummy:generate'], { env: server.env }));
  return tarballOf(join(builder.project, 'dist/release'), join(builder.folder, `dummy_${version}.tar.gz`));
}

function runOthers(machine: ScratchWorkspace, env: Record<string, string> = {}) {
  return machine.nx(['run-many', '-t', 'compile', 'generate', '-p', 'mixy', 'ralf'], {
    env: { ...server.env, ...env },
  });
}

/** The targets that nx did not take from a cache. */
function misses(output: string): string[] {
  return [...output.matchAll(/^> nx run (?:dummy|mixy|ralf):([\w.-]+)(.*)$/gm)]
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
