import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generateUpgrade, installationSteps, readRelease, type UpgradePackage } from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mixRelease, relxRelease, scriptedNode, type ScriptedNode } from './support/other-layouts.js';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp-layouts-')));
const name = `layout_${randomBytes(4).toString('hex')}`;

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

/** Copies the package to where the steps say. */
function receive(node: ScriptedNode, made: UpgradePackage): ReturnType<typeof installationSteps> {
  const steps = installationSteps(made.layout, made.manifest.name, made.manifest.version);
  const target = join(node.root, steps.copyTo);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(made.path, target);
  return steps;
}

async function all(node: ScriptedNode, lines: readonly string[]): Promise<string[]> {
  const outputs: string[] = [];
  for (const line of lines) outputs.push(await node.command(line));
  return outputs;
}

describe('a release of relx', () => {
  let node: ScriptedNode;
  let made: UpgradePackage;
  let steps: ReturnType<typeof installationSteps>;
  const value = () => node.script('eval', 'ralf_server:get().');

  beforeAll(async () => {
    const [base, next] = await Promise.all([
      relxRelease(work, '0.1', 'N', name),
      relxRelease(work, '0.2', '{new, N}', name),
    ]);
    made = await generateUpgrade({
      previousReleases: [base],
      release: next,
      outputPath: join(work, 'relx upgrade'),
    });
    node = scriptedNode(base, join(work, 'ralf'), 'ralf');
    await node.start();
    await node.script('eval', 'ralf_server:set(7).');
    steps = receive(node, made);
  });
  afterAll(() => node.stop());

  test('is known as one, and its package has the start script of the version', () => {
    expect(made.layout).toBe('relx');
    expect(made.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(steps.copyTo).toBe('releases/0.2/ralf.tar.gz');
    expect(steps.upgrade).toEqual(['bin/ralf upgrade 0.2']);
    expect(steps.downgrade('0.1')).toEqual(['bin/ralf downgrade 0.1']);
  });

  test('goes up and down and up by its own script, and keeps its state', async () => {
    expect(await all(node, steps.upgrade)).toEqual([
      'Release 0.2 not found, attempting to unpack releases/0.2/ralf.tar.gz Unpacked successfully: "0.2" Installed Release: 0.2 Made release permanent: "0.2"',
    ]);
    expect(await value()).toBe('{new, 7}');
    await all(node, steps.downgrade('0.1'));
    expect(await value()).toBe('7');
    await all(node, steps.upgrade);
    expect(await value()).toBe('{new, 7}');
  });

  test('boots as the new version, and can be the base of the next upgrade', async () => {
    await node.stop();
    await node.start();
    expect(await value()).toBe('{new, 0}');
    expect((await readRelease(node.root)).version).toBe('0.2');
  });

  test('goes back, gives the new version away and boots as the old one', async () => {
    await all(node, steps.downgrade('0.1'));
    expect(await node.script('uninstall', '0.2')).toContain('Uninstalled Release: 0.2');
    await node.stop();
    await node.start();
    expect(await value()).toBe('0');
  });
});

describe('a release of mix', () => {
  let node: ScriptedNode;
  let next: string;
  let made: UpgradePackage;
  let steps: ReturnType<typeof installationSteps>;
  const value = () => node.script('rpc', 'IO.inspect(Mixy.Server.get())');
  const upgrade = (base: string) =>
    generateUpgrade({ previousReleases: [base], release: next, outputPath: join(work, 'mix upgrade') });

  beforeAll(async () => {
    const [base, made] = await Promise.all([
      mixRelease(work, '0.1.0', 'n'),
      mixRelease(work, '0.2.0', '{:new, n}'),
    ]);
    next = made;
    node = scriptedNode(base, join(work, 'mixy'), 'mixy', {
      RELEASE_NODE: `${name}_mix`,
      RELEASE_COOKIE: `${name}_cookie`,
    });
    await node.start();
    await node.script('rpc', 'Mixy.Server.set(7)');
  });
  afterAll(() => node.stop());

  test('without RELEASES is no base, and the command in the error mends the node that runs', async () => {
    const message = await upgrade(node.root).then(
      () => 'a package',
      (error: unknown) => String(error),
    );
    expect(message).toContain('has no releases/RELEASES');
    const [live = ''] = /bin\/mixy rpc '[^']*'/.exec(message) ?? [];
    await node.command(live);
    expect(readFileSync(join(node.root, 'releases/RELEASES'), 'utf8')).toContain(
      '{mixy,"0.1.0","lib/mixy-0.1.0"}',
    );
    made = await upgrade(node.root);
    expect(made.layout).toBe('mix');
    expect(made.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });

  test('goes up and down and up by its own script, and keeps its state', async () => {
    steps = receive(node, made);
    expect(await all(node, steps.upgrade)).toEqual(["{:ok, '0.2.0'}", "{:ok, '0.1.0', []}", ':ok']);
    expect(await value()).toBe('{:new, 7}');
    expect(await all(node, steps.downgrade('0.1.0'))).toEqual(["{:ok, '0.1.0', []}", ':ok']);
    expect(await value()).toBe('7');
    await all(node, steps.upgrade.slice(1));
    expect(await value()).toBe('{:new, 7}');
  });

  test('boots as the new version, goes back, and boots as the old one', async () => {
    await node.stop();
    await node.start();
    expect(await value()).toBe('{:new, 0}');
    await all(node, steps.downgrade('0.1.0'));
    expect(await node.script('rpc', 'IO.inspect(:release_handler.remove_release(~c"0.2.0"))')).toBe(':ok');
    await node.stop();
    await node.start();
    expect(await value()).toBe('0');
  });
});
