import { describe, expect, it } from 'vitest';
import type { FileTree } from './file-tree';
import { readBootVersion, readInstalledReleases } from './installation';

describe('readInstalledReleases', () => {
  it('reads what release_handler writes', async () => {
    const tree = treeOf({
      'releases/RELEASES': `%% coding: utf-8
[{release,"dummy","0.2","13.1.5",
          [{kernel,"8.5.3","lib/kernel-8.5.3"},{dummy,"0.2","/srv/dummy/lib/dummy-0.2"}],
          permanent},
 {release,"dummy","0.1","13.1.5",[],old}].
`,
    });
    expect(await readInstalledReleases(tree)).toEqual([
      {
        name: 'dummy',
        version: '0.2',
        ertsVersion: '13.1.5',
        libraries: [
          { name: 'kernel', version: '8.5.3', path: 'lib/kernel-8.5.3' },
          { name: 'dummy', version: '0.2', path: '/srv/dummy/lib/dummy-0.2' },
        ],
        status: 'permanent',
      },
      { name: 'dummy', version: '0.1', ertsVersion: '13.1.5', libraries: [], status: 'old' },
    ]);
  });

  it('is undefined where there is no such file, as in what mix release makes', async () => {
    expect(await readInstalledReleases(treeOf({}))).toBeUndefined();
  });

  it.each([
    ['no list', 'ok.'],
    ['an entry of another shape', '[{release,"dummy","0.2",[],permanent}].'],
    ['an unknown status', '[{release,"dummy","0.2","13",[],broken}].'],
    ['a library of another shape', '[{release,"dummy","0.2","13",[{kernel,"8.5.3"}],old}].'],
    ['nothing', ''],
  ])('refuses %s, and names the file', async (_, text) => {
    await expect(readInstalledReleases(treeOf({ 'releases/RELEASES': text }))).rejects.toMatchObject({
      code: 'releases-file',
      file: '/srv/dummy/releases/RELEASES',
    });
  });
});

describe('readBootVersion', () => {
  it('reads the versions that start scripts read', async () => {
    expect(await readBootVersion(treeOf({ 'releases/start_erl.data': '13.1.5 0.2\n' }))).toEqual({
      ertsVersion: '13.1.5',
      version: '0.2',
    });
  });

  it('is undefined where there is none, or it says nothing', async () => {
    expect(await readBootVersion(treeOf({}))).toBeUndefined();
    expect(await readBootVersion(treeOf({ 'releases/start_erl.data': '\n' }))).toBeUndefined();
  });
});

function treeOf(files: Record<string, string>): FileTree {
  return {
    kind: 'folder',
    origin: '/srv/dummy',
    files: Object.entries(files).map(([path, text]) => ({ path, size: text.length, mode: 0o644 })),
    read: (path) => Promise.resolve(Buffer.from(files[path] ?? '')),
    readMany: () => Promise.reject(new Error('not needed here')),
  };
}
