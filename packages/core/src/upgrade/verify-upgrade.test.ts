import { execFileSync } from 'node:child_process';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApplicationFields } from '../../test/releases/build-release';
import { dummy, releasesFile, UpgradeToVerify } from '../../test/releases/upgrade-to-verify';
import { formatVerifiedUpgrade, verifyUpgrade } from './verify-upgrade';

const to = new UpgradeToVerify();

describe('a package fits', () => {
  it('the installation that it was made for, and says so in one line', async () => {
    const options = { upgradePackage: to.upgradePackage, release: to.installed };
    const verified = await verifyUpgrade(options);
    expect(verified).toEqual({
      fits: true,
      findings: [],
      base: { name: 'dummy', version: '0.1', ertsVersion: '13.1' },
      next: { name: 'dummy', version: '0.2' },
    });
    expect(formatVerifiedUpgrade(options, verified)).toBe(
      `${to.upgradePackage} fits dummy 0.1 at ${to.installed}`,
    );
  });

  it('a tarball of the installation, and one that has run for a while', async () => {
    expect(await to.codes({ release: await to.tarball() })).toEqual([]);
    await to.put('log/erlang.log.1', 'what the node says');
    await to.put('releases/COOKIE', 'secret');
    await to.put('releases/0.1/start.boot', await readFile(join(to.installed, 'releases/0.1/dummy.boot')));
    await to.put('lib/dummy-0.1/ebin/dummy.appup', 'an appup');
    expect(await to.codes()).toEqual([]);
  });

  it('an installation that went up and back before', async () => {
    await to.put('releases/0.0/dummy.rel', '{release, {"dummy", "0.0"}, {erts, "13.1"}, []}.');
    await to.put(
      'releases/RELEASES',
      releasesFile([
        ['0.1', 'permanent'],
        ['0.0', 'old'],
      ]),
    );
    expect(await to.codes()).toEqual([]);
  });

  it('each of its bases, and no other', async () => {
    const bases = [to.base, await to.installation('second', '0.1.1')];
    await to.use(await to.upgrade('two', bases, to.next));
    for (const release of bases) expect(await to.codes({ release })).toEqual([]);
    const other = await to.installation('other', '0.0');
    expect(await to.codes({ release: other })).toEqual(['not-a-base', 'start-boot-missing']);
  });

  it('when it is full, too, and then the same content still counts', async () => {
    await to.use(await to.upgrade('full', [to.base], to.next, true));
    expect(await to.codes()).toEqual([]);
    await to.put('lib/kernel-1/priv/new', 'x');
    expect(await to.codes()).toEqual(['base-differs kernel']);
  });
});

describe('a package does not fit an installation', () => {
  it.each<[string, string[], () => Promise<void>]>([
    [
      'of another release',
      ['other-release'],
      async () => {
        await to.put(
          'releases/0.1/dummy.rel',
          '{release, {"other", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}, {sasl, "1"}, {dummy, "0.1"}]}.',
        );
        await to.put('releases/RELEASES', releasesFile([['0.1', 'permanent']], { name: 'other' }));
      },
    ],
    [
      'of the version that it leads to',
      ['not-a-base', 'already-installed'],
      async () => {
        await to.install(to.next);
        await to.put(
          'releases/0.2/start.boot',
          await readFile(join(to.installed, 'releases/0.2/dummy.boot')),
        );
        // What a package that was installed has left.
        execFileSync('tar', [
          '-xzf',
          to.upgradePackage,
          '-C',
          to.installed,
          'releases/0.2/relup',
          'releases/0.2/upgrade.json',
        ]);
      },
    ],
    [
      'whose code is another build under the same version',
      ['base-differs dummy'],
      () => to.put('lib/dummy-0.1/priv/data ü', 'other'),
    ],
    [
      'whose application that is left out is another build',
      ['assumed-application-differs stdlib'],
      () => to.put('lib/stdlib-1/priv/more', 'other'),
    ],
    [
      'that lacks an application that is left out',
      ['assumed-application-missing sasl'],
      () => rm(join(to.installed, 'lib/sasl-1'), { recursive: true }),
    ],
    [
      'that has it in a folder without a version',
      ['assumed-application-missing sasl', 'library-path-stale sasl'],
      () => rename(join(to.installed, 'lib/sasl-1'), join(to.installed, 'lib/sasl')),
    ],
    [
      'without sasl, or with more applications than it was planned for',
      ['assumed-application-missing sasl', 'base-differs other', 'missing-sasl'],
      () =>
        to.put(
          'releases/0.1/dummy.rel',
          '{release, {"dummy", "0.1"}, {erts, "13.1"}, [{kernel, "1"}, {stdlib, "1"}, {other, "1"}, {dummy, "0.1"}]}.',
        ),
    ],
    [
      'that runs another emulator',
      ['base-differs', 'erts-missing'],
      async () => {
        await rename(join(to.installed, 'erts-13.1'), join(to.installed, 'erts-13.2'));
        await to.put('releases/start_erl.data', '13.2 0.1');
      },
    ],
    [
      'that has the new version unpacked already',
      ['already-installed'],
      () =>
        to.put(
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
        to.put(
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
      () => rm(join(to.installed, 'releases/RELEASES')),
    ],
    [
      'with a RELEASES that does not list it',
      ['release-not-recorded'],
      () => to.put('releases/RELEASES', releasesFile([['0.0', 'permanent']])),
    ],
    [
      'with a RELEASES that lists it without its libraries',
      ['library-path-stale'],
      () => to.put('releases/RELEASES', '[{release, "dummy", "0.1", "13.1", [], permanent}].'),
    ],
    [
      'in which an earlier try has left another build',
      ['warning version-folder-left', 'file-in-the-way', 'file-in-the-way'],
      async () => {
        await to.put('lib/dummy-0.2/priv/data ü', 'other');
        await to.put('releases/0.2/relup', 'other');
      },
    ],
  ])('%s', async (_, expected, change) => {
    await change();
    expect(await to.codes()).toEqual(expected);
    expect(await to.codes({ release: await to.tarball() })).toEqual(expected);
  });

  it('with absolute library paths that lead nowhere, which of a copy only its place can tell', async () => {
    await to.put('releases/RELEASES', releasesFile([['0.1', 'permanent']], { lib: '/nowhere/lib' }));
    expect(await to.codes()).toEqual(['library-path-stale']);
    const warning = ['warning library-path-absolute'];
    expect(await to.codes({ isCopy: true })).toEqual(warning);
    expect(await to.codes({ release: await to.tarball() })).toEqual(warning);
    const lib = join(to.installed, 'lib');
    await to.put('releases/RELEASES', releasesFile([['0.1', 'permanent']], { lib }));
    expect(await to.codes()).toEqual([]);
  });

  it('and what an earlier try has left is only worth a look where it is the same', async () => {
    execFileSync('tar', ['-xzf', to.upgradePackage, '-C', to.installed]);
    expect(await to.codes()).toEqual(['warning version-folder-left']);
  });

  it('and all findings are told at once, each with what to do', async () => {
    await rm(join(to.installed, 'releases/RELEASES'));
    await to.put('lib/stdlib-1/priv/more', 'other');
    await to.put('lib/dummy-0.2/priv/data ü', 'other');
    const options = { upgradePackage: to.upgradePackage, release: to.installed };
    const lines = formatVerifiedUpgrade(options, await verifyUpgrade(options)).split('\n');
    expect(lines.slice(0, 4)).toEqual([
      `${to.upgradePackage} does not fit dummy 0.1 at ${to.installed}:`,
      `error assumed-application-differs (stdlib): lib/stdlib-1 in ${to.installed} has another content than the stdlib 1 that the package was planned with.`,
      `  Fix: Make the package for what is installed: give ${to.installed} to generate-upgrade as previousRelease.`,
      expect.stringMatching(/^error releases-file-missing: .* has no releases\/RELEASES, so /) as string,
    ]);
    expect(lines.slice(5)).toEqual([
      `error file-in-the-way: the previous release in ${to.installed} holds lib/dummy-0.2/priv/data ü with other content than the package, and unpacking would keep them: lib/dummy-0.2 is not of that release, so it is what an earlier try has left.`,
      '  Fix: Remove lib/dummy-0.2 from the node and from the release that is given as previous, or give the new one another version.',
    ]);
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
    const previous = await to.installation('x86', '0.1', { files: emulator });
    const applications = (library?: string): ApplicationFields[] => [
      { ...dummy('0.2'), files: library === undefined ? {} : { 'priv/nif.so': library } },
    ];
    const beams = await to.installation('beams', '0.2', { files: emulator, applications: applications() });
    const native = await to.installation('native', '0.2', {
      files: emulator,
      applications: applications('x'),
    });
    await to.install(previous);
    for (const [next, there, expected] of [
      [beams, elf(183), []],
      [native, elf(62), []],
      [native, elf(183), ['other-architecture']],
    ] as const) {
      const output = await to.upgrade('architecture', [previous], next);
      await to.use(output);
      await to.put('erts-13.1/bin/beam.smp', there);
      expect(await to.codes()).toEqual(expected);
    }
  });

  it('of a new emulator is in the package, and missed there when it is taken out', async () => {
    const next = await to.installation('new emulator', '0.2', { erts: '14.0' });
    await to.use(await to.upgrade('erts', [to.base], next));
    expect(await to.codes()).toEqual([]);
    await to.repack(() => Promise.resolve());
    expect(await to.codes()).toEqual(['erts-missing']);
  });
});
