import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { generateAppups, generateUpgrade, type UpgradePackage } from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseNode, type ReleaseNode } from '../tools/release-node.mjs';
import { dummyWorkspace, editFile, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
let bases: Record<'0.1' | '0.1.1', string>;
let made: UpgradePackage;

beforeAll(async () => {
  workspace = await dummyWorkspace('several bases');
  bases = { '0.1': workspace.production, '0.1.1': join(workspace.folder, 'prod 0.1.1') };
  await workspace.setVersion('0.1');
  const source = join(workspace.project, 'apps/dummy/src');
  editFile(join(workspace.project, 'rel/reltool.config'), '"0.1"', '"0.1.1"');
  editFile(join(source, 'dummy.app.src'), '{vsn, "0.1"}', '{vsn, "0.1.1"}');
  editFile(join(source, 'dummy_trace.erl'), 'is now', 'became');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  cpSync(workspace.dist('release'), bases['0.1.1'], { recursive: true });
  await workspace.setVersion('0.2');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  made = await generateUpgrade({
    previousReleases: Object.values(bases),
    release: workspace.dist('release'),
    outputPath: workspace.dist('upgrade'),
  });
});

afterAll(() => {
  workspace.remove();
});

describe.each(['0.1', '0.1.1'] as const)('one package for 0.1 and 0.1.1, on a node of %s', (version) => {
  let node: ReleaseNode;
  const release = () =>
    node.evaluate('{sys:get_state(dummy_server), [V || {dummy, _, V} <- application:which_applications()]}.');

  beforeAll(async () => {
    const root = join(workspace.folder, `node of ${version}`);
    cpSync(bases[version], root, { recursive: true });
    node = releaseNode(root);
    await node.start();
    await node.evaluate('dummy_server:set_state(123).');
  });

  afterAll(() => node.stop());

  test('goes up and down and up, and keeps its state', async () => {
    await node.receive(made.path);
    expect(await node.evaluate('release_handler:unpack_release("dummy_0.2").')).toBe('{ok, "0.2"}');
    for (let round = 1; round <= 2; round++) {
      expect(await node.evaluate('release_handler:install_release("0.2").')).toBe(`{ok, "${version}", []}`);
      expect(await node.evaluate('release_handler:make_permanent("0.2").')).toBe('ok');
      expect(await release()).toBe('{{state, 123, []}, ["0.2"]}');
      expect(await node.evaluate(`release_handler:install_release("${version}").`)).toBe(
        `{ok, "${version}", []}`,
      );
      expect(await node.evaluate(`release_handler:make_permanent("${version}").`)).toBe('ok');
      expect(await release()).toBe(`{{state, 123}, ["${version}"]}`);
    }
  });

  test('knows of its own version and of 0.2, and of no other base', async () => {
    expect(
      await node.evaluate('lists:sort([Vsn || {_, Vsn, _, _} <- release_handler:which_releases()]).'),
    ).toBe(`["${version}", "0.2"]`);
  });
});

test('no package is made of the appups for one base alone', async () => {
  const outputPath = workspace.dist('appups');
  const release = workspace.dist('release');
  const { path } = await generateAppups({ previousReleases: [bases['0.1']], release, outputPath });
  await expect(
    generateUpgrade({
      previousReleases: Object.values(bases),
      release,
      appups: path,
      outputPath: join(workspace.folder, 'none'),
    }),
  ).rejects.toMatchObject({ code: 'appups-for-another-base' });
});
