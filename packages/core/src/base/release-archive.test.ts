import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRelease } from '../../test/releases/build-release';
import { dummy } from '../../test/releases/upgrade-to-verify';
import { versionInFolder } from './base-specification';
import { chooseRelease, isReleaseArchive, type WantedRelease } from './release-archive';

const folder = mkdtempSync(join(tmpdir(), 'nx-otp archive ü '));
const archive = join(folder, 'releases of dummy');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function release(version: string): Promise<string> {
  return buildRelease(join(folder, 'built', version), { version, applications: [dummy(version)] });
}

async function keep(name: string, version: string): Promise<void> {
  const root = await release(version);
  mkdirSync(join(archive, name, '..'), { recursive: true });
  execFileSync('tar', ['-czf', join(archive, name), '-C', root, '.']);
}

beforeAll(async () => {
  await keep('dummy_0.9.tar.gz', '0.9');
  await keep('dummy_0.10.tar.gz', '0.10');
  await keep('0.8/dummy.tgz', '0.8');
  await keep('latest.tar.gz', '0.11-rc.1');
  cpSync(await release('0.7'), join(archive, '0.7'), { recursive: true });
  const upgrade = join(folder, 'upgrade');
  mkdirSync(join(upgrade, 'releases/0.12'), { recursive: true });
  writeFileSync(join(upgrade, 'releases/0.12/upgrade.json'), '{}');
  execFileSync('tar', ['-czf', join(archive, 'dummy_0.12.tar.gz'), '-C', upgrade, '.']);
  writeFileSync(join(archive, 'notes.txt'), '');
});

const chosen = async (wanted: WantedRelease): Promise<string> => {
  const { path, version } = await chooseRelease(archive, wanted);
  return `${relative(archive, path)}: ${version}`;
};

describe('a folder that keeps releases', () => {
  it('is one without a release of its own', async () => {
    expect(await isReleaseArchive(archive)).toBe(true);
    expect(await isReleaseArchive(await release('1'))).toBe(false);
    expect(await isReleaseArchive(join(archive, 'latest.tar.gz'))).toBe(false);
    expect(await isReleaseArchive(join(archive, '0.8'))).toBe(true);
    expect(await isReleaseArchive(join(folder, 'nowhere'))).toBe(false);
  });

  it('gives the newest of another version than the current one, by what is in it', async () => {
    expect(await chosen({ currentVersion: '0.13' })).toBe('latest.tar.gz: 0.11-rc.1');
    expect(await chosen({ currentVersion: '0.11-rc.1' })).toBe('dummy_0.10.tar.gz: 0.10');
  });

  it.each([
    ['0.10', 'dummy_0.10.tar.gz'],
    ['0.8', '0.8/dummy.tgz'],
    ['0.7', '0.7'],
    ['0.11-rc.1', 'latest.tar.gz'],
  ])('gives %s when that is wanted', async (version, path) => {
    expect(await chosen({ version })).toBe(`${path}: ${version}`);
  });

  it('says what it has instead, and tells upgrade packages apart', async () => {
    await expect(chooseRelease(archive, { version: '0.12' })).rejects.toThrow(
      `${archive}: there is no release of version 0.12 here; found 0.7, 0.8, 0.9, 0.10, 0.11-rc.1; dummy_0.12.tar.gz is an upgrade package. Keep the tarball of each release that is shipped there. Did you mean 0.10?`,
    );
    await expect(chooseRelease(join(archive, '0.8'), { currentVersion: '0.8' })).rejects.toThrow(
      'there is no release of another version than 0.8 here; found 0.8.',
    );
    await expect(chooseRelease(archive, { releaseName: 'other', version: '0.7' })).rejects.toThrow(
      'found none; 0.7 is of dummy',
    );
  });

  it('does not guess between two of one version', async () => {
    const twice = join(folder, 'twice');
    cpSync(join(archive, 'dummy_0.9.tar.gz'), join(twice, 'a_0.9.tar.gz'));
    cpSync(join(archive, 'dummy_0.9.tar.gz'), join(twice, 'b_0.9.tar.gz'));
    await expect(chooseRelease(twice, {})).rejects.toThrow(
      'are both version 0.9. Give the one that is meant',
    );
  });
});

it('a version is named behind the folder', () => {
  expect(versionInFolder('kept releases#0.1')).toEqual({ path: 'kept releases', version: '0.1' });
  expect(versionInFolder('#a/kept#1.0-rc#2')).toEqual({ path: '#a/kept#1.0-rc', version: '2' });
  expect(['a/#1/b', 'a', '#1', 'a#'].map(versionInFolder)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
