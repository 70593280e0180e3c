import { execFileSync } from 'node:child_process';
import { appendFile, link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { UpgradeToVerify } from '../../test/releases/upgrade-to-verify';
import { verifyUpgrade } from './verify-upgrade';

const to = new UpgradeToVerify();

describe('a package that is not what was made', () => {
  it.each<[string, string[], () => Promise<void>]>([
    [
      'changed content of an application',
      ['package-changed dummy'],
      () => to.repack((root) => appendFile(join(root, 'lib/dummy-0.2/priv/data ü'), 'x')),
    ],
    [
      'a file more in an application',
      ['package-changed dummy'],
      () => to.repack((root) => writeFile(join(root, 'lib/dummy-0.2/priv/more'), 'x')),
    ],
    [
      'an application less',
      ['package-incomplete'],
      () => to.repack((root) => rm(join(root, 'lib/dummy-0.2'), { recursive: true })),
    ],
    [
      'no relup and no boot file',
      ['package-incomplete', 'package-incomplete', 'start-boot-missing'],
      () =>
        to.repack(async (root) => {
          await rm(join(root, 'releases/0.2/relup'));
          await rm(join(root, 'releases/0.2/start.boot'));
          await rm(join(root, 'releases/0.1/start.boot'));
        }),
    ],
    [
      'a relup without the pair',
      ['relup-entry-missing', 'relup-entry-missing'],
      () =>
        to.repack((root) => writeFile(join(root, 'releases/0.2/relup'), '{"0.2", [{"0.0", [], []}], []}.')),
    ],
    [
      'no .rel of its name',
      ['package-renamed'],
      () => to.repack((root) => rm(join(root, 'releases/dummy_0.2.rel'))),
    ],
    [
      'a .rel of another release',
      ['package-changed'],
      () =>
        to.repack((root) =>
          writeFile(join(root, 'releases/dummy_0.2.rel'), '{release, {"dummy", "0.3"}, {erts, "13.1"}, []}.'),
        ),
    ],
    [
      'packed again by hand with ./ before its names',
      ['package-member-names'],
      () => to.repack(() => Promise.resolve(), { members: ['.'] }),
    ],
    [
      'packed again by hand with links, which unpacking leaves out',
      ['package-links'],
      () =>
        to.repack(async (root) => {
          const file = join(root, 'releases/0.2/sys.config');
          await rm(file);
          await link(join(root, 'lib/dummy-0.2/ebin/dummy.app'), file);
        }),
    ],
    [
      'other bytes than the manifest beside it says',
      ['package-changed'],
      () => to.repack(() => Promise.resolve(), { keepManifest: true }),
    ],
    [
      'the manifest of another package beside it',
      ['package-changed'],
      async () => {
        const file = join(to.work, 'package', 'dummy_0.2.json');
        await writeFile(file, (await readFile(file, 'utf8')).replace('"erts": "13.1"', '"erts": "13.2"'));
      },
    ],
    [
      'another name',
      ['package-renamed'],
      async () => {
        const other = join(to.work, 'package', 'other.tar.gz');
        await rename(to.upgradePackage, other);
        to.upgradePackage = other;
      },
    ],
  ])('is found: %s', async (_, expected, change) => {
    await change();
    expect(await to.codes()).toEqual(expected);
  });

  it('may be compressed in another way', async () => {
    await writeFile(to.upgradePackage, gzipSync(gunzipSync(await readFile(to.upgradePackage)), { level: 1 }));
    expect(await to.codes()).toEqual([]);
  });
});

describe('what is no package', () => {
  it.each<[string, string, () => Promise<void>]>([
    ['nothing', 'package-missing', () => rm(to.upgradePackage)],
    [
      'a folder',
      'package-unreadable',
      async () => {
        await rm(to.upgradePackage);
        await mkdir(to.upgradePackage);
      },
    ],
    ['an empty file', 'package-unreadable', () => writeFile(to.upgradePackage, '')],
    ['text', 'package-unreadable', () => writeFile(to.upgradePackage, 'hello')],
    [
      'cut short',
      'archive-corrupt',
      async () => writeFile(to.upgradePackage, (await readFile(to.upgradePackage)).subarray(0, 700)),
    ],
    [
      'a package with a member outside of it',
      'archive-unsafe',
      async () => {
        const tar = gunzipSync(await readFile(to.upgradePackage));
        const header = tar.subarray(0, 512);
        header.fill(0, 0, 100);
        header.write('../../etc/passwd', 0);
        header.fill(' ', 148, 156);
        const sum = header.reduce((total, byte) => total + byte, 0);
        header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
        await writeFile(to.upgradePackage, gzipSync(tar));
      },
    ],
    [
      'a tarball of a release',
      'package-manifest',
      async () => {
        execFileSync('tar', ['-czf', to.upgradePackage, '-C', to.base, 'lib', 'releases']);
        return Promise.resolve();
      },
    ],
    [
      'a manifest that is no JSON',
      'package-manifest',
      () => to.repack((root) => writeFile(join(root, 'releases/0.2/upgrade.json'), '{')),
    ],
    [
      'a manifest of another format',
      'package-manifest',
      () => to.repack((root) => writeFile(join(root, 'releases/0.2/upgrade.json'), '{"formatVersion": 2}')),
    ],
    [
      'a manifest beside it that is no JSON',
      'package-manifest',
      () => writeFile(join(to.work, 'package', 'dummy_0.2.json'), 'no json'),
    ],
    [
      'a relup that is no term',
      'term-syntax',
      () => to.repack((root) => writeFile(join(root, 'releases/0.2/relup'), '{"0.2", [')),
    ],
  ])('is refused with its name: %s', async (_, code, change) => {
    await change();
    const { code: found, message } = await refusal(
      verifyUpgrade({ upgradePackage: to.upgradePackage, release: to.installed }),
    );
    expect(found).toBe(code);
    expect(message).toMatch(new RegExp(`^${join(to.work, 'package')}/dummy_0\\.2\\.`));
  });

  it('is no installation either, where there is no release', async () => {
    expect(
      await refusal(verifyUpgrade({ upgradePackage: to.upgradePackage, release: join(to.work, 'package') })),
    ).toEqual({
      code: 'release-missing',
      message: `${join(to.work, 'package')}: there is no installation here: no releases/VSN/NAME.rel whose version is VSN. Give the root folder of the installation (it holds lib, releases and mostly erts-VSN), or a .tar.gz of it.`,
    });
  });
});
