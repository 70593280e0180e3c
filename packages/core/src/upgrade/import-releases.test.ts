import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease } from '../../test/releases/build-release';
import { importedReleases, importReleases } from './import-releases';

let folder: string;
let prod: string;
let outputPath: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp import ü-'));
  prod = await buildRelease(join(folder, 'prod'), {
    version: '0.1',
    applications: [{ name: 'dummy', version: '0.1', files: { 'priv/a b': 'ü' } }],
  });
  outputPath = join(folder, 'out', 'previous-release');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

async function importOne(path = prod) {
  const [imported] = await importReleases({ previousReleases: [path], outputPath });
  if (imported === undefined) throw new Error('nothing was imported');
  return imported;
}

describe('a previous release', () => {
  it('becomes a read-only copy in a folder that is named by its content', async () => {
    const imported = await importOne();
    expect(imported).toMatchObject({ name: 'dummy', version: '0.1', copied: true });
    expect(imported.path).toBe(join(outputPath, `dummy-0.1-${imported.contentHash.slice(0, 12)}`));
    expect(await filesIn(imported.path)).toEqual(await filesIn(prod));
    const mode = async (path: string): Promise<string> =>
      ((await stat(join(imported.path, path))).mode & 0o777).toString(8);
    expect([await mode('bin/dummy'), await mode('lib/dummy-0.1/priv/a b')]).toEqual(['555', '444']);
    expect(await readFile(join(imported.path, 'lib/dummy-0.1/priv/a b'), 'utf8')).toBe('ü');
    expect(await importedReleases(outputPath)).toEqual([imported.path]);
  });

  it('is the same from a tarball as from its folder, wherever they lie', async () => {
    const fromFolder = await importOne();
    const tarball = join(folder, 'any name.tgz');
    execFileSync('tar', ['-czf', tarball, '-C', prod, '.']);
    expect(await importOne(tarball)).toEqual({ ...fromFolder, copied: false });
  });

  it('comes without what belongs to the installation', async () => {
    const before = await importOne();
    await mkdir(join(prod, 'log'));
    await mkdir(join(prod, 'tmp'));
    const junk = [
      'log/erlang.log.1',
      'releases/COOKIE',
      'releases/dummy_0.2.tar.gz',
      'erl_crash.dump',
      'tmp/secret',
    ];
    for (const path of junk) await writeFile(join(prod, path), 'junk');
    await chmod(join(prod, 'tmp', 'secret'), 0o000);
    execFileSync('mkfifo', [join(prod, 'tmp', 'pipe'), join(prod, 'releases', 'pipe')]);
    const server = await listen(join(prod, 'bin', 'socket'));
    try {
      expect(await importOne()).toEqual({ ...before, copied: false });
    } finally {
      server.close();
    }
  });

  it('that has not changed is not copied again', async () => {
    const { path } = await importOne();
    const before = await stat(path);
    expect((await importOne()).copied).toBe(false);
    expect((await stat(path)).ino).toBe(before.ino);
  });

  it.each<[string, (copy: string) => Promise<void>]>([
    ['whose copy somebody touched', (copy) => change(join(copy, 'releases/0.1/sys.config'))],
    ['to whose copy somebody added a file', (copy) => writeFile(join(copy, 'lib', 'more'), '')],
    [
      'to whose copy somebody added a folder that leads out of it',
      (copy) => link('/etc/hostname', join(copy, 'lib', 'link')),
    ],
    ['from whose copy a file is gone', (copy) => rm(join(copy, 'releases/0.1/dummy.boot'))],
    ['beside whose copy lies a file', (copy) => writeFile(join(copy, '..', 'note.txt'), '')],
    [
      'beside whose copy lies another folder',
      (copy) => mkdir(join(copy, '..', 'dummy-0.0-0123456789ab')).then(),
    ],
  ])('%s is copied again', async (_, touch) => {
    const { path } = await importOne();
    await touch(path);
    expect(await importOne()).toMatchObject({ path, copied: true });
    expect(await readdir(outputPath)).toEqual([basename(path)]);
    expect(await filesIn(path)).toEqual(await filesIn(prod));
    expect(await readFile(join(path, 'releases/0.1/sys.config'), 'utf8')).toBe('[].\n');
    expect((await importOne()).copied).toBe(false);
  });

  it('takes the place of another one', async () => {
    await importOne();
    const other = await buildRelease(join(folder, 'other'), { version: '0.2', applications: [] });
    const { path } = await importOne(other);
    expect(await readdir(outputPath)).toEqual([basename(path)]);
  });

  it('may be one of several, of other versions', async () => {
    const other = await buildRelease(join(folder, 'other'), { version: '0.2', applications: [] });
    const imported = await importReleases({ previousReleases: [other, prod], outputPath });
    expect(imported.map(({ version }) => version)).toEqual(['0.2', '0.1']);
    expect(await importedReleases(outputPath)).toEqual(imported.map(({ path }) => path).sort());
  });
});

describe('what a killed run has left', () => {
  it('is removed, and what a living one makes stays', async () => {
    await mkdir(join(folder, 'out'));
    const dead = spawnSync('true').pid;
    const alive = `.previous-release-new-${process.pid}-0123abcd`;
    for (const name of [
      `.previous-release-new-${dead}-0123abcd`,
      `.previous-release-old-${dead}-0123abcd`,
      alive,
    ]) {
      await mkdir(join(folder, 'out', name, 'half'), { recursive: true });
    }
    await importOne();
    expect((await readdir(join(folder, 'out'))).sort()).toEqual([alive, 'previous-release']);
  });
});

describe('nothing is written, and what was there stays,', () => {
  it.each<[string, string, () => Promise<string[]>]>([
    ['where none was given', 'no-previous-release', () => Promise.resolve([])],
    ['where there is none', 'release-missing', () => Promise.resolve([join(folder, 'nowhere')])],
    [
      'where it is none',
      'release-missing',
      () => mkdir(join(folder, 'empty')).then(() => [join(folder, 'empty')]),
    ],
    ['where one of two is none', 'release-missing', () => Promise.resolve([prod, join(folder, 'nowhere')])],
    ['where two have the same version', 'same-version', () => Promise.resolve([prod, prod])],
    [
      'where it links to files outside of it',
      'tree-link',
      () => link('/etc/hostname', join(prod, 'lib', 'out')).then(() => [prod]),
    ],
    ['where it would replace the release', 'output-path', () => Promise.resolve([join(outputPath, 'dummy')])],
  ])('%s', async (_, code, make) => {
    const before = 'dummy-0.0-0123456789ab';
    await mkdir(join(outputPath, before), { recursive: true });
    expect((await refusal(importReleases({ previousReleases: await make(), outputPath }))).code).toBe(code);
    expect(await readdir(outputPath)).toEqual([before]);
    expect(await readdir(join(folder, 'out'))).toEqual(['previous-release']);
  });

  it.each(['../../../PWNED/x', 'a/b', '..', '', 'a\\\\b', 'a\\nb', 'x'.repeat(201)])(
    'where the release is called %j',
    async (name) => {
      const rel = `{release, {"${name}", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}]}.\n`;
      await writeFile(join(prod, 'releases/0.1/dummy.rel'), rel);
      expect((await refusal(importReleases({ previousReleases: [prod], outputPath }))).code).toBe('rel-file');
      expect(await readdir(folder)).toEqual(['prod']);
    },
  );

  it('where the output cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const odd = { previousReleases: [prod], outputPath: join(folder, 'file', 'below') };
    expect((await refusal(importReleases(odd))).code).toBe('output-unwritable');
  });

  it('and whoever asks for imported releases is told how to get them', async () => {
    expect((await refusal(importedReleases(outputPath))).message).toBe(
      `${outputPath}: there is no previous release here. Run the target that brings it into the workspace (executor nx-otp:previous-release) first.`,
    );
  });
});

async function change(file: string): Promise<void> {
  await chmod(file, 0o644);
  await writeFile(file, 'changed');
}

async function link(target: string, path: string): Promise<void> {
  await symlink(target, path);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(path, () => resolve(server));
  });
}
