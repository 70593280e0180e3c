import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stepsToTry, upgradeToTry, type PlaceToTry } from './try-upgrade';

const upgrade = { path: 'my project/dist/upgrade/dummy_0.2.tar.gz', version: '0.2' };
const place: PlaceToTry = {
  layout: 'reltool',
  name: 'dummy',
  version: '0.1',
  installation: 'my project/dist/running/dummy-0.1',
  node: undefined,
  unpacked: false,
};

describe('what to type to try an upgrade', () => {
  it('on a plain target system: a copy, and expressions for the shell', () => {
    const install = ['release_handler:install_release("0.2").', 'release_handler:make_permanent("0.2").'];
    const back = [
      'and back:',
      'release_handler:install_release("0.1").',
      'release_handler:make_permanent("0.1").',
    ];
    expect(stepsToTry(upgrade, place)).toEqual([
      "cp 'my project/dist/upgrade/dummy_0.2.tar.gz' 'my project/dist/running/dummy-0.1/releases/dummy_0.2.tar.gz'",
      'in its shell:',
      'release_handler:unpack_release("dummy_0.2").',
      ...install,
      ...back,
    ]);
    expect(stepsToTry(upgrade, { ...place, unpacked: true })).toEqual(['in its shell:', ...install, ...back]);
  });

  it('with relx: the folder of the package, and the start script', () => {
    expect(stepsToTry(upgrade, { ...place, layout: 'relx', node: 'old' })).toEqual([
      "mkdir -p 'my project/dist/running/dummy-0.1/releases/0.2'",
      "cp 'my project/dist/upgrade/dummy_0.2.tar.gz' 'my project/dist/running/dummy-0.1/releases/0.2/dummy.tar.gz'",
      "cd 'my project/dist/running/dummy-0.1'",
      'bin/dummy upgrade 0.2',
      'and back:',
      'bin/dummy downgrade 0.1',
    ]);
  });

  it('with mix: the name of the node, where it is not that of the release', () => {
    expect(stepsToTry(upgrade, { ...place, layout: 'mix', node: 'old', unpacked: true }).slice(0, 3)).toEqual(
      [
        "cd 'my project/dist/running/dummy-0.1'",
        'export RELEASE_NODE=old',
        `bin/dummy rpc 'IO.inspect(:release_handler.install_release(~c"0.2"))'`,
      ],
    );
  });

  it('is about a package of this release that leads to another version', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nx-otp-try-'));
    try {
      for (const file of ['dummy_0.1.tar.gz', 'other_0.3.tar.gz', 'dummy_0.2.json', 'dummy_0.2.tar.gz'])
        await writeFile(join(folder, file), '');
      expect(await upgradeToTry(folder, 'dummy', '0.1')).toEqual({
        path: join(folder, 'dummy_0.2.tar.gz'),
        version: '0.2',
      });
      expect(await upgradeToTry(folder, 'none', '0.1')).toBeUndefined();
      expect(await upgradeToTry(join(folder, 'none'), 'dummy', '0.1')).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
