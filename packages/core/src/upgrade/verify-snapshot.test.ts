import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeSnapshot } from '../../test/releases/take-snapshot';
import { releasesFile, UpgradeToVerify } from '../../test/releases/upgrade-to-verify';
import { verifyUpgrade } from './verify-upgrade';

const to = new UpgradeToVerify();

async function findings(options: { before?: string; witnesses?: string[] } = {}): Promise<string[]> {
  const release = await takeSnapshot(to.installed, to.work, options.before);
  const { witnesses = [to.base] } = options;
  const { upgradePackage } = to;
  const { findings } = await verifyUpgrade({ upgradePackage, release, witnesses });
  return findings.map(({ code, application }) => [code, application ?? []].flat().join(' '));
}

describe('a snapshot of a node is verified as its folder is', () => {
  it('where the package fits', async () => {
    expect(await findings()).toEqual([]);
    expect(await findings({ before: 'ok = crypto:start()', witnesses: [] })).toEqual([]);
  });

  it('where much is in the way', async () => {
    await to.put('lib/dummy-0.1/priv/data ü', 'other');
    await to.put('lib/dummy-0.2/priv/data ü', 'left');
    await to.put('releases/0.2/dummy.rel', '{release, {"dummy", "0.2"}, {erts, "13.1"}, []}.');
    await rm(join(to.installed, 'lib/kernel-1'), { recursive: true });
    const ofFolder = (await to.codes()).map((code) => code.replace(/^warning /, ''));
    expect(ofFolder.length).toBeGreaterThan(3);
    expect(await findings()).toEqual(ofFolder);
  });

  it('where RELEASES has absolute paths, which only the machine itself can judge', async () => {
    await to.put('releases/RELEASES', releasesFile([['0.1', 'permanent']], { lib: `${to.installed}/lib` }));
    expect(await findings()).toEqual([]);
    await to.put('releases/RELEASES', releasesFile([['0.1', 'permanent']], { lib: `${to.installed}/gone` }));
    expect(await findings()).toEqual(['library-path-stale']);
  });

  it('and tells of code that runs and lies nowhere', async () => {
    const snapshot = await takeSnapshot(to.installed, to.work);
    const text = await readFile(snapshot, 'utf8');
    const loaded = '{"module":"dummy","path":"lib/dummy-0.1/ebin/dummy.beam","code":"00"}';
    await writeFile(snapshot, text.replace('"loaded":[', `"loaded":[${loaded}`));
    const { findings } = await verifyUpgrade({
      upgradePackage: to.upgradePackage,
      release: snapshot,
      witnesses: [to.base],
    });
    expect(findings.map(({ code, application, message }) => [code, application, message])).toEqual([
      [
        'running-code-differs',
        'dummy',
        'nonode@nohost runs dummy, which is not on the disk of the node any more (lib/dummy-0.1/ebin/dummy.beam): the upgrade was planned for what lies on the disk.',
      ],
    ]);
  });

  it('as long as the release is at hand that the package was planned for', async () => {
    await expect(findings({ witnesses: [to.next] })).rejects.toThrow(
      'the node does not run crypto, so its snapshot has MD5s',
    );
  });
});
