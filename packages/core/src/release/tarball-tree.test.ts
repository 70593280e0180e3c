import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runErlang } from '../../test/archives/erlang';
import { refusal } from '../../test/archives/refusal';
import { paxRecord, tarBytes, type TarMemberFields } from '../../test/archives/tar-bytes';
import type { FileTree } from './file-tree';
import { openTree } from './open-tree';

const LONG_FOLDER = `lib/${'long-folder-name-'.repeat(5)}/${'another-one-'.repeat(5)}`;
const LONG_NAME = `${'x'.repeat(120)}.beam`;

/** Everything that v7 can say: names of up to 99 bytes. */
const SHORT_FILES: Record<string, string> = {
  'bin/dummy': '#!/bin/sh\n',
  'lib/dummy-0.1/ebin/dummy.app': '{application, dummy, []}.\n',
  'lib/dummy-0.1/ebin/dummy.beam': 'B'.repeat(100_000),
  'lib/dummy-0.1/priv/empty': '',
  'releases/0.1/dummy.boot': 'boot',
};
const LONG_FILES: Record<string, string> = {
  [`${LONG_FOLDER}/short`]: 'one',
  [`${LONG_FOLDER}/${LONG_NAME}`]: 'two',
  [`lib/${'ü'.repeat(110)}`]: 'three',
  'lib/ünïcode 日本': 'four',
};

describe('openTree of a tarball', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tarball-tree-'));
    for (const [folder, files] of [
      ['short', SHORT_FILES],
      ['long', { ...SHORT_FILES, ...LONG_FILES }],
    ] as const) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(root, folder, path)), { recursive: true });
        await writeFile(join(root, folder, path), content);
      }
      await chmod(join(root, folder, 'bin/dummy'), 0o755);
    }
    const out = await runErlang(
      `[Root] = Args,
       ok = file:set_cwd(filename:join(Root, "long")),
       Paths = filelib:wildcard("**/*"),
       Files = [F || F <- Paths, filelib:is_regular(F)],
       ok = erl_tar:create("../erl-files.tar.gz", Files, [compressed]),
       ok = erl_tar:create("../erl-folders.tar.gz", ["bin", "lib", "releases"], [compressed]),
       ok = erl_tar:create("../erl-plain.tar", Files, []),
       io:format("~p", [length(Files)])`,
      [root],
    );
    expect(out).toBe('9');
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  function tar(...args: string[]): void {
    execFileSync('tar', args, { cwd: root, env: { ...process.env, LC_ALL: 'C.UTF-8' } });
  }
  async function contents(tree: FileTree): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    await tree.readMany(
      tree.files.map((file) => file.path),
      (path, content) => void (found[path] = content.toString()),
    );
    return found;
  }
  async function opened(name: string, bytes: Buffer): Promise<FileTree> {
    await writeFile(join(root, name), bytes);
    return openTree(join(root, name));
  }
  const openMembers = (members: readonly TarMemberFields[]) =>
    opened('made.tar.gz', gzipSync(tarBytes(members)));

  describe('reads what others write', () => {
    it.each([
      ['gnu', 'long', ['.'], 'z'],
      ['gnu', 'long', ['bin', 'lib', 'releases'], 'z'],
      ['pax', 'long', ['.'], 'z'],
      ['posix', 'long', ['bin', 'lib', 'releases'], ''],
      ['oldgnu', 'long', ['.'], ''],
      ['ustar', 'short', ['.'], 'z'],
      ['v7', 'short', ['bin', 'lib', 'releases'], 'z'],
      ['v7', 'short', ['./bin', './lib', './releases'], ''],
    ])("tar's format %s of the folder %s as %j, flags %j", async (format, folder, names, flags) => {
      const file = `${format}-${folder}-${names.length}.${flags === '' ? 'tar' : 'tgz'}`;
      tar(`-c${flags}f`, file, `--format=${format}`, '-C', folder, ...names);
      const tree = await openTree(join(root, file));
      const expected: Record<string, string> =
        folder === 'long' ? { ...SHORT_FILES, ...LONG_FILES } : SHORT_FILES;
      expect(tree.kind).toBe('tarball');
      expect(tree.files.map((entry) => entry.path)).toEqual(Object.keys(expected).sort());
      expect(await contents(tree)).toEqual(expected);
      expect(tree.files[0]).toEqual({ path: 'bin/dummy', size: 10, mode: 0o755 });
    });

    it.each(['erl-files.tar.gz', 'erl-folders.tar.gz', 'erl-plain.tar'])('erl_tar: %s', async (file) => {
      const expected = { ...SHORT_FILES, ...LONG_FILES };
      const tree = await openTree(join(root, file));
      expect(tree.files.map((entry) => entry.path)).toEqual(Object.keys(expected).sort());
      expect(await contents(tree)).toEqual(expected);
      expect(tree.files[0]).toEqual({ path: 'bin/dummy', size: 10, mode: 0o755 });
    });

    it('as the folder that was packed, links included', async () => {
      const folder = join(root, 'linked');
      await mkdir(join(folder, 'lib/a-1'), { recursive: true });
      await mkdir(join(folder, 'releases/1'), { recursive: true });
      await writeFile(join(folder, 'lib/a-1/a'), 'content of a');
      await writeFile(join(folder, 'releases/1/dummy.boot'), 'boot');
      await symlink('dummy.boot', join(folder, 'releases/1/start.boot'));
      await symlink('../../lib/a', join(folder, 'releases/1/a'));
      await symlink('./a-1', join(folder, 'lib/a'));
      await symlink('a/../a-1/a', join(folder, 'lib/direct'));
      await link(join(folder, 'lib/a-1/a'), join(folder, 'lib/a-1/hard'));
      for (const format of ['gnu', 'pax', 'ustar', 'v7']) {
        tar('-czf', 'linked.tgz', `--format=${format}`, '-C', folder, '.');
        const tree = await openTree(join(root, 'linked.tgz'));
        const asFolder = await openTree(folder);
        expect(tree.files).toEqual(asFolder.files);
        expect(await contents(tree)).toEqual(await contents(asFolder));
        expect(tree.files.map((file) => file.path)).toContain('releases/1/a/hard');
      }
    });

    it('a global pax header and a pax header before a folder, as git and others write them', async () => {
      const tree = await openMembers([
        { name: 'pax_global_header', type: 'g', content: paxRecord('comment', '0123') },
        { name: 'PaxHeader', type: 'x', content: paxRecord('mtime', '1.5') },
        { name: 'lib/', type: '5' },
        { name: 'PaxHeader', type: 'x', content: paxRecord('path', 'lib/é') },
        { name: 'lib/_', content: 'x' },
      ]);
      expect(await contents(tree)).toEqual({ 'lib/é': 'x' });
    });

    it('repeated folders, doubled slashes and dots in names', async () => {
      const tree = await openMembers([
        { name: './', type: '5' },
        { name: './lib/', type: '5' },
        { name: 'lib', type: '5' },
        { name: './/lib//./a', content: 'a' },
      ]);
      expect(await contents(tree)).toEqual({ 'lib/a': 'a' });
    });

    it('an archive without files', async () => {
      expect((await openMembers([])).files).toEqual([]);
    });
  });

  describe('reads', () => {
    it('several files in the order in which they are stored, each once, links with their targets', async () => {
      const tree = await openMembers([
        { name: 'z', content: '1' },
        { name: 'link', type: '2', target: 'm' },
        { name: 'a', content: '2' },
        { name: 'm', content: '3' },
      ]);
      const seen: string[] = [];
      await tree.readMany(
        ['a', 'z', 'link', 'm', 'a'],
        (path, content) => void seen.push(`${path}=${content.toString()}`),
      );
      expect(seen).toEqual(['z=1', 'a=2', 'link=3', 'm=3']);
    });

    it('one file, whose content is its own', async () => {
      const tree = await openMembers([
        { name: 'a', content: 'aaa' },
        { name: 'b', content: 'bbb' },
      ]);
      const [a, b] = await Promise.all([tree.read('a'), tree.read('b')]);
      a.fill('-');
      expect(b.toString()).toBe('bbb');
      expect((await tree.read('a')).toString()).toBe('aaa');
    });

    it('nothing without asking: an unknown path is said before any visit', async () => {
      const tree = await openMembers([{ name: 'a', content: 'a' }]);
      const expected = { code: 'file-missing', message: `${root}/made.tar.gz: it has no file "lib/none".` };
      expect(await refusal(tree.read('lib/none'))).toEqual(expected);
      expect(await refusal(tree.readMany(['a', 'lib/none'], () => expect.fail('visited')))).toEqual(expected);
    });

    it('and lets the error of a visitor pass as it is', async () => {
      const tree = await openMembers([
        { name: 'a', content: 'a'.repeat(1e6) },
        { name: 'b', content: 'b'.repeat(1e6) },
      ]);
      await expect(tree.readMany(['a', 'b'], () => Promise.reject(new RangeError('mine')))).rejects.toThrow(
        new RangeError('mine'),
      );
    });

    it('and says so when the archive has changed since it was opened', async () => {
      const tree = await openMembers([
        { name: 'a', content: 'a' },
        { name: 'b', content: 'b' },
      ]);
      await openMembers([{ name: 'a', content: 'longer' }]);
      const changed = 'is no longer as it was when the archive was opened';
      expect((await refusal(tree.read('a'))).message).toContain(`"a" ${changed}`);
      expect((await refusal(tree.read('b'))).message).toContain(`"b" ${changed}`);
    });

    it('without leaving a file open, however it ends', async () => {
      const openFiles = async () => (await readdir('/proc/self/fd')).length;
      const big = createHash('sha256').update('x').digest('hex').repeat(50_000);
      const tree = await openMembers([
        { name: 'a', content: 'a' },
        { name: 'big', content: big },
        { name: 'c', content: big },
      ]);
      const before = await openFiles();
      for (let round = 0; round < 5; round++) {
        await tree.read('a');
        await tree.readMany(['a', 'big'], () => Promise.reject(new Error('mine'))).catch(() => undefined);
        await refusal(
          openMembers([
            { name: 'ok', content: big },
            { name: '../out', content: big },
            { name: 'c', content: big },
          ]),
        );
        await openMembers([
          { name: 'a', content: 'a' },
          { name: 'big', content: big },
          { name: 'c', content: big },
        ]);
      }
      await expect.poll(openFiles).toBeLessThanOrEqual(before);
    });
  });
});
