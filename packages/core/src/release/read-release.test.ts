import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { zipBytes } from '../../test/archives/zip-bytes';
import { appFile, bootFile, buildRelease, type ReleaseFields } from '../../test/releases/build-release';
import { openTree } from './open-tree';
import { readRelease, releaseInTree } from './read-release';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp read ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
function build(fields: Partial<ReleaseFields> = {}): Promise<string> {
  const applications = [{ name: 'dummy', version: '0.2' }];
  return buildRelease(join(folder, `release ${++count}`), { version: '0.2', applications, ...fields });
}

const relFile = (version: string, name = 'dummy'): string =>
  `{release, {"${name}", "${version}"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}, {sasl, "1"}]}.\n`;

async function libPathOf(root: string): Promise<string | undefined> {
  const { applications } = await readRelease(root);
  return applications.find(({ name }) => name === 'dummy')?.libPath;
}

describe('a release', () => {
  it('is read from a folder and from a tarball of it alike', async () => {
    const root = await build({
      applications: [
        { name: 'dummy', version: '0.2', inRel: ', load', properties: ', {mod, {dummy_app, []}}' },
      ],
    });
    const tarball = join(folder, 'dummy 0.2.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', root, 'bin', 'lib', 'releases']);
    for (const path of [root, tarball]) {
      const release = await readRelease(path);
      expect(release).toMatchObject({
        path,
        name: 'dummy',
        version: '0.2',
        ertsVersion: '13.1',
        relFile: `${path}/releases/0.2/dummy.rel`,
        versionPath: 'releases/0.2',
      });
      expect(
        release.applications.map(({ name, version, startType, libPath }) => [
          name,
          version,
          startType,
          libPath,
        ]),
      ).toEqual([
        ['kernel', '1', 'permanent', 'lib/kernel-1'],
        ['stdlib', '1', 'permanent', 'lib/stdlib-1'],
        ['sasl', '1', 'permanent', 'lib/sasl-1'],
        ['dummy', '0.2', 'load', 'lib/dummy-0.2'],
      ]);
      expect(release.applications[3]?.resource.mod?.module).toBe('dummy_app');
    }
  });

  it('includes what its .rel says, and else what the .app says', async () => {
    const properties = ', {included_applications, [one, two]}';
    const including = async (inRel: string): Promise<readonly string[] | undefined> => {
      const root = await build({ applications: [{ name: 'dummy', version: '0.2', inRel, properties }] });
      return (await readRelease(root)).applications.at(-1)?.includedApplications;
    };
    expect(await including('')).toEqual(['one', 'two']);
    expect(await including(', [two]')).toEqual(['two']);
    expect(await including(', permanent, []')).toEqual([]);
  });

  it('has the version that starts at boot, whatever else lies beside it', async () => {
    const root = await build({
      files: {
        'releases/0.1/dummy.rel': 'this is not even a term',
        'releases/0.3/dummy.rel': relFile('0.3'),
        'releases/0.2/start_clean.rel': relFile('', 'start_clean'),
      },
    });
    expect((await readRelease(root)).version).toBe('0.2');
  });

  it('is read without start_erl.data where it holds one version', async () => {
    expect(
      (await readRelease(await build({ files: { 'releases/start_erl.data': undefined } }))).version,
    ).toBe('0.2');
  });

  it('is not guessed at where it holds several', async () => {
    const root = await build({
      files: { 'releases/start_erl.data': undefined, 'releases/0.1/dummy.rel': relFile('0.1') },
    });
    expect(await refusal(readRelease(root))).toEqual({
      code: 'release-ambiguous',
      message: `${root}: it holds the versions 0.1, 0.2, and releases/start_erl.data names none of them. Write "ERTS-VSN VSN" into releases/start_erl.data to say which version is meant.`,
    });
  });

  it('is not another version than the one that starts at boot', async () => {
    const root = await build({ files: { 'releases/start_erl.data': '13.1 0.3\n' } });
    expect(await refusal(readRelease(root))).toEqual({
      code: 'release-missing',
      message: `${root}: releases/start_erl.data says that version 0.3 starts at boot, but there is no releases/0.3/NAME.rel of that version. Give the whole release, or correct the version in that file.`,
    });
  });

  it('is that of NAME.rel, where release_handler has left NAME_VSN.rel beside it', async () => {
    const root = await build({ files: { 'releases/0.2/dummy_0.2.rel': relFile('0.2') } });
    const release = await readRelease(root);
    expect(release.relFile).toBe(`${root}/releases/0.2/dummy.rel`);
    expect(release.applications).toHaveLength(4);
  });

  it('is refused where two releases share a version', async () => {
    const root = await build({ files: { 'releases/0.2/other.rel': relFile('0.2', 'other') } });
    expect((await refusal(readRelease(root))).message).toContain(
      'releases/0.2/dummy.rel and releases/0.2/other.rel are two releases of one version.',
    );
  });
});

describe('an application of a release', () => {
  it('may lie in a folder without a version', async () => {
    expect(
      await libPathOf(await build({ applications: [{ name: 'dummy', version: '0.2', folder: 'dummy' }] })),
    ).toBe('lib/dummy');
  });

  it('is the one in the folder with its version, where two hold it', async () => {
    const root = await build({
      files: { 'lib/dummy/ebin/dummy.app': appFile({ name: 'dummy', version: '0.2' }) },
    });
    expect(await libPathOf(root)).toBe('lib/dummy-0.2');
  });

  it('is the one whose .app is of its version, where the folder says otherwise', async () => {
    const root = await build({
      files: {
        'lib/dummy-0.2/ebin/dummy.app': appFile({ name: 'dummy', version: '0.3' }),
        'lib/dummy/ebin/dummy.app': appFile({ name: 'dummy', version: '0.2' }),
      },
    });
    expect(await libPathOf(root)).toBe('lib/dummy');
  });

  it('may lie in an archive, in a folder and in a tarball', async () => {
    const app = appFile({ name: 'dummy', version: '0.2' });
    const root = await build({
      files: {
        'lib/dummy-0.2/ebin/dummy.app': undefined,
        'lib/dummy-0.2.ez': zipBytes([{ name: 'dummy-0.2/ebin/dummy.app', content: app }]),
      },
    });
    const tarball = join(folder, 'archived.tar');
    execFileSync('tar', ['-cf', tarball, '-C', root, 'lib', 'releases']);
    for (const path of [root, tarball]) {
      const dummy = (await readRelease(path)).applications.at(-1);
      expect(dummy?.libPath).toBe('lib/dummy-0.2.ez');
      expect(dummy?.tree.files.map((file) => file.path)).toEqual(['ebin/dummy.app']);
      expect((await dummy?.tree.read('ebin/dummy.app'))?.toString()).toBe(app);
    }
  });

  it('is said to be missing with all others that are, and with what lies in its place', async () => {
    const root = await build({
      files: {
        'lib/sasl-1/ebin/sasl.app': undefined,
        'lib/dummy-0.2/ebin/dummy.app': appFile({ name: 'dummy', version: '0.3' }),
      },
    });
    expect(await refusal(readRelease(root))).toEqual({
      code: 'application-missing',
      message:
        `${root}/releases/0.2/dummy.rel: the release dummy 0.2 names applications that are not there: ` +
        'lib/sasl-1, lib/dummy-0.2 (the .app in lib/dummy-0.2 is of dummy 0.3). ' +
        'Give the whole release (the folder or tarball that was first installed), not an upgrade package that leaves out what has not changed.',
    });
  });

  it.each<[string, Record<string, string | undefined>, string]>([
    ['a release with its emulator', {}, 'application-missing'],
    ['a release without', { 'erts-13.1/bin/erl': undefined }, 'release-without-erlang'],
    [
      'an upgrade package',
      { 'erts-13.1/bin/erl': undefined, 'releases/0.2/relup': '' },
      'application-missing',
    ],
  ])('that is of OTP is missing in %s', async (_, files, code) => {
    const root = await build({ files: { 'lib/kernel-1/ebin/kernel.app': undefined, ...files } });
    expect((await refusal(readRelease(root))).code).toBe(code);
  });

  it('is read in one pass with all others, after one for the .rel', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `app${index}`, version: '1' }));
    const root = await build({ applications: many });
    const tree = await openTree(root);
    const passes: number[] = [];
    await releaseInTree(
      {
        ...tree,
        read: () => Promise.reject(new Error('one file for itself')),
        readMany: (paths, visit) => {
          const asked = [...paths];
          passes.push(asked.length);
          return tree.readMany(asked, visit);
        },
      },
      root,
    );
    // The .rel, RELEASES and start_erl.data; then the .app files.
    expect(passes).toEqual([3, 53]);
  });
});

describe('what cannot be read names the file', () => {
  it.each([
    ['releases/0.2/dummy.rel', '{release, {"dummy", "0.2"},\n {erts "13.1"}, []}.', 'term-syntax', '2:8: '],
    [
      'releases/0.2/dummy.rel',
      '{release, {"dummy", "0.2"},\n {emulator, "13.1"}, []}.',
      'rel-file',
      '2:2: the third element must be {erts, "ERTS-VSN"}.',
    ],
    [
      'releases/0.2/dummy.rel',
      '{release, dummy, {erts, "13.1"}, []}.',
      'rel-file',
      '1:11: the second element must be the name and the version of the release',
    ],
    [
      'releases/0.2/dummy.rel',
      '{release, {"dummy", "0.2"}, {erts, "13.1"},\n [{kernel, "1"},\n  {kernel, "1"}]}.',
      'rel-file',
      '3:3: the application kernel stands in it twice.',
    ],
    [
      'releases/0.2/dummy.rel',
      '{release, {"dummy", "0.2"}, {erts, "13.1"},\n [{kernel, "1", always}]}.',
      'rel-file',
      '2:3: an application must be {Name, "Vsn"}',
    ],
    ['releases/0.2/dummy.rel', '', 'rel-file', ' this is not a release resource file.'],
    ['lib/dummy-0.2/ebin/dummy.app', '{application, dummy,\n [{vsn, "0.2"}', 'term-syntax', '2:'],
    [
      'lib/dummy-0.2/ebin/dummy.app',
      '{application, dummy,\n [{vsn, "0.2"}, {description, ""}, {modules, ["m"]}]}.',
      'app-file',
      '2:46: modules of application dummy must be a list of atoms.',
    ],
    [
      'lib/dummy-0.2/ebin/dummy.app',
      '{application, dummy, [{vsn, "0.2"}]}.',
      'app-file',
      '1:1: application dummy has no description: it needs {description, a string}.',
    ],
    [
      'lib/dummy-0.2/ebin/dummy.app',
      '{application, dummy, [vsn]}.',
      'app-file',
      '1:23: the properties of application dummy must be a list of {Key, Value}.',
    ],
    ['lib/dummy-0.2/ebin/dummy.app', '[].', 'app-file', '1:1: this is not an application resource file'],
  ])('%s: %j', async (file, content, code, message) => {
    const root = await build({ files: { [file]: content } });
    const refused = await refusal(readRelease(root));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(`${root}/${file}:${message}`);
  });

  it('such as a tarball that is cut short', async () => {
    const root = await build();
    const tarball = join(folder, 'cut short.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', root, 'lib', 'releases']);
    await truncate(tarball, 400);
    const { code, message } = await refusal(readRelease(tarball));
    expect(code).toBe('archive-corrupt');
    expect(message.startsWith(`${tarball}: `)).toBe(true);
  });

  it('such as a folder that is none of a release, and a path with nothing there, as they were given', async () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect((await refusal(readRelease('no release'))).message).toBe(
        'no release: there is no such file or folder. Give the folder of a release, or a .tar.gz of one.',
      );
      await cp(await build(), 'moved', { recursive: true });
      await rename('moved/releases', 'moved/other');
      expect((await refusal(readRelease('moved'))).message).toBe(
        'moved: there is no release here: no releases/VSN/NAME.rel whose version is VSN. Give the root folder of a target system (it holds lib, releases and mostly erts-VSN), or a .tar.gz of one.',
      );
    } finally {
      process.chdir(before);
    }
  });

  it('such as a file that is no archive', async () => {
    const file = join(folder, 'boot');
    await writeFile(file, bootFile('0.2', []));
    expect((await refusal(readRelease(file))).code).toBe('release-unreadable');
  });
});
