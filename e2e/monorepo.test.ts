import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readRelease } from '@nx-otp/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { editFile, filesIn, succeeding } from './support/dummy-workspace.js';
import { releaseFolder, shopWorkspace } from './support/shop-workspace.js';

let workspace: ScratchWorkspace;

beforeAll(async () => {
  workspace = await shopWorkspace();
  await succeeding(workspace.nx(['run-many', '-t', 'generate']));
  for (const release of ['shop', 'kiosk']) {
    cpSync(join(releaseFolder(workspace, release), 'dist/release'), join(workspace.folder, 'prod', release), {
      recursive: true,
    });
  }
});

afterAll(() => {
  workspace.remove();
});

test('a release is made of the applications that its reltool.config names, wherever they lie', async () => {
  const { applications } = await readRelease(join(workspace.folder, 'prod/shop'));
  expect(applications.map(({ name }) => name)).toEqual(['kernel', 'stdlib', 'sasl', 'money', 'cart']);
  expect(existsSync(join(releaseFolder(workspace, 'shop'), 'ebin'))).toBe(false);
});

test('a library that changes is compiled with those that need it, packaged where it is used, and nowhere else', async () => {
  edit('libs/money/src/money.erl', 'A + B', 'B + A');
  edit('libs/log/src/log.erl', 'What.', '{logged, What}.');
  for (const library of ['money', 'log']) edit(`libs/${library}/src/${library}.app.src`, '"0.1"', '"0.2"');
  for (const release of ['shop', 'kiosk']) edit(`releases/${release}/rel/reltool.config`, '"0.1"', '"0.2"');
  const everything = ['generate', 'generate-appups', 'generate-upgrade'];
  expect(await tasksThatRan('run-many', '-t', 'generate-upgrade')).toEqual(
    [
      ...['cart', 'log', 'money', 'till'].map((application) => `${application}:compile`),
      ...['kiosk', 'shop'].flatMap((release) => everything.map((target) => `${release}:${target}`)),
    ].sort(),
  );

  edit('libs/money/src/money.erl', 'B + A', 'B + A + 0');
  edit('libs/money/src/money.app.src', '"0.2"', '"0.3"');
  edit('releases/shop/rel/reltool.config', '"0.2"', '"0.3"');
  const ofMoney = ['cart:compile', 'money:compile', ...everything.map((target) => `shop:${target}`)];
  expect(
    await tasksThatRan('affected', '-t', 'generate-upgrade', '--files=libs/money/src/money.erl'),
  ).toEqual(ofMoney);
  expect(await tasksThatRan('run-many', '-t', 'generate-upgrade')).toEqual([]);
  expect(readdirSync(join(releaseFolder(workspace, 'shop'), 'dist/appups')).sort()).toEqual([
    'appups.json',
    'money.appup',
  ]);
  expect(readdirSync(join(releaseFolder(workspace, 'shop'), 'dist/upgrade'))).toContain('shop_0.3.tar.gz');
});

test('another comment in a library compiles what needs it, and gives the same release', async () => {
  edit('libs/log/src/log.erl', '%% Says it.', '%% Says so.');
  expect(await tasksThatRan('run-many', '-t', 'generate-upgrade')).toEqual(['log:compile', 'till:compile']);
});

test('what was deleted comes back from the cache, and a header runs the tests that are compiled with it', async () => {
  expect(await tasksThatRan('run-many', '-t', 'compile', 'test')).toEqual(['cart:test']);
  const ebins = ['libs/money/ebin', 'apps/cart/ebin'].map((folder) => join(workspace.folder, folder));
  const before = ebins.map(filesIn);
  for (const ebin of ebins) rmSync(ebin, { recursive: true });
  expect(await tasksThatRan('run-many', '-t', 'compile', 'test')).toEqual([]);
  expect(ebins.map(filesIn)).toEqual(before);
  const testOfMoney = join(workspace.folder, 'libs/money/test/money_helper.erl');
  mkdirSync(dirname(testOfMoney));
  writeFileSync(testOfMoney, '-module(money_helper).\n');
  expect(await tasksThatRan('run-many', '-t', 'compile', 'test')).toEqual([]);
  edit('libs/money/include/money.hrl', 'amount = 0', 'amount = 0 :: integer()');
  expect(await tasksThatRan('run-many', '-t', 'compile', 'test')).toEqual([
    'cart:compile',
    'cart:test',
    'money:compile',
  ]);
});

test('an application that does not compile stops what needs it, and nothing else', async () => {
  edit('libs/money/src/money.erl', 'add(#money', 'add(#moneys');
  edit('apps/till/src/till.erl', 'log:log(open)', 'log:log(opened)');
  const { status, output } = await workspace.nx(['run-many', '-t', 'compile', '--outputStyle=stream']);
  expect(status).not.toBe(0);
  expect(output).toContain('libs/money/src/money.erl:5:5: record moneys undefined');
  expect(output).toContain('till 0.1: 1 module');
  expect(output).toMatch(/Failed tasks:\n\n- money:compile\n/);
  expect(output).not.toContain('cart 0.1: 1 module');
});

/** The cached tasks of a run that must succeed that were not taken from the cache, sorted. */
async function tasksThatRan(...args: readonly string[]): Promise<string[]> {
  const output = await succeeding(workspace.nx([...args, '--outputStyle=stream']));
  return [...output.matchAll(/^> nx run (\S+)(.*)$/gm)]
    .filter(([, , state]) => !/\[(?:local cache|existing outputs match the cache.*)\]/.test(state ?? ''))
    .flatMap(([, task]) => task ?? [])
    .filter((task) => !/:(?:previous-release|build-base)$|^(?:shop|kiosk):compile$/.test(task))
    .sort();
}

function edit(file: string, before: string, after: string): void {
  editFile(join(workspace.folder, file), before, after);
}
