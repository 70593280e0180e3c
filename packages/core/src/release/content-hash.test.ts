import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { belongsToRelease, contentHash, releaseContentHash } from './content-hash';
import type { FileTree } from './file-tree';
import { rememberedHashes } from './remembered-hashes';
import { readFiles, subTree } from './sub-tree';

function tree(files: Readonly<Record<string, string>>, modes: Readonly<Record<string, number>> = {}) {
  const passes: string[][] = [];
  const readMany: FileTree['readMany'] = async (paths, visit) => {
    const asked = [...paths];
    passes.push(asked);
    for (const path of asked) await visit(path, Buffer.from(files[path] ?? ''));
  };
  const value: FileTree = {
    kind: 'tarball',
    origin: 'x.tar.gz',
    files: Object.entries(files).map(([path, text]) => ({
      path,
      size: text.length,
      mode: modes[path] ?? 0o644,
    })),
    read: (path) => Promise.resolve(Buffer.from(files[path] ?? '')),
    readMany,
    hashes: rememberedHashes(readMany),
  };
  return { value, passes };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

it('the hash is over path, whether it is executable, and content', async () => {
  const files = { 'bin/run': 'a', 'lib/x-1/priv/ü': 'b' };
  expect(await contentHash(tree(files, { 'bin/run': 0o744 }).value)).toBe(
    sha256(`bin/run\0x\0${sha256('a')}\nlib/x-1/priv/ü\0-\0${sha256('b')}\n`),
  );
  expect(await contentHash(tree(files, { 'bin/run': 0o555, 'lib/x-1/priv/ü': 0o600 }).value)).toBe(
    await contentHash(tree(files, { 'bin/run': 0o755 }).value),
  );
});

it('the hash of a release leaves out what belongs to the installation', async () => {
  const release = { 'lib/x-1/ebin/x.app': 'x', 'releases/0.1/dummy.rel': 'y' };
  const junk = {
    'log/erlang.log': '',
    'releases/COOKIE': '',
    'releases/dummy_0.2.tar.gz': '',
    'releases/0.2/dummy.tar.gz': '',
    'Mnesia/schema.DAT': '',
    'erl_crash.dump': '',
    lib: '',
  };
  expect(await releaseContentHash(tree({ ...release, ...junk }).value)).toBe(
    await contentHash(tree(release).value),
  );
  expect(
    ['lib/x-1/priv/data.tar.gz', 'erts-13.1/bin/erl', 'bin/dummy', 'releases/RELEASES'].filter(
      belongsToRelease,
    ),
  ).toHaveLength(4);
});

it('a folder of a tree is a tree, and several are read in one pass', async () => {
  const { value, passes } = tree({ 'lib/a/x': '1', 'lib/ab/x': '2', 'lib/b/x': '3' });
  const [a, b] = [subTree(value, 'lib/a'), subTree(value, 'lib/b')];
  expect(a.files.map(({ path }) => path)).toEqual(['x']);
  expect(a.origin).toBe('x.tar.gz/lib/a');
  expect((await a.read('x')).toString()).toBe('1');
  const seen: string[] = [];
  await readFiles(
    [
      { tree: a, path: 'x' },
      { tree: b, path: 'x' },
    ],
    (file, content) => {
      seen.push(`${file.tree.origin} ${content.toString()}`);
    },
  );
  expect(seen).toEqual(['x.tar.gz/lib/a 1', 'x.tar.gz/lib/b 3']);
  expect(passes).toEqual([['lib/a/x', 'lib/b/x']]);
});
