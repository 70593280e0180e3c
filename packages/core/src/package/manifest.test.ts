import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease, type ReleaseFields } from '../../test/releases/build-release';
import type { LowLevelInstruction } from '../appup';
import { diffReleases } from '../diff';
import { list, type Term } from '../erlang';
import { readRelease, type Release } from '../release';
import type { Relup } from '../relup';
import { packageManifest, type PackageManifest } from './manifest';
import { packageContents } from './package-contents';
import { parseManifest } from './read-manifest';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp manifest ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dummy = (version: string, modules: readonly string[] = [], data = version) => ({
  name: 'dummy',
  version,
  listed: modules,
  files: { 'priv/data ü': data },
});

async function release(version: string, fields: Partial<ReleaseFields> = {}): Promise<Release> {
  const root = join(folder, `release ${++count}`);
  return readRelease(await buildRelease(root, { version, applications: [dummy(version)], ...fields }));
}

const none: Term = list([]);

function relupOf(up: readonly LowLevelInstruction[] = [], down: readonly LowLevelInstruction[] = []): Relup {
  const entry = (instructions: readonly LowLevelInstruction[]) => [
    { version: '0.1', description: none, instructions },
  ];
  return { version: '0.2', up: entry(up), down: entry(down) };
}

async function manifestOf(next: Release, base: Release): Promise<PackageManifest> {
  const contents = packageContents(next, [await diffReleases(base, next)], false);
  return packageManifest(next, [base], contents, relupOf());
}

const named = (applications: PackageManifest['included']): string[] =>
  applications.map(({ name, version }) => `${name} ${version}`);

it('a manifest says what is in the package, what it relies on, and for which bases it is', async () => {
  const manifest = await manifestOf(await release('0.2'), await release('0.1'));
  const { included, assumed, bases, pairs, ...rest } = manifest;
  expect(rest).toEqual({ formatVersion: 1, name: 'dummy', version: '0.2', erts: '13.1' });
  expect(named(included)).toEqual(['dummy 0.2']);
  expect(named(assumed)).toEqual(['kernel 1', 'stdlib 1', 'sasl 1']);
  expect(assumed[0]?.contentHash).toMatch(/^[0-9a-f]{64}$/);
  expect(bases.map(({ version, erts, differing }) => [version, erts, ...named(differing)])).toEqual([
    ['0.1', '13.1', 'dummy 0.1'],
  ]);
  expect(bases[0]?.releaseContentHash).toMatch(/^[0-9a-f]{64}$/);
  expect(pairs).toHaveLength(2);
});

it('the same releases give the same manifest wherever they lie, whatever appup they ship', async () => {
  const [base, next] = [await release('0.1'), await release('0.2')];
  const manifest = await manifestOf(next, base);
  await cp(base.path, join(folder, 'copy of base'), { recursive: true });
  const copy = await readRelease(join(folder, 'copy of base'));
  const withAppup = await release('0.2', {
    applications: [{ ...dummy('0.2'), files: { ...dummy('0.2').files, 'ebin/dummy.appup': 'other' } }],
  });
  expect(JSON.stringify(await manifestOf(withAppup, copy))).toBe(JSON.stringify(manifest));
});

it('other content of an application is another hash, of it alone', async () => {
  const base = await release('0.1');
  const manifest = await manifestOf(await release('0.2'), base);
  const changed = await manifestOf(await release('0.2', { applications: [dummy('0.2', [], 'other')] }), base);
  expect(changed.included[0]?.contentHash).not.toBe(manifest.included[0]?.contentHash);
  expect({ ...changed, included: manifest.included }).toEqual(manifest);
});

it('a pair says how many modules are loaded, converted, added, removed and suspended', async () => {
  const base = await release('0.1', { applications: [dummy('0.1', ['server', 'library', 'old'])] });
  const next = await release('0.2', { applications: [dummy('0.2', ['server', 'library', 'new'])] });
  const load = (module: string): LowLevelInstruction => ({
    kind: 'load',
    module,
    prePurge: 'brutal_purge',
    postPurge: 'brutal_purge',
  });
  const remove = (module: string): LowLevelInstruction => ({
    kind: 'remove',
    module,
    prePurge: 'brutal_purge',
    postPurge: 'brutal_purge',
  });
  const change: readonly LowLevelInstruction[] = [
    { kind: 'point_of_no_return' },
    { kind: 'suspend', modules: [{ module: 'server' }] },
    load('server'),
    { kind: 'code_change', mode: 'up', changes: [{ module: 'server', extra: none }] },
    { kind: 'resume', modules: ['server'] },
  ];
  // As restarting an application does, `library` is unloaded and loaded again: it counts as loaded, once.
  const up = [...change, remove('library'), load('library'), load('new'), remove('old')];
  const down: LowLevelInstruction[] = [load('old'), remove('new'), { kind: 'restart_emulator' }];
  const contents = packageContents(next, [], false);
  expect((await packageManifest(next, [base], contents, relupOf(up, down))).pairs).toEqual([
    {
      base: '0.1',
      direction: 'up',
      loaded: 2,
      updated: 1,
      added: 1,
      removed: 1,
      suspended: 1,
      restartsEmulator: false,
    },
    {
      base: '0.1',
      direction: 'down',
      loaded: 0,
      updated: 0,
      added: 1,
      removed: 1,
      suspended: 0,
      restartsEmulator: true,
    },
  ]);
});

describe('a manifest that is read', () => {
  it('is the one that was written', async () => {
    const emulator = Buffer.alloc(200);
    emulator.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    emulator.writeUInt16LE(183, 18);
    emulator.write('Erlang/OTP 25%s [erts-13.1] [source]', 100);
    const next = await release('0.2', { files: { 'erts-13.1/bin/beam.smp': emulator } });
    const manifest = await manifestOf(next, await release('0.1'));
    expect(manifest).toMatchObject({
      otp: '25',
      architecture: { format: 'elf', machine: 'aarch64', bits: 64 },
    });
    const text = JSON.stringify({ ...manifest, tarSha256: 'abc' });
    expect(parseManifest(text, 'x.json')).toEqual({ manifest, tarSha256: 'abc' });
  });

  it.each([
    ['{', 'expected the manifest of an upgrade package; found text that is not JSON.'],
    ['[]', 'expected the manifest to be an object; found [].'],
    ['null', 'expected the manifest to be an object; found null.'],
    ['{}', 'expected formatVersion in the manifest to be a number; found nothing.'],
    ['{"formatVersion": 2}', 'expected a manifest of format 1; found one of format 2.'],
    ['{"formatVersion": 1, "name": 7}', 'expected name in the manifest to be a string; found 7.'],
    [
      '{"formatVersion": 1, "name": "n", "version": "v", "erts": "e", "bases": {}}',
      'expected bases in the manifest to be a list; found {}.',
    ],
    [
      '{"formatVersion": 1, "name": "n", "version": "v", "erts": "e", "bases": [7]}',
      'expected bases[0] in the manifest to be an object; found 7.',
    ],
  ])('is refused as %s', async (text, problem) => {
    const read = new Promise((resolve) => resolve(parseManifest(text, 'x.json')));
    expect(await refusal(read)).toEqual({
      code: 'package-manifest',
      message: `x.json: ${problem} Make the package again with generate-upgrade, and copy it with the manifest beside it.`,
    });
  });
});
