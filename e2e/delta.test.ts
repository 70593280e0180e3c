import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { generateUpgrade } from '@nx-otp/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
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
async function running(base: string, purpose: string): Promise<ReleaseNode> {
  const root = join(workspace.folder, purpose);
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

  test.each([false, true])('reaches the node as it is, links resolved; full: %s', async (full) => {
    const next = join(workspace.folder, `next ${full}`);
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
      outputPath: join(workspace.folder, `upgrade ${full}`),
      full,
    });
    expect(made.manifest.included.map(({ name }) => name)).toEqual(
      full ? ['kernel', 'stdlib', 'sasl', 'dummy'] : ['dummy'],
    );
    const on = await running(workspace.production, `node ${full}`);
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
