import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { zipBytes } from '../../test/archives/zip-bytes';
import { appFile, bootFile, buildRelease, type ReleaseFields } from '../../test/releases/build-release';
import { diffReleases } from '../diff';
import { readRelease, type Release } from '../release';
import { findFilesInTheWay } from './files-in-the-way';
import { packageContents } from './package-contents';
import { packageEntries } from './package-entries';
import type { TarballEntry } from './tarball';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp package ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const dummy = (version: string) => ({
  name: 'dummy',
  version,
  files: { 'ebin/dummy.appup': 'of the build', 'priv/data ü': version },
});

async function release(version: string, fields: Partial<ReleaseFields> = {}): Promise<Release> {
  const root = join(folder, `release ${++count}`);
  return readRelease(await buildRelease(root, { version, applications: [dummy(version)], ...fields }));
}

async function entriesOf(next: Release, previous: readonly Release[], full = false): Promise<TarballEntry[]> {
  const differences = [];
  for (const base of previous) differences.push(await diffReleases(base, next));
  return packageEntries({
    next,
    previous,
    contents: packageContents(next, differences, full),
    packageName: 'dummy_0.2',
    relup: 'the relup',
    appups: new Map([['dummy', 'the appup']]),
    manifest: 'the manifest',
  });
}

async function paths(...args: Parameters<typeof entriesOf>): Promise<string[]> {
  return (await entriesOf(...args)).map(({ path }) => path).sort();
}

async function textOf(entries: readonly TarballEntry[], path: string): Promise<string | undefined> {
  const content = entries.find((entry) => entry.path === path)?.content;
  return content && (Buffer.isBuffer(content) ? content : await buffer(content())).toString();
}

const always = [
  'lib/dummy-0.2/ebin/dummy.app',
  'lib/dummy-0.2/ebin/dummy.appup',
  'lib/dummy-0.2/priv/data ü',
  'releases/0.1/start.boot',
  'releases/0.2/dummy.boot',
  'releases/0.2/dummy.rel',
  'releases/0.2/relup',
  'releases/0.2/start.boot',
  'releases/0.2/sys.config',
  'releases/0.2/upgrade.json',
  'releases/dummy_0.2.rel',
];

describe('the files of a package', () => {
  it('are the changed application, the folder of the version and what release_handler asks for', async () => {
    expect(await paths(await release('0.2'), [await release('0.1')])).toEqual(always);
  });

  it('are all applications where the package is to be full, and still no emulator that the base has', async () => {
    const standard = ['kernel', 'sasl', 'stdlib'].map((name) => `lib/${name}-1/ebin/${name}.app`);
    expect(await paths(await release('0.2'), [await release('0.1')], true)).toEqual(
      [...always, ...standard].sort(),
    );
  });

  it('hold the emulator where it is another one', async () => {
    const next = await release('0.2', { erts: '14.0' });
    const entries = await entriesOf(next, [await release('0.1')]);
    expect(entries.map(({ path }) => path).sort()).toEqual([...always, 'erts-14.0/bin/erl'].sort());
    expect(entries.find(({ path }) => path === 'erts-14.0/bin/erl')?.mode).toBe(0o755);
  });

  it('hold the made relup, manifest and appup in the place of those that are there', async () => {
    const next = await release('0.2', {
      files: { 'releases/0.2/relup': 'old', 'releases/0.2/upgrade.json': 'old' },
    });
    const entries = await entriesOf(next, [await release('0.1')]);
    expect(await textOf(entries, 'releases/0.2/relup')).toBe('the relup');
    expect(await textOf(entries, 'releases/0.2/upgrade.json')).toBe('the manifest');
    expect(await textOf(entries, 'lib/dummy-0.2/ebin/dummy.appup')).toBe('the appup');
    expect(await textOf(entries, 'releases/dummy_0.2.rel')).toBe(
      await readFile(join(next.path, 'releases/0.2/dummy.rel'), 'utf8'),
    );
    expect(entries.map(({ path }) => path).sort()).toEqual(always);
  });

  it('hold nothing of an installation, and no package in the package', async () => {
    const files = {
      'releases/COOKIE': 'secret',
      'releases/0.2/COOKIE': 'secret',
      'releases/0.2/dummy.tar.gz': 'a package',
      'releases/0.2/env.sh': 'of mix',
      'releases/0.0/sys.config': 'of another version',
      'log/erlang.log.1': 'of the node',
      'erl_crash.dump': 'of the node',
    };
    expect(await paths(await release('0.2', { files }), [await release('0.1')])).toEqual(
      [...always, 'releases/0.2/env.sh'].sort(),
    );
  });

  it('hold start.boot of each base that lacks it, and only of those', async () => {
    const lacking = await release('0.1');
    const having = await release('0.1.5', { files: { 'releases/0.1.5/start.boot': bootFile('0.1.5', []) } });
    const entries = await entriesOf(await release('0.2'), [lacking, having]);
    expect(entries.map(({ path }) => path).sort()).toEqual(always);
    expect(entries.find(({ path }) => path === 'releases/0.1/start.boot')?.content).toEqual(
      bootFile('0.1', ['kernel-1', 'stdlib-1', 'sasl-1', 'dummy-0.1']),
    );
  });

  it('hold an application that one of two bases lacks, or has in an archive or a folder without a version', async () => {
    const other = { name: 'other', version: '1' };
    const next = await release('0.2', { applications: [dummy('0.2'), other] });
    const holdsOther = async (...bases: Release[]): Promise<boolean> =>
      (await paths(next, bases)).includes('lib/other-1/ebin/other.app');
    const having = await release('0.1', { applications: [dummy('0.1'), other] });
    expect(await holdsOther(having)).toBe(false);
    expect(await holdsOther(having, await release('0.1.5'))).toBe(true);
    expect(await holdsOther(await release('0.1', { applications: [{ ...other, folder: 'other' }] }))).toBe(
      true,
    );
    const archived = await release('0.1', {
      applications: [other],
      files: {
        'lib/other-1/ebin/other.app': undefined,
        'lib/other-1.ez': zipBytes([{ name: 'other-1/ebin/other.app', content: appFile(other) }]),
      },
    });
    expect(await holdsOther(archived)).toBe(true);
  });

  it('hold an archived application as a folder, and as it is only where the boot script names the archive', async () => {
    const inPackage = async (bootedFolder: string): Promise<string[]> => {
      const next = await release('0.2', {
        applications: [{ name: 'dummy', version: '0.2' }],
        files: {
          'lib/dummy-0.2/ebin/dummy.app': undefined,
          'lib/dummy-0.2.ez': zipBytes([
            { name: 'dummy-0.2/ebin/dummy.app', content: appFile({ name: 'dummy', version: '0.2' }) },
          ]),
          'releases/0.2/dummy.boot': bootFile('0.2', ['kernel-1', bootedFolder]),
        },
      });
      return (await paths(next, [await release('0.1')])).filter((path) => path.startsWith('lib/'));
    };
    const folder = ['lib/dummy-0.2/ebin/dummy.app', 'lib/dummy-0.2/ebin/dummy.appup'];
    expect(await inPackage('dummy-0.2')).toEqual(folder);
    expect(await inPackage('dummy-0.2.ez/dummy-0.2')).toEqual(['lib/dummy-0.2.ez', ...folder]);
  });

  it('hold the start script of the version and a second .rel where the release is one of relx', async () => {
    const relx = (version: string) => ({
      [`bin/dummy-${version}`]: `boots ${version}`,
      'bin/install_upgrade.escript': '',
    });
    const next = await release('0.2', { files: relx('0.2') });
    const entries = await entriesOf(next, [await release('0.1', { files: relx('0.1') })]);
    expect(entries.map(({ path }) => path).sort()).toEqual(
      [...always, 'bin/dummy-0.2', 'releases/0.2/dummy_0.2.rel'].sort(),
    );
    expect(entries.find(({ path }) => path === 'bin/dummy-0.2')?.mode).toBe(0o755);
  });

  it('hold the old version of an application as a folder where the base has it in an archive and records a folder', async () => {
    const old = { name: 'dummy', version: '0.1' };
    const archived = (recorded: string) =>
      release('0.1', {
        applications: [old],
        files: {
          'lib/dummy-0.1/ebin/dummy.app': undefined,
          'lib/dummy-0.1.ez': zipBytes([
            { name: 'dummy-0.1/ebin/dummy.app', content: appFile(old) },
            { name: 'dummy-0.1/priv/data', content: 'x' },
          ]),
          'releases/RELEASES': `[{release, "dummy", "0.1", "13.1", [{kernel, "1", "lib/kernel-1"}, {dummy, "0.1", "${recorded}"}], permanent}].`,
        },
      });
    const oldPaths = async (recorded: string): Promise<string[]> =>
      (await paths(await release('0.2'), [await archived(recorded)])).filter((path) =>
        path.startsWith('lib/dummy-0.1'),
      );
    expect(await oldPaths('./lib/dummy-0.1')).toEqual([
      'lib/dummy-0.1/ebin/dummy.app',
      'lib/dummy-0.1/priv/data',
    ]);
    expect(await oldPaths('lib/dummy-0.1.ez/dummy-0.1')).toEqual([]);
  });
});

describe('no package is made', () => {
  const refused = async (fields: Partial<ReleaseFields>, base: Partial<ReleaseFields> = {}) =>
    refusal(entriesOf(await release('0.2', fields), [await release('0.1', base)]));

  it.each<[string, string, Partial<ReleaseFields>, Partial<ReleaseFields>?]>([
    [
      'boot-file-missing',
      'neither start.boot nor dummy.boot is in releases/0.2',
      { files: { 'releases/0.2/dummy.boot': undefined, 'releases/0.2/dummy.script': undefined } },
    ],
    [
      'boot-file-missing',
      'neither start.boot nor dummy.boot is in releases/0.1',
      {},
      { files: { 'releases/0.1/dummy.boot': undefined, 'releases/0.1/dummy.script': undefined } },
    ],
    [
      'boot-file',
      'it boots version 0.1, and the release is 0.2.',
      { files: { 'releases/0.2/start.boot': bootFile('0.1', []) } },
    ],
    [
      'erts-missing',
      'a previous release runs another emulator than erts-14.0',
      { erts: '14.0', files: { 'erts-14.0/bin/erl': undefined } },
    ],
    [
      'boot-path-missing',
      'looks for code in lib/nowhere-1/ebin, which neither the package nor',
      { files: { 'releases/0.2/start.boot': bootFile('0.2', ['kernel-1', 'nowhere-1']) } },
    ],
    [
      'boot-path-missing',
      'looks for code in lib/dummy/ebin, which neither the package nor',
      { applications: [{ name: 'dummy', version: '0.2', folder: 'dummy' }] },
    ],
  ])('%s: %s', async (code, message, next, base) => {
    const { code: found, message: text } = await refused(next, base);
    expect(found).toBe(code);
    expect(text).toContain(message);
  });

  it('of a boot file that is damaged', async () => {
    const { message } = await refused({
      files: { 'releases/0.2/start.boot': bootFile('0.2', []).subarray(0, 20) },
    });
    expect(message).toContain('/releases/0.2/start.boot: ');
  });
});

it('a boot script as text becomes the boot file where there is no other', async () => {
  const script =
    '{script, {"dummy", "0.2"}, [{path, ["$RELEASE_LIB/kernel-1/ebin", "$RELEASE_LIB/../releases/0.2", "/usr/lib/elixir"]}]}.';
  const next = await release('0.2', {
    files: { 'releases/0.2/dummy.boot': undefined, 'releases/0.2/dummy.script': script },
  });
  const entries = await entriesOf(next, [await release('0.1')]);
  const boot = entries.find(({ path }) => path === 'releases/0.2/start.boot')?.content;
  expect(Buffer.isBuffer(boot) && boot.subarray(0, 2)).toEqual(Buffer.from([131, 104]));
});

describe('what an earlier try has left in a base', () => {
  const inTheWay = async (files: ReleaseFields['files'], next?: Release) => {
    const target = next ?? (await release('0.2'));
    const base = await release('0.1', files === undefined ? {} : { files });
    const found = await findFilesInTheWay(target, [base], await entriesOf(target, [base]));
    return found.map(({ folder, paths }) => [folder, ...paths]);
  };

  it('is in the way where its content differs from that of the package', async () => {
    expect(
      await inTheWay({
        'lib/dummy-0.2/ebin/dummy.app': appFile({ name: 'dummy', version: '0.2', listed: ['old'] }),
        'lib/dummy-0.2/priv/data ü': '0.9',
        'releases/0.2/relup': 'another relup',
      }),
    ).toEqual([
      ['lib/dummy-0.2', 'lib/dummy-0.2/ebin/dummy.app', 'lib/dummy-0.2/priv/data ü'],
      ['releases/0.2', 'releases/0.2/relup'],
    ]);
    expect(await inTheWay({ 'lib/dummy-0.2': 'a file' })).toEqual([['lib/dummy-0.2', 'lib/dummy-0.2']]);
    expect(await inTheWay({ 'erts-14.0/bin/erl': 'other' }, await release('0.2', { erts: '14.0' }))).toEqual([
      ['erts-14.0', 'erts-14.0/bin/erl'],
    ]);
  });

  it('is not in the way where it is the same, or read by nobody, or replaced', async () => {
    expect(
      await inTheWay({
        'lib/dummy-0.2/ebin/dummy.app': appFile({ name: 'dummy', version: '0.2' }),
        'lib/dummy-0.2/ebin/dummy.appup': 'another appup',
        'lib/dummy-0.2/priv/data ü': '0.2',
        'lib/dummy-0.2/ebin/only_here.beam': 'more',
        'releases/0.2/relup': 'the relup',
        'releases/dummy_0.2.rel': 'another',
      }),
    ).toEqual([]);
    expect(await inTheWay({})).toEqual([]);
  });
});
