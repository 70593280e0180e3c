import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { openFolder } from './folder-tree';

describe('openFolder', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'folder-tree-'));
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
  });

  async function put(path: string, content = path, mode = 0o644): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content, { mode });
  }
  async function link(path: string, target: string): Promise<void> {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(target, join(root, path));
  }
  const paths = async (): Promise<string[]> => (await openFolder(root)).files.map((file) => file.path);

  it('lists regular files by code unit, with size and mode, dot files and odd names too', async () => {
    await put('lib/b-1/ebin/b.beam', 'beam');
    await put('lib/B.txt', '');
    await put('bin/run', '#!', 0o755);
    await put('.erlang.cookie', 'x', 0o600);
    await put('lib/é ü', '');
    await put('lib/[a]{b}(c)*?!', '');
    await put('lib/back\\slash', '');
    await mkdir(join(root, 'empty'));
    const tree = await openFolder(root);
    expect(tree.kind).toBe('folder');
    expect(tree.origin).toBe(root);
    expect(tree.files).toEqual([
      { path: '.erlang.cookie', size: 1, mode: 0o600 },
      { path: 'bin/run', size: 2, mode: 0o755 },
      { path: 'lib/B.txt', size: 0, mode: 0o644 },
      { path: 'lib/[a]{b}(c)*?!', size: 0, mode: 0o644 },
      { path: 'lib/b-1/ebin/b.beam', size: 4, mode: 0o644 },
      { path: 'lib/back\\slash', size: 0, mode: 0o644 },
      { path: 'lib/é ü', size: 0, mode: 0o644 },
    ]);
  });

  it('reads one file, or several, each once and in order', async () => {
    await put('a', '1');
    await put('b/c', '2');
    await put('d', '3');
    const tree = await openFolder(root);
    expect((await tree.read('b/c')).toString()).toBe('2');
    const seen: string[] = [];
    await tree.readMany(['d', 'a', 'd'], (path, content) => void seen.push(`${path}=${content.toString()}`));
    expect(seen).toEqual(['a=1', 'd=3']);
  });

  it('lets the error of a visitor pass as it is', async () => {
    await put('a');
    const tree = await openFolder(root);
    await expect(tree.readMany(['a'], () => Promise.reject(new RangeError('mine')))).rejects.toThrow(
      RangeError,
    );
  });

  it('says which path it does not have', async () => {
    await put('a');
    const tree = await openFolder(root);
    const expected = { code: 'file-missing', message: `${root}: it has no file "a/b".` };
    expect(await refusal(tree.read('a/b'))).toEqual(expected);
    expect(await refusal(tree.readMany(['a', 'a/b'], () => expect.fail('nothing to visit')))).toEqual(
      expected,
    );
  });

  it('says which file has gone since it was opened', async () => {
    await put('a');
    const tree = await openFolder(root);
    await rm(join(root, 'a'));
    expect((await refusal(tree.read('a'))).message).toMatch(/: "a" cannot be read: ENOENT: no such file/);
  });

  it('takes links for what they lead to: files, folders, links, and links within linked folders', async () => {
    await put('releases/1/dummy.boot', 'boot', 0o755);
    await link('releases/1/start.boot', 'dummy.boot');
    await link('releases/1/other.boot', 'start.boot');
    await put('lib/a-1/ebin/a.beam', 'a');
    await link('lib/a', 'a-1');
    await link('lib/a-1/boot', '../../releases/1');
    await link('absolute', join(root, 'lib/a-1/ebin'));
    const tree = await openFolder(root);
    expect(tree.files.map((file) => file.path)).toEqual([
      'absolute/a.beam',
      'lib/a-1/boot/dummy.boot',
      'lib/a-1/boot/other.boot',
      'lib/a-1/boot/start.boot',
      'lib/a-1/ebin/a.beam',
      'lib/a/boot/dummy.boot',
      'lib/a/boot/other.boot',
      'lib/a/boot/start.boot',
      'lib/a/ebin/a.beam',
      'releases/1/dummy.boot',
      'releases/1/other.boot',
      'releases/1/start.boot',
    ]);
    expect(tree.files.find((file) => file.path === 'lib/a/boot/other.boot')).toEqual({
      path: 'lib/a/boot/other.boot',
      size: 4,
      mode: 0o755,
    });
    expect((await tree.read('lib/a/boot/other.boot')).toString()).toBe('boot');
  });

  it('refuses a link that leaves the folder, by either kind of target, naming both', async () => {
    await put('lib/x');
    await link('lib/out', '../../elsewhere');
    await mkdir(join(dirname(root), 'elsewhere'), { recursive: true });
    expect(await refusal(openFolder(root))).toEqual({
      code: 'tree-link',
      message: `${root}: the link "lib/out" leads to "../../elsewhere", which is outside. A release must stand on its own: build it with copies in place of links (relx: {mode, prod}).`,
    });
    await rm(join(root, 'lib/out'));
    await link('lib/out', '/etc');
    expect((await refusal(openFolder(root))).message).toContain(
      'the link "lib/out" leads to "/etc", which is outside',
    );
  });

  it('refuses a release for development by its name, whatever link is met first', async () => {
    await link('bin', '/nowhere/else');
    await link('lib/shop-0.1', '/nowhere/build/lib/shop');
    await link('lib/kernel-8.5', '/nowhere/otp/lib/kernel-8.5');
    expect(await refusal(openFolder(root))).toEqual({
      code: 'development-release',
      message: `${root}: this is a release for development, as {mode, dev} of relx makes it: lib/kernel-8.5 is a link to "/nowhere/otp/lib/kernel-8.5", and what lies behind such links changes with every build. Give the release that was deployed, or build one for production: the target generate makes one in any mode, rebar3 with {mode, prod}.`,
    });
  });

  it('does not take a sibling with the same beginning for its inside', async () => {
    await mkdir(`${root}-sibling`);
    await link('out', `${root}-sibling`);
    expect((await refusal(openFolder(root))).message).toContain('which is outside');
    await rm(`${root}-sibling`, { recursive: true });
  });

  it('refuses a link that leads nowhere', async () => {
    await put('x');
    await link('a', 'nowhere');
    expect((await refusal(openFolder(root))).message).toContain(
      'the link "a" leads to "nowhere", which does not exist',
    );
    await rm(join(root, 'a'));
    await link('a', 'x/y');
    expect((await refusal(openFolder(root))).message).toContain(
      'the link "a" leads to "x/y", which does not exist',
    );
  });

  it.each([
    ['itself', [['a', 'a']]],
    [
      'each other',
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
    ],
  ] as const)('refuses links that lead to %s', async (_, links) => {
    for (const [path, target] of links) await link(path, target);
    expect((await refusal(openFolder(root))).message).toContain('and so in a circle');
  });

  it.each([
    ['the folder it lies in', [['lib/self', '.']]],
    ['the root', [['lib/a/up', '../..']]],
    [
      'a folder that leads back',
      [
        ['a/x', '../b'],
        ['b/y', '../a'],
      ],
    ],
  ] as const)('refuses a link to %s', async (_, links) => {
    await put('lib/file');
    for (const [path, target] of links) await link(path, target);
    expect((await refusal(openFolder(root))).message).toContain('leads to a folder that it lies in');
  });

  it('refuses links that multiply each other without end, even when there is no file in them', async () => {
    for (let level = 0; level < 40; level++) {
      await link(`d${level}/left`, `../d${level + 1}`);
      await link(`d${level}/right`, `../d${level + 1}`);
    }
    await mkdir(join(root, 'd40'));
    expect((await refusal(openFolder(root))).code).toBe('tree-too-large');
  });

  it('leaves out sockets, also behind a link', async () => {
    await put('a');
    const server = await new Promise<Server>((resolve) => {
      const listening: Server = createServer().listen(join(root, 'socket'), () => resolve(listening));
    });
    await link('to-socket', 'socket');
    expect(await paths()).toEqual(['a']);
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(['a\nb', 'd\nd/e'])('refuses the name %j, which erl_tar could not unpack', async (name) => {
    await put(name);
    expect((await refusal(openFolder(root))).message).toMatch(/the file name "\w\\n\w" has a line feed/);
  });

  it('refuses a name that is not UTF-8', async () => {
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xe9])]), '');
    expect((await refusal(openFolder(root))).message).toContain('is not UTF-8');
  });

  it('refuses to hold a file that no buffer holds', async () => {
    await put('big');
    await truncate(join(root, 'big'), 2 ** 31);
    const tree = await openFolder(root);
    expect(await refusal(tree.read('big'))).toEqual({
      code: 'file-too-large',
      message: `${root}: "big" has 2147483648 bytes; a file that is read into memory may have 2147483647 at most.`,
    });
  });

  it('looks only at the top-level entries asked for, and follows their links to others', async () => {
    await put('lib/a');
    await put('releases/1/r');
    await put('log/huge');
    await link('log/out', '/');
    await put('shared/s');
    await link('lib/shared', '../shared');
    await put('start');
    const tree = await openFolder(root, { topLevel: ['releases', 'lib', 'start', 'missing'] });
    expect(tree.files.map((file) => file.path)).toEqual(['lib/a', 'lib/shared/s', 'releases/1/r', 'start']);
  });

  it('opens a folder by a link to it', async () => {
    await put('real/a');
    await link('current', 'real');
    expect((await openFolder(join(root, 'current'))).files.map((file) => file.path)).toEqual(['a']);
  });
});
