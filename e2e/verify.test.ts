import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseNode, type ReleaseNode } from '../tools/release-node.mjs';
import { replaceDummyApp } from './support/beams.js';
import { dummyWorkspace, editFile, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

let workspace: DummyWorkspace;
const nodes: ReleaseNode[] = [];

beforeAll(async () => {
  workspace = await dummyWorkspace('verify');
  await succeeding(workspace.nx(['run', 'dummy:generate-upgrade', '--previousRelease=prod']));
});

afterAll(async () => {
  for (const node of nodes) await node.stop();
  workspace.remove();
});

const upgradePackage = (): string => join(workspace.dist('upgrade'), 'dummy_0.2.tar.gz');

test('the package says what it is for and what it will do, in less than 10 KB', () => {
  const manifest = JSON.parse(readFileSync(join(workspace.dist('upgrade'), 'dummy_0.2.json'), 'utf8')) as {
    bases: { version: string }[];
  };
  expect(manifest).toMatchObject({
    formatVersion: 1,
    name: 'dummy',
    version: '0.2',
    otp: execFileSync(
      'erl',
      ['-noshell', '-eval', 'io:put_chars(erlang:system_info(otp_release)), halt().'],
      {
        encoding: 'utf8',
      },
    ),
    architecture: { format: 'elf', machine: process.arch === 'x64' ? 'x86_64' : 'aarch64', bits: 64 },
    included: [{ name: 'dummy', version: '0.2' }],
    pairs: [
      { base: '0.1', direction: 'up', loaded: 1, updated: 1, added: 1, removed: 1, suspended: 1 },
      { base: '0.1', direction: 'down', loaded: 1, updated: 1, added: 1, removed: 1, suspended: 1 },
    ],
  });
  expect(manifest.bases.map(({ version }) => version)).toEqual(['0.1']);
  expect(statSync(upgradePackage()).size).toBeLessThan(10_000);
});

/** What verify-upgrade says of the package that is there and an installation. */
const verify = (installation: string, ...more: string[]) =>
  workspace.nx([
    'run',
    'dummy:verify-upgrade',
    `--previousRelease=${installation}`,
    '--excludeTaskDependencies',
    ...more,
  ]);

/** A copy of production in the workspace, and its node. */
function installation(name: string): { readonly root: string; readonly node: ReleaseNode } {
  const root = join(workspace.folder, name);
  cpSync(workspace.production, root, { recursive: true });
  const node = releaseNode(root);
  nodes.push(node);
  return { root, node };
}

async function unpack(node: ReleaseNode): Promise<string> {
  const name = await node.receive(upgradePackage());
  return node.evaluate(`release_handler:unpack_release("${name}").`);
}

test('the target makes the package for the installation, and says that it fits', async () => {
  const output = await succeeding(workspace.nx(['run', 'dummy:verify-upgrade', '--previousRelease=prod']));
  expect(output).toContain('dummy/dist/upgrade/dummy_0.2.tar.gz fits dummy 0.1 at prod\n');
});

test('without an installation it looks at the previous release in the workspace', async () => {
  const projectFile = join(workspace.project, 'project.json');
  const before = readFileSync(projectFile, 'utf8');
  const path = '"outputPath": "{projectRoot}/dist/previous-release"';
  editFile(projectFile, path, `${path}, "previousRelease": "prod"`);
  const output = await succeeding(workspace.nx(['run', 'dummy:verify-upgrade']));
  expect(output).toMatch(/fits dummy 0\.1 at dummy\/dist\/previous-release\/dummy-0\.1-[0-9a-f]{12}\n/);
  editFile(projectFile, readFileSync(projectFile, 'utf8'), before);
});

test('a package that is named, and is not there, is a sentence', async () => {
  const { status, output } = await verify('prod', '--upgradePackage=nowhere.tar.gz');
  expect(status).toBe(1);
  expect(output).toContain(
    'nowhere.tar.gz: there is no such upgrade package. Make it with generate-upgrade, or give the path of a NAME_VSN.tar.gz.',
  );
  expect(output).not.toMatch(/^\s+at /m);
});

describe('what fits', () => {
  test('goes up and down on the node', async () => {
    const { root, node } = installation('für einen Knoten');
    expect(await succeeding(verify(root))).toContain('fits dummy 0.1 at für einen Knoten\n');
    await node.start();
    await node.evaluate('dummy_server:set_state(123).');
    expect(await unpack(node)).toBe('{ok, "0.2"}');
    expect(await node.evaluate('release_handler:install_release("0.2").')).toBe('{ok, "0.1", []}');
    expect(await node.evaluate('sys:get_state(dummy_server).')).toBe('{state, 123, []}');
    expect(await node.evaluate('release_handler:install_release("0.1").')).toBe('{ok, "0.1", []}');
    expect(await node.evaluate('sys:get_state(dummy_server).')).toBe('{state, 123}');
  });

  test('does not fit any more once it is there, and release_handler refuses it', async () => {
    const [node] = nodes;
    if (node === undefined) throw new Error('there is no node');
    const { status, output } = await verify(node.root);
    expect(status).toBe(1);
    expect(output).toContain('error already-installed: ');
    expect(await unpack(node)).toBe('{error, {existing_release, "0.2"}}');
    await node.stop();
  });
});

describe('what does not fit', () => {
  test('would leave other code on the disk than was shipped, and release_handler says nothing', async () => {
    const { root, node } = installation('tried before');
    const ebin = join(root, 'lib', 'dummy-0.2', 'ebin');
    cpSync(join(workspace.dist('release'), 'lib', 'dummy-0.2'), join(root, 'lib', 'dummy-0.2'), {
      recursive: true,
    });
    replaceDummyApp(ebin);
    const { status, output } = await verify(root);
    expect(status).toBe(1);
    expect(output).toContain('dummy/dist/upgrade/dummy_0.2.tar.gz does not fit dummy 0.1 at tried before:\n');
    expect(output).toContain(
      'error file-in-the-way: the previous release in tried before holds lib/dummy-0.2/ebin/dummy_app.beam with other content than the package',
    );
    const left = readFileSync(join(ebin, 'dummy_app.beam'));
    const shipped = execFileSync('tar', ['-xzOf', upgradePackage(), 'lib/dummy-0.2/ebin/dummy_app.beam']);
    expect(left.equals(shipped)).toBe(false);
    await node.start();
    expect(await unpack(node)).toBe('{ok, "0.2"}');
    expect(await node.evaluate('release_handler:install_release("0.2").')).toBe('{ok, "0.1", []}');
    expect(readFileSync(join(ebin, 'dummy_app.beam')).equals(left)).toBe(true);
    await node.stop();
  });

  test('would have no way back, and release_handler finds that out when it is needed', async () => {
    const { root, node } = installation('without RELEASES');
    rmSync(join(root, 'releases', 'RELEASES'));
    const { status, output } = await verify(root);
    expect(status).toBe(1);
    expect(output).toContain(
      'error releases-file-missing: the previous release 0.1 in without RELEASES has no releases/RELEASES',
    );
    await node.start();
    expect(await unpack(node)).toBe('{ok, "0.2"}');
    expect(await node.evaluate('release_handler:install_release("0.2").')).toBe('{ok, "0.1", []}');
    expect(await node.evaluate('release_handler:install_release("0.1").')).toMatch(
      /^\{error, \{'EXIT', \{\{case_clause, false\}/,
    );
    await node.stop();
  });
});
