import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildRelease } from '../../test/releases/build-release';
import { findRunningCopy, forgetNode, makeRunningCopy, rememberNode } from './running-copy';

let root: string;
let release: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-otp running ü-'));
  release = join(root, 'prod');
  folder = join(root, 'running');
  await buildRelease(release, { version: '1', applications: [{ name: 'app', version: '1' }] });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const copyOf = (node?: string) => findRunningCopy({ release, folder, ...(node !== undefined && { node }) });
const make = async (fresh = false, node?: string) => makeRunningCopy(await copyOf(node), fresh);

describe('the copy of a release that runs', () => {
  it('is made once, and keeps what is written there, until the release changes', async () => {
    expect(await make()).toBe('made');
    const { path, name } = await copyOf();
    expect(path).toBe(join(folder, `${name}-1`));
    await writeFile(join(path, 'releases', 'RELEASES'), '[]. % of the node');
    expect(await make()).toBe('kept');
    expect(await readFile(join(path, 'releases', 'RELEASES'), 'utf8')).toBe('[]. % of the node');
    await writeFile(join(release, 'lib', 'app-1', 'new'), '');
    expect(await make()).toBe('replaced');
    expect(await readdir(join(path, 'lib', 'app-1'))).toContain('new');
    expect(await make()).toBe('kept');
    expect(await make(true)).toBe('replaced');
    expect(await make(false, 'other')).toBe('made');
    expect((await readdir(folder)).sort()).toEqual([`${name}-1`, `${name}-1-other`]);
  });

  it('has all of the release but what a node has written, and can be written to', async () => {
    for (const path of ['etc', 'log', 'tmp', 'Mnesia.a@b']) {
      await mkdir(join(release, path));
      await writeFile(join(release, path, 'file'), path);
    }
    await writeFile(join(release, 'releases', 'old.tar.gz'), '');
    await chmod(join(release, 'etc', 'file'), 0o444);
    await make();
    const { path } = await copyOf();
    expect((await readdir(path)).filter((entry) => !entry.startsWith('.')).sort()).toEqual([
      'bin',
      'erts-13.1',
      'etc',
      'lib',
      'log',
      'releases',
    ]);
    expect(await readdir(join(path, 'log'))).toEqual([]);
    expect(await readdir(join(path, 'releases'))).not.toContain('old.tar.gz');
    expect((await stat(join(path, 'etc', 'file'))).mode & 0o777).toBe(0o644);
  });

  it('is not replaced under a node that runs in it', async () => {
    await make();
    const copy = await copyOf();
    const node = spawn('sleep', ['60'], { cwd: copy.path });
    try {
      await rememberNode(copy, { pid: node.pid ?? 0, node: 'dummy' });
      await expect(make(true)).rejects.toMatchObject({ code: 'node-running' });
      await forgetNode(copy);
      expect(await make(true)).toBe('replaced');
    } finally {
      node.kill('SIGKILL');
    }
  });

  it('does not take a note that a killed node has left for a node', async () => {
    await make();
    const copy = await copyOf();
    for (const note of ['{', '{"pid":0}', '{"pid":2147483646}']) {
      await writeFile(join(copy.path, '.nx-otp-node.json'), note);
      expect((await copyOf()).running).toBeUndefined();
    }
  });

  it('never lies in the release, nor takes the place of a folder that is no copy', async () => {
    await expect(findRunningCopy({ release, folder: release })).rejects.toMatchObject({
      code: 'output-path',
    });
    const { path } = await copyOf();
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'dummy.erl'), '');
    await expect(make()).rejects.toMatchObject({ code: 'output-path' });
  });
});
