import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeSnapshot } from '../../test/releases/take-snapshot';
import { UpgradeToVerify } from '../../test/releases/upgrade-to-verify';
import { compareWithShipped, readEvidence } from './evidence';

const to = new UpgradeToVerify();

describe('what was shipped', () => {
  it('is known by the manifest of the package that was installed', async () => {
    const manifest = await readEvidence(to.upgradePackage.replace('.tar.gz', '.json'));
    const compared = async (path: string) => {
      const { comparedWith, differences } = await compareWithShipped(path, manifest);
      return [comparedWith.length, ...differences.map(({ application, what }) => `${application} ${what}`)];
    };
    expect(await compared(to.next)).toEqual([1]);
    // It tells of what it leads to, and not of what it was made for.
    expect(await compared(to.base)).toEqual([0]);
    await to.install(to.next);
    await to.put('lib/dummy-0.2/priv/data ü', 'other');
    expect(await compared(to.installed)).toEqual([1, 'dummy 0.2 was shipped with other content']);
  });

  it('is known by all that lies in a folder, each of its version', async () => {
    const folder = join(to.work, 'evidence');
    await mkdir(folder);
    await cp(to.upgradePackage.replace('.tar.gz', '.json'), join(folder, 'manifest.json'));
    await cp(await takeSnapshot(to.base, to.work), join(folder, 'a snapshot.json'));
    await writeFile(join(folder, 'README.md'), '');
    const evidence = await readEvidence(folder);
    expect(evidence.map(({ kind }) => kind)).toEqual(['snapshot', 'manifest']);
    expect((await compareWithShipped(to.base, evidence)).comparedWith).toEqual([
      join(folder, 'a snapshot.json'),
    ]);
    expect((await compareWithShipped(to.next, evidence)).comparedWith).toEqual([
      join(folder, 'manifest.json'),
    ]);
    await writeFile(join(folder, 'other.json'), '{"name": "x"}');
    await expect(readEvidence(folder)).rejects.toThrow('other.json: expected formatVersion in the manifest');
    await expect(readEvidence(join(folder, 'none'))).rejects.toThrow('there is no such snapshot.');
  });
});
