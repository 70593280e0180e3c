import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildRelease, type ApplicationFields } from '../../test/releases/build-release';
import { compileModules, type CompiledModule } from '../../test/releases/compile-modules';
import { neededVersions } from './needed-versions';

const sources = {
  one: '-module(m).\n-export([f/0]).\nf() -> 1.\n',
  comment: '%% Another comment.\n\n-module(m).\n-export([f/0]).\nf() -> 1.\n',
  two: '-module(m).\n-export([f/0]).\nf() -> 2.\n',
} as const;

let folder: string;
let compiled: Record<keyof typeof sources, CompiledModule>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp versions ü-'));
  compiled = await compileModules(sources);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const release = (version: string, ...applications: ApplicationFields[]): Promise<string> =>
  buildRelease(join(folder, `release ${++count}`), { version, applications });

const app = (name: string, version: string, code: keyof typeof sources): ApplicationFields => ({
  name,
  version,
  beams: { m: compiled[code].beam },
});

/** What needs a new version, in short. */
async function needed(next: string, ...previous: string[]) {
  const { release, applications } = await neededVersions(next, previous);
  const short = (each: { name: string; version: string; taken: ReadonlySet<string> }): string =>
    `${each.name} ${each.version} not ${[...each.taken].join(', ')}`;
  return [...(release === undefined ? [] : [short(release)]), ...applications.map(short)];
}

it('an application whose code changed needs a new version, one whose comments changed does not', async () => {
  const before = await release('1', app('x', '1', 'one'));
  expect(await needed(await release('2', app('x', '1', 'two')), before)).toEqual(['x 1 not 1']);
  expect(await needed(await release('2', app('x', '1', 'comment')), before)).toEqual([]);
  expect(await needed(await release('2', app('x', '2', 'two')), before)).toEqual([]);
});

it('a release needs a new version where it is another than the one that has it', async () => {
  const before = await release('1', app('x', '1', 'one'));
  expect(await needed(await release('1', app('x', '1', 'comment')), before)).toEqual([]);
  expect(await needed(await release('1', app('x', '1', 'two')), before)).toEqual([
    'dummy 1 not 1',
    'x 1 not 1',
  ]);
  expect(await needed(await release('1', app('x', '2', 'two')), before)).toEqual(['dummy 1 not 1']);
  expect(await needed(await release('1'), before)).toEqual(['dummy 1 not 1']);
});

it('the versions of all previous releases are taken', async () => {
  const first = await release('1', app('x', '1', 'one'));
  const second = await release('2', app('x', '2', 'two'));
  const { applications } = await neededVersions(await release('3', app('x', '1', 'two')), [first, second]);
  expect(applications.map(({ name, taken, because }) => [name, [...taken], because])).toEqual([
    [
      'x',
      ['1', '2'],
      'the code of m differs, but the version of x is 1 in both releases, so the node would keep the old files.',
    ],
  ]);
});
