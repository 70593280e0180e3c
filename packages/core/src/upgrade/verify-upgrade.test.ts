import { execFileSync } from 'node:child_process';
import { appendFile, cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease, type ApplicationFields, type ReleaseFields } from '../../test/releases/build-release';
import { generateUpgrade } from './generate-upgrade';
import { formatVerifiedUpgrade, verifyUpgrade } from './verify-upgrade';

let folder: string;
/** What is copied for each test: the release 0.1 as it is installed, and the folder with the package to 0.2. */
let base: string;
let made: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp verify ü-'));
  base = await installation('base', '0.1');
  made = await upgrade('made', [base], await installation('next', '0.2'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let work: string;
let installed: string;
let upgradePackage: string;
let count = 0;
beforeEach(async () => {
  work = join(folder, `work ${++count}`);
  installed = join(work, 'installed');
  upgradePackage = join(work, 'package', 'dummy_0.2.tar.gz');
  await cp(base, installed, { recursive: true });
  await cp(made, dirname(upgradePackage), { recursive: true });
});

const dummy = (version: string): ApplicationFields => ({
  name: 'dummy',
  version,
  files: { 'priv/data ü': version },
});

/** A release with the `RELEASES` that `release_handler:create_RELEASES/4` makes with relative paths. */
async function installation(
  name: string,
  version: string,
  { files, ...fields }: Partial<ReleaseFields> = {},
): Promise<string> {
  return buildRelease(join(folder, name), {
    version,
    applications: [dummy(version)],
    files: { 'releases/RELEASES': releasesFile([[version, 'permanent']]), ...files },
    ...fields,
  });
}

function releasesFile(
  releases: readonly (readonly [version: string, status: string])[],
  lib = 'lib',
  applications = ['kernel-1', 'stdlib-1', 'sasl-1'],
): string {
  const entries = releases.map(([version, status]) => {
    const libraries = [...applications, `dummy-${version}`].map((application) => {
      const [name = '', number = ''] = application.split('-');
      return `{${name}, "${number}", "${lib}/${application}"}`;
    });
    return `{release, "dummy", "${version}", "13.1", [${libraries.join(', ')}], ${status}}`;
  });
  return `[${entries.join(',\n')}].\n`;
}

async function upgrade(
  name: string,
  previousReleases: string[],
  release: string,
  full = false,
): Promise<string> {
  const outputPath = join(folder, name);
  await generateUpgrade({ previousReleases, release, outputPath, full });
  return outputPath;
}

async function put(path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(installed, path)), { recursive: true });
  await writeFile(join(installed, path), content);
}

const codes = async (release = installed): Promise<string[]> => {
  const { fits, findings } = await verifyUpgrade({ upgradePackage, release });
  expect(fits).toBe(!findings.some(({ severity }) => severity === 'error'));
  for (const { message, fix } of findings) {
    expect(message).toMatch(/\.$/);
    expect(fix).toMatch(/^[A-Z].*\.$/);
  }
  return findings.map(({ code, application, severity }) =>
    [severity === 'error' ? [] : severity, code, application ?? []].flat().join(' '),
  );
};

/** Unpacks the package, lets it be changed, and packs it again as it was packed, with its hash beside it unless kept. */
async function repack(
  change: (root: string) => Promise<void>,
  { members = ['lib', 'releases'], keepHash = false } = {},
): Promise<void> {
  const root = join(work, 'unpacked');
  await mkdir(root);
  execFileSync('tar', ['-xzf', upgradePackage, '-C', root]);
  await change(root);
  execFileSync('tar', ['-czf', upgradePackage, '-C', root, ...members]);
  if (!keepHash) await rm(join(work, 'package', 'dummy_0.2.json'));
}

describe('a package fits', () => {
  it('the installation that it was made for, and says so in one line', async () => {
    const options = { upgradePackage, release: installed };
    const verified = await verifyUpgrade(options);
    expect(verified).toEqual({
      fits: true,
      findings: [],
      base: { name: 'dummy', version: '0.1', ertsVersion: '13.1' },
      next: { name: 'dummy', version: '0.2' },
    });
    expect(formatVerifiedUpgrade(options, verified)).toBe(`${upgradePackage} fits dummy 0.1 at ${installed}`);
  });

  it('a tarball of the installation, and one that has run for a while', async () => {
    const tarball = join(work, 'installed.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', installed, '.']);
    expect(await codes(tarball)).toEqual([]);
    await put('log/erlang.log.1', 'what the node says');
    await put('releases/COOKIE', 'secret');
    await put('releases/0.1/start.boot', await readFile(join(installed, 'releases/0.1/dummy.boot')));
    await put('lib/dummy-0.1/ebin/dummy.appup', 'an appup');
    expect(await codes()).toEqual([]);
  });

  it('an installation that went up and back before', async () => {
    await put('releases/0.0/dummy.rel', '{release, {"dummy", "0.0"}, {erts, "13.1"}, []}.');
    await put(
      'releases/RELEASES',
      releasesFile([
        ['0.1', 'permanent'],
        ['0.0', 'old'],
      ]),
    );
    expect(await codes()).toEqual([]);
  });

  it('each of its bases, and no other', async () => {
    const older = await installation('older', '0.0', { applications: [] });
    await put('../older/releases/RELEASES', '');
    const bases = [base, await installation('second', '0.1.1')];
    await cp(await upgrade('two', bases, join(folder, 'next')), dirname(upgradePackage), { recursive: true });
    for (const release of bases) expect(await codes(release)).toEqual([]);
    await writeFile(join(older, 'releases/RELEASES'), '[].');
    expect(await codes(older)).toEqual(['not-a-base', 'start-boot-missing', 'release-not-recorded']);
  });

  it('when it is full, too, and then the same content still counts', async () => {
    await cp(await upgrade('full', [base], join(folder, 'next'), true), dirname(upgradePackage), {
      recursive: true,
    });
    expect(await codes()).toEqual([]);
    await put('lib/kernel-1/priv/new', 'x');
    expect(await codes()).toEqual(['base-differs kernel']);
  });
});

describe('a package does not fit an installation', () => {
  it.each<[string, string[], () => Promise<void>]>([
    [
      'of another release',
      ['other-release'],
      () =>
        put(
          'releases/0.1/dummy.rel',
          '{release, {"other", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}, {sasl, "1"}, {dummy, "0.1"}]}.',
        ),
    ],
    [
      'of the version that it leads to',
      ['not-a-base', 'already-installed'],
      async () => {
        await rm(installed, { recursive: true });
        await cp(join(folder, 'next'), installed, { recursive: true });
        await put('releases/0.2/start.boot', await readFile(join(installed, 'releases/0.2/dummy.boot')));
        // What a package that was installed has left.
        execFileSync('tar', [
          '-xzf',
          upgradePackage,
          '-C',
          installed,
          'releases/0.2/relup',
          'releases/0.2/upgrade.json',
        ]);
      },
    ],
    [
      'whose code is another build under the same version',
      ['base-differs dummy'],
      () => put('lib/dummy-0.1/priv/data ü', 'other'),
    ],
    [
      'whose application that is left out is another build',
      ['assumed-application-differs stdlib'],
      () => put('lib/stdlib-1/priv/more', 'other'),
    ],
    [
      'that lacks an application that is left out',
      ['assumed-application-missing sasl'],
      () => rm(join(installed, 'lib/sasl-1'), { recursive: true }),
    ],
    [
      'that has it in a folder without a version',
      ['assumed-application-missing sasl', 'library-path-stale sasl'],
      () => rename(join(installed, 'lib/sasl-1'), join(installed, 'lib/sasl')),
    ],
    [
      'without sasl, or with more applications than it was planned for',
      ['assumed-application-missing sasl', 'base-differs other', 'missing-sasl'],
      () =>
        put(
          'releases/0.1/dummy.rel',
          '{release, {"dummy", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}, {other, "1"}, {dummy, "0.1"}]}.',
        ),
    ],
    [
      'that runs another emulator',
      ['base-differs', 'erts-missing'],
      async () => {
        await rename(join(installed, 'erts-13.1'), join(installed, 'erts-13.2'));
        await put('releases/start_erl.data', '13.2 0.1');
      },
    ],
    [
      'that has the new version unpacked already',
      ['already-installed'],
      () =>
        put(
          'releases/RELEASES',
          releasesFile([
            ['0.1', 'permanent'],
            ['0.2', 'unpacked'],
          ]),
        ),
    ],
    [
      'that runs a version which is not permanent',
      ['not-permanent'],
      () =>
        put(
          'releases/RELEASES',
          releasesFile([
            ['0.1', 'permanent'],
            ['0.0', 'current'],
          ]),
        ),
    ],
    [
      'without RELEASES, as mix makes it',
      ['releases-file-missing'],
      () => rm(join(installed, 'releases/RELEASES')),
    ],
    [
      'with a RELEASES that does not list it',
      ['release-not-recorded'],
      () => put('releases/RELEASES', releasesFile([['0.0', 'permanent']])),
    ],
    [
      'with a RELEASES that lists it without its libraries',
      ['library-path-stale'],
      () => put('releases/RELEASES', '[{release, "dummy", "0.1", "13.1", [], permanent}].'),
    ],
    [
      'in which an earlier try has left another build',
      ['warning version-folder-left', 'file-in-the-way', 'file-in-the-way'],
      async () => {
        await put('lib/dummy-0.2/priv/data ü', 'other');
        await put('releases/0.2/relup', 'other');
      },
    ],
  ])('%s', async (_, expected, change) => {
    await change();
    expect(await codes()).toEqual(expected);
    const tarball = join(work, 'installed.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', installed, '.']);
    expect(await codes(tarball)).toEqual(expected);
  });

  it('and absolute library paths do while they lead somewhere', async () => {
    await put('releases/RELEASES', releasesFile([['0.1', 'permanent']], join(installed, 'lib')));
    expect(await codes()).toEqual([]);
  });

  it('and what an earlier try has left is only worth a look where it is the same', async () => {
    execFileSync('tar', ['-xzf', upgradePackage, '-C', installed]);
    expect(await codes()).toEqual(['warning version-folder-left']);
  });

  it('and all findings are told at once, each with what to do', async () => {
    await rm(join(installed, 'releases/RELEASES'));
    await put('lib/stdlib-1/priv/more', 'other');
    await put('lib/dummy-0.2/priv/data ü', 'other');
    const options = { upgradePackage, release: installed };
    expect(formatVerifiedUpgrade(options, await verifyUpgrade(options))).toBe(
      `${upgradePackage} does not fit dummy 0.1 at ${installed}:
error assumed-application-differs (stdlib): lib/stdlib-1 in ${installed} has another content than the stdlib 1 that the package was planned with.
  Fix: Make the package for what is installed: give ${installed} to generate-upgrade as previousRelease.
error releases-file-missing: ${installed} has no releases/RELEASES, so release_handler knows of no application of 0.1, and there is no way back to it.
  Fix: In the root of the release, with the node stopped or about to restart, run release_handler:create_RELEASES("", "releases", "releases/0.1/dummy.rel", []).
error file-in-the-way: the previous release in ${installed} holds lib/dummy-0.2/priv/data ü with other content than the package, and unpacking would keep them: lib/dummy-0.2 is not of that release, so it is what an earlier try has left.
  Fix: Remove lib/dummy-0.2 from the node and from the release that is given as previous, or give the new one another version.`,
    );
  });
});

describe('machine code', () => {
  const elf = (machine: number): Buffer => {
    const header = Buffer.alloc(64);
    header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
    header.writeUInt16LE(machine, 18);
    return header;
  };

  it('for another machine is refused, and beams are not', async () => {
    const emulator = { 'erts-13.1/bin/beam.smp': elf(62) };
    const previous = await installation('x86', '0.1', { files: emulator });
    const applications = (library?: string): ApplicationFields[] => [
      { ...dummy('0.2'), files: library === undefined ? {} : { 'priv/nif.so': library } },
    ];
    const beams = await installation('beams', '0.2', { files: emulator, applications: applications() });
    const native = await installation('native', '0.2', { files: emulator, applications: applications('x') });
    await rm(installed, { recursive: true });
    await cp(previous, installed, { recursive: true });
    for (const [next, there, expected] of [
      [beams, elf(183), []],
      [native, elf(62), []],
      [native, elf(183), ['other-architecture']],
    ] as const) {
      const output = await upgrade('architecture', [previous], next);
      await cp(output, dirname(upgradePackage), { recursive: true });
      await put('erts-13.1/bin/beam.smp', there);
      expect(await codes()).toEqual(expected);
    }
  });

  it('of a new emulator is in the package, and missed there when it is taken out', async () => {
    const next = await installation('new emulator', '0.2', { erts: '14.0' });
    await cp(await upgrade('erts', [base], next), dirname(upgradePackage), { recursive: true });
    expect(await codes()).toEqual([]);
    await repack(() => Promise.resolve());
    expect(await codes()).toEqual(['erts-missing']);
  });
});

describe('a package that is not what was made', () => {
  it.each<[string, string[], () => Promise<void>]>([
    [
      'changed content of an application',
      ['package-changed dummy'],
      () => repack((root) => appendFile(join(root, 'lib/dummy-0.2/priv/data ü'), 'x')),
    ],
    [
      'a file more in an application',
      ['package-changed dummy'],
      () => repack((root) => writeFile(join(root, 'lib/dummy-0.2/priv/more'), 'x')),
    ],
    [
      'an application less',
      ['package-incomplete'],
      () => repack((root) => rm(join(root, 'lib/dummy-0.2'), { recursive: true })),
    ],
    [
      'no relup and no boot file',
      ['package-incomplete', 'package-incomplete', 'start-boot-missing'],
      () =>
        repack(async (root) => {
          await rm(join(root, 'releases/0.2/relup'));
          await rm(join(root, 'releases/0.2/start.boot'));
          await rm(join(root, 'releases/0.1/start.boot'));
        }),
    ],
    [
      'a relup without the pair',
      ['relup-entry-missing', 'relup-entry-missing'],
      () => repack((root) => writeFile(join(root, 'releases/0.2/relup'), '{"0.2", [{"0.0", [], []}], []}.')),
    ],
    [
      'no .rel of its name',
      ['package-renamed'],
      () => repack((root) => rm(join(root, 'releases/dummy_0.2.rel'))),
    ],
    [
      'a .rel of another release',
      ['package-changed'],
      () =>
        repack((root) =>
          writeFile(join(root, 'releases/dummy_0.2.rel'), '{release, {"dummy", "0.3"}, {erts, "13.1"}, []}.'),
        ),
    ],
    [
      'packed again by hand with ./ before its names',
      ['package-member-names'],
      () => repack(() => Promise.resolve(), { members: ['.'] }),
    ],
    [
      'other bytes than the manifest beside it says',
      ['package-changed'],
      () => repack(() => Promise.resolve(), { keepHash: true }),
    ],
    [
      'the manifest of another package beside it',
      ['package-changed'],
      async () => {
        const file = join(work, 'package', 'dummy_0.2.json');
        await writeFile(file, (await readFile(file, 'utf8')).replace('"erts": "13.1"', '"erts": "13.2"'));
      },
    ],
    [
      'another name',
      ['package-renamed'],
      async () => {
        const other = join(work, 'package', 'other.tar.gz');
        await rename(upgradePackage, other);
        upgradePackage = other;
      },
    ],
  ])('is found: %s', async (_, expected, change) => {
    await change();
    expect(await codes()).toEqual(expected);
  });

  it('may be compressed in another way', async () => {
    await writeFile(upgradePackage, gzipSync(gunzipSync(await readFile(upgradePackage)), { level: 1 }));
    expect(await codes()).toEqual([]);
  });
});

describe('what is no package', () => {
  it.each<[string, string, () => Promise<void>]>([
    ['nothing', 'package-missing', () => rm(upgradePackage)],
    [
      'a folder',
      'package-unreadable',
      async () => {
        await rm(upgradePackage);
        await mkdir(upgradePackage);
      },
    ],
    ['an empty file', 'package-unreadable', () => writeFile(upgradePackage, '')],
    ['text', 'package-unreadable', () => writeFile(upgradePackage, 'hello')],
    [
      'cut short',
      'archive-corrupt',
      async () => writeFile(upgradePackage, (await readFile(upgradePackage)).subarray(0, 700)),
    ],
    [
      'a package with a member outside of it',
      'archive-unsafe',
      async () => {
        const tar = gunzipSync(await readFile(upgradePackage));
        const header = tar.subarray(0, 512);
        header.fill(0, 0, 100);
        header.write('../../etc/passwd', 0);
        header.fill(' ', 148, 156);
        const sum = header.reduce((total, byte) => total + byte, 0);
        header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
        await writeFile(upgradePackage, gzipSync(tar));
      },
    ],
    [
      'a tarball of a release',
      'package-manifest',
      async () => {
        execFileSync('tar', ['-czf', upgradePackage, '-C', base, 'lib', 'releases']);
        return Promise.resolve();
      },
    ],
    [
      'a manifest that is no JSON',
      'package-manifest',
      () => repack((root) => writeFile(join(root, 'releases/0.2/upgrade.json'), '{')),
    ],
    [
      'a manifest of another format',
      'package-manifest',
      () => repack((root) => writeFile(join(root, 'releases/0.2/upgrade.json'), '{"formatVersion": 2}')),
    ],
    [
      'a manifest beside it that is no JSON',
      'package-manifest',
      () => writeFile(join(work, 'package', 'dummy_0.2.json'), 'no json'),
    ],
    [
      'a relup that is no term',
      'term-syntax',
      () => repack((root) => writeFile(join(root, 'releases/0.2/relup'), '{"0.2", [')),
    ],
  ])('is refused with its name: %s', async (_, code, change) => {
    await change();
    const { code: found, message } = await refusal(verifyUpgrade({ upgradePackage, release: installed }));
    expect(found).toBe(code);
    expect(message).toMatch(new RegExp(`^${join(work, 'package')}/dummy_0\\.2\\.`));
  });

  it('is no installation either, where there is no release', async () => {
    expect(await refusal(verifyUpgrade({ upgradePackage, release: join(work, 'package') }))).toEqual({
      code: 'release-missing',
      message: `${join(work, 'package')}: there is no installation here: no releases/VSN/NAME.rel whose version is VSN. Give the root folder of the installation (it holds lib, releases and mostly erts-VSN), or a .tar.gz of it.`,
    });
  });
});
