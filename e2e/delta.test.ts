import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { generateUpgrade } from '@nx-otp/core';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { releaseNode, type ReleaseNode } from '../tools/release-node.mjs';
import { dummyWorkspace, editFile, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
let node: ReleaseNode | undefined;

beforeAll(async () => {
  workspace = await dummyWorkspace('delta');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
});

afterEach(async () => {
  await node?.stop();
});

afterAll(() => {
  workspace.remove();
});

/** A node of a base that runs in a folder of its own, with the value 123. */
async function running(base: string, purpose: string, place = workspace.folder): Promise<ReleaseNode> {
  const root = join(place, purpose);
  cpSync(base, root, { recursive: true });
  node = releaseNode(root);
  await node.start();
  await node.evaluate('dummy_server:set_state(123).');
  return node;
}

/** All answers that are not the expected one. */
async function failures(on: ReleaseNode, calls: readonly [string, string][]): Promise<string[]> {
  const wrong: string[] = [];
  for (const [call, expected] of calls) {
    const answer = await on.evaluate(`release_handler:${call}.`);
    if (answer !== expected) wrong.push(`${call}: ${answer}`);
  }
  return wrong;
}

const up: [string, string][] = [
  ['unpack_release("dummy_0.2")', '{ok, "0.2"}'],
  ['check_install_release("0.2")', '{ok, "0.1", []}'],
  ['install_release("0.2")', '{ok, "0.1", []}'],
  ['make_permanent("0.2")', 'ok'],
];
const down: [string, string][] = [
  ['check_install_release("0.1")', '{ok, "0.1", []}'],
  ['install_release("0.1")', '{ok, "0.1", []}'],
  ['make_permanent("0.1")', 'ok'],
];

describe('what lies in priv', () => {
  const deep = `${'a long name of a folder '.repeat(6)}/${'another one, für später '.repeat(6)}`;
  const files: Record<string, number> = {
    'bin/tool': 0o755,
    'data/plain': 0o644,
    'größe/Ω 漢字': 0o644,
    [`${'n'.repeat(120)}.txt`]: 0o644,
    [`${deep}/file`]: 0o755,
  };

  test('reaches the node as it is, links resolved, from a full package', async () => {
    const next = join(workspace.folder, 'next with priv');
    cpSync(workspace.dist('release'), next, { recursive: true });
    const priv = join(next, 'lib/dummy-0.2/priv');
    for (const [path, mode] of Object.entries(files)) {
      mkdirSync(dirname(join(priv, path)), { recursive: true });
      writeFileSync(join(priv, path), `content of ${path}`);
      chmodSync(join(priv, path), mode);
    }
    symlinkSync('data/plain', join(priv, 'link'));
    symlinkSync('../../../releases/0.2/sys.config', join(priv, 'config'));
    symlinkSync('data', join(priv, 'linked folder'));
    const made = await generateUpgrade({
      previousReleases: [workspace.production],
      release: next,
      outputPath: join(workspace.folder, 'upgrade with priv'),
      full: true,
    });
    expect(made.manifest.included.map(({ name }) => name)).toEqual(['kernel', 'stdlib', 'sasl', 'dummy']);
    const on = await running(workspace.production, 'node with priv');
    await on.receive(made.path);
    expect(await failures(on, up)).toEqual([]);
    const unpacked = join(on.root, 'lib/dummy-0.2/priv');
    for (const [path, mode] of Object.entries(files)) {
      expect(readFileSync(join(unpacked, path), 'utf8')).toBe(`content of ${path}`);
      expect(lstatSync(join(unpacked, path)).mode & 0o111).toBe(mode & 0o111);
    }
    for (const [path, content] of [
      ['link', 'content of data/plain'],
      ['linked folder/plain', 'content of data/plain'],
      ['config', readFileSync(join(next, 'releases/0.2/sys.config'), 'utf8')],
    ] as const) {
      expect(lstatSync(join(unpacked, path)).isFile()).toBe(true);
      expect(readFileSync(join(unpacked, path), 'utf8')).toBe(content);
    }
    expect(await on.evaluate('code:priv_dir(dummy).')).toContain('dummy-0.2/priv');
    expect(await failures(on, [...down, ['remove_release("0.2")', 'ok']])).toEqual([]);
    expect(existsSync(join(on.root, 'lib/dummy-0.2'))).toBe(false);
    await on.stop();
    await on.start();
    expect(await on.evaluate('dummy_server:get_state().')).toBe('0');
  });
});

test('a base with its application in an archive gets the folder that the way back needs', async () => {
  await workspace.setVersion('0.1');
  editFile(
    join(workspace.project, 'rel/reltool.config'),
    '{app, dummy, [{incl_cond, include}]}',
    '{app, dummy, [{incl_cond, include}, {incl_archive_filters, ["^ebin$"]}, {excl_archive_filters, []}]}',
  );
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  const base = join(workspace.folder, 'archived');
  cpSync(workspace.dist('release'), base, { recursive: true });
  expect(existsSync(join(base, 'lib/dummy-0.1.ez'))).toBe(true);
  // As release_handler:create_RELEASES/4 writes it, which does not know of archives.
  editFile(join(base, 'releases/RELEASES'), 'lib/dummy-0.1.ez/dummy-0.1', 'lib/dummy-0.1');
  await workspace.setVersion('0.2');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  const made = await generateUpgrade({
    previousReleases: [base],
    release: workspace.dist('release'),
    outputPath: join(workspace.folder, 'upgrade of archived'),
  });
  const on = await running(base, 'node of archived');
  await on.receive(made.path);
  expect(await failures(on, [...up, ...down])).toEqual([]);
  expect(await on.evaluate('sys:get_state(dummy_server).')).toBe('{state, 123}');
  expect(existsSync(join(on.root, 'lib/dummy-0.1/ebin/dummy.app'))).toBe(true);
  expect(await failures(on, [['remove_release("0.2")', 'ok']])).toEqual([]);
  await on.stop();
  await on.start();
  expect(await on.evaluate('dummy_server:get_state().')).toBe('0');
});

test('another emulator is brought along, and heart starts it on the way up and the old one on the way back', async () => {
  const base = join(workspace.folder, 'base with heart');
  const next = join(workspace.folder, 'next with another emulator');
  cpSync(workspace.production, base, { recursive: true });
  cpSync(workspace.dist('release'), next, { recursive: true });
  const erts = readFileSync(join(base, 'releases/start_erl.data'), 'utf8').split(' ')[0] ?? '';
  // The same emulator under another version: what is proven is how it gets there, not what it does.
  const otherErts = `${erts}.99`;
  renameSync(join(next, `erts-${erts}`), join(next, `erts-${otherErts}`));
  for (const file of ['releases/start_erl.data', 'releases/RELEASES', 'releases/0.2/dummy.rel']) {
    editFile(join(next, file), erts, otherErts);
  }
  for (const [root, version] of [
    [base, '0.1'],
    [next, '0.2'],
  ] as const) {
    appendFileSync(join(root, 'releases', version, 'vm.args'), '\n-heart\n');
    editFile(
      join(root, 'bin/dummy'),
      '<"$ROOTDIR/releases/start_erl.data"',
      '<"${START_ERL_DATA:-$ROOTDIR/releases/start_erl.data}"',
    );
  }
  const make = (): ReturnType<typeof generateUpgrade> =>
    generateUpgrade({
      previousReleases: [base],
      release: next,
      outputPath: join(workspace.folder, 'upgrade of the emulator'),
    });
  const warned = (await make()).diagnostics.filter(({ code }) => code === 'emulator-restart');
  expect(warned).toHaveLength(2);
  for (const root of [base, next]) {
    writeFileSync(join(root, 'bin/start'), startProgram, { mode: 0o755 });
  }
  const made = await make();
  expect(made.diagnostics.filter(({ code }) => code === 'emulator-restart')).toEqual([]);
  expect(made.manifest.included.map(({ name }) => name)).toEqual(['dummy']);

  // release_handler gives heart a command line without quotes: no space may be in the path of the installation.
  const place = mkdtempSync(join(tmpdir(), 'nx-otp-heart-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true, maxRetries: 3 }));
  const on = await running(base, 'node', place);
  const state = `{filename:basename(filename:dirname(os:getenv("BINDIR"))),
    [V || {dummy, _, V} <- application:which_applications()]}.`;
  const arrivesAt = async (expected: string): Promise<void> => {
    let found = '';
    for (const end = Date.now() + 30_000; found !== expected && Date.now() < end;) {
      found = await on.evaluate(state).catch((error: unknown) => String(error));
      if (found !== expected) await setTimeout(200);
    }
    expect(found).toBe(expected);
  };
  await on.receive(made.path);
  expect(
    await failures(on, [
      ['unpack_release("dummy_0.2")', '{ok, "0.2"}'],
      ['install_release("0.2")', '{continue_after_restart, "0.1", []}'],
    ]),
  ).toEqual([]);
  await arrivesAt(`{"erts-${otherErts}", ["0.2"]}`);
  expect(await failures(on, [['make_permanent("0.2")', 'ok']])).toEqual([]);
  expect(await failures(on, [['install_release("0.1")', '{ok, "0.1", []}']])).toEqual([]);
  await arrivesAt(`{"erts-${erts}", ["0.1"]}`);
  expect(
    await failures(on, [
      ['make_permanent("0.1")', 'ok'],
      ['remove_release("0.2")', 'ok'],
    ]),
  ).toEqual([]);
  expect(existsSync(join(on.root, `erts-${otherErts}`))).toBe(false);
});

/** heart calls it with the file that names the emulator and the version; that of a new emulator has no vm.args. */
const startProgram = `#!/bin/sh
BIN=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
ROOT=\${BIN%/bin}
export START_ERL_DATA="$1"
read -r _ VSN <"$START_ERL_DATA" || [ -n "$VSN" ]
export VMARGS_PATH="$ROOT/releases/\${VSN#__new_emulator__}/vm.args"
"$BIN/dummy" foreground >>"$ROOT/log/console.log" 2>&1 </dev/null &
`;
