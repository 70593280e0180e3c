import { readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runErlang } from '../../test/archives/erlang';
import { buildRelease } from '../../test/releases/build-release';
import { compileModules, type CompiledModule } from '../../test/releases/compile-modules';
import { takeSnapshot } from '../../test/releases/take-snapshot';
import { codeMd5, readChunks } from '../beam';
import { openTree, readRelease, type Release } from '../release';
import { compareWithSnapshot } from './compare-with-snapshot';
import { isSnapshot, parseSnapshot, readSnapshot, snapshotRelease, type Snapshot } from './snapshot';
import { snapshotTree } from './snapshot-tree';

let folder: string;
let root: string;
let built: Record<'one' | 'two' | 'other', CompiledModule>;
let md5: Snapshot;
let sha256: Snapshot;

/** The version of the emulator that takes the snapshots, so that it is the one of the release. */
let erts: string;

const fields = (beam: Buffer) => ({
  version: '0.1',
  erts,
  applications: [
    {
      name: 'dummy',
      version: '0.1',
      beams: { dummy: beam },
      files: { 'priv/für ü "x"\u0001': 'data', 'priv/empty': '' },
    },
  ],
  files: { 'releases/COOKIE': 'secret', 'releases/dummy_0.1.tar.gz': 'packed', 'log/erlang.log.1': 'x' },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp snapshot ü-'));
  erts = await runErlang('io:put_chars(erlang:system_info(version))', []);
  built = await compileModules({
    one: '-module(dummy). -export([f/0]). f() -> 1.',
    two: '-module(dummy).\n\n-export([f/0]).\nf() -> 1.',
    other: '-module(dummy). -export([f/0]). f() -> 2.',
  });
  root = await buildRelease(join(folder, 'installed'), fields(built.one.beam));
  await mkdir(join(root, 'releases/0.2'));
  await writeFile(join(root, 'releases/0.2/dummy.rel'), '{release, {"dummy", "0.2"}, {erts, "1"}, []}.');
  await mkdir(join(root, 'lib/dummy-0.2'));
  await symlink('..', join(root, 'lib/circle'));
  const ebin = join(root, 'lib/dummy-0.1/ebin');
  const load = `code:add_patha(${JSON.stringify(ebin)}), {module, dummy} = code:load_file(dummy)`;
  const [a, b] = await Promise.all([
    takeSnapshot(root, join(folder, 'md5'), load),
    takeSnapshot(root, join(folder, 'sha256'), 'ok = crypto:start()'),
  ]);
  md5 = await readSnapshot(a);
  sha256 = await readSnapshot(b);
  expect([await isSnapshot(a), await isSnapshot(join(root, 'releases/0.1/dummy.rel'))]).toEqual([
    true,
    false,
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the script', () => {
  it('lists what belongs to the release, with hashes as they are here, and no secret', async () => {
    await rm(join(root, 'lib/circle'));
    const tree = await openTree(root);
    const wanted = tree.files.filter(({ path }) => path !== 'releases/COOKIE' && !path.startsWith('log/'));
    const listed = (snapshot: Snapshot) =>
      snapshot.files
        .map(({ path, size, mode }) => ({ path, size, mode }))
        .sort((a, b) => (a.path < b.path ? -1 : 1));
    expect(listed(md5)).toEqual(wanted);
    expect(listed(sha256)).toEqual(wanted);
    expect([md5.algorithm, sha256.algorithm]).toEqual(['md5', 'sha256']);
    const hashed = sha256.files.filter(({ hash }) => hash !== undefined);
    expect(sha256.files.length - hashed.length).toBe(1);
    expect(new Map(hashed.map(({ path, hash }) => [path, hash]))).toEqual(
      new Map(await tree.hashes(hashed.map(({ path }) => path))),
    );
    expect(readFileSync(md5.file, 'utf8')).not.toContain('secret');
  });

  it('has the MD5 of code as beams have it, of the file and of what runs', () => {
    const code = codeMd5(readChunks(built.one.beam, 'dummy'));
    const path = 'lib/dummy-0.1/ebin/dummy.beam';
    expect(md5.files.find((file) => file.path === path)?.code).toBe(code);
    expect(md5.loaded).toEqual([{ module: 'dummy', path, code }]);
  });

  it('says what boots, what is left of tries, and leaves nothing else', () => {
    expect(snapshotRelease(md5)).toEqual({ name: 'dummy', version: '0.1' });
    expect(md5.leftovers).toEqual([
      'lib/circle',
      'lib/dummy-0.2',
      'releases/0.2',
      'releases/dummy_0.1.tar.gz',
    ]);
    expect([...md5.texts.keys()]).toEqual([
      'releases/RELEASES',
      'releases/start_erl.data',
      'releases/0.1/dummy.rel',
      'releases/0.2/dummy.rel',
    ]);
    expect(md5).toMatchObject({ node: 'nonode@nohost', erts, root });
    expect(readdirSync(join(folder, 'md5'))).toEqual(['snapshot-nonode@nohost.json']);
    expect(statSync(md5.file).size).toBeGreaterThan(0);
  });
});

it('a snapshot gives the hashes that the release has, where that is at hand', async () => {
  const path = 'lib/dummy-0.1/priv/für ü "x"\u0001';
  const tree = await openTree(root);
  const real = (await tree.hashes([path])).get(path);
  const of = async (snapshot: Snapshot, witnesses = [tree]) =>
    (await snapshotTree(snapshot, witnesses).hashes([path])).get(path);
  expect(await of(md5)).toBe(real);
  expect(await of(md5, [])).toBe('md5 8d777f385d3dfec8815d20f7496026dc');
  expect(await of(sha256, [])).toBe(real);
  await expect(snapshotTree(md5).read(path)).rejects.toThrow(`a snapshot does not tell what is in ${path}.`);
});

describe('a release, compared with a snapshot', () => {
  const release = async (
    name: string,
    beam: Buffer,
    change: (root: string) => Promise<void>,
  ): Promise<Release> => {
    const path = await buildRelease(join(folder, name), fields(beam));
    await change(path);
    return readRelease(path);
  };
  const nothing = (): Promise<void> => Promise.resolve();
  const differences = async (found: Release, snapshot = md5): Promise<string[]> =>
    (await compareWithSnapshot(found, snapshot)).map(({ application, what }) => `${application} ${what}`);

  it('is the same, also from another build of the same code', async () => {
    expect(await differences(await readRelease(root))).toEqual([]);
    expect(await differences(await release('lines', built.two.beam, nothing))).toEqual([]);
    expect(await differences(await release('stripped', built.one.stripped, nothing), sha256)).toEqual([]);
  });

  it('differs by application, with the module or the file', async () => {
    const other = await release('other', built.other.beam, async (path) => {
      await rm(join(path, 'lib/dummy-0.1/priv/empty'));
      await appendFile(join(path, 'lib/stdlib-1/ebin/stdlib.app'), '%');
      await mkdir(join(path, 'lib/sasl-1/priv'));
      await writeFile(join(path, 'lib/sasl-1/priv/more'), '');
      await writeFile(join(path, 'releases/0.1/sys.config'), '[{dummy, []}].');
    });
    expect(await differences(other)).toEqual([
      'dummy has other code of dummy',
      'dummy does not have priv/empty, which the node has',
      'sasl has priv/more, which the node does not have',
      'stdlib has another ebin/stdlib.app',
    ]);
  });

  it('differs in its versions, in Erlang/OTP, and in what was loaded since', async () => {
    const moved = await buildRelease(join(folder, 'moved'), {
      version: '0.1',
      erts: '1.2',
      applications: [
        { name: 'dummy', version: '0.1.1' },
        { name: 'more', version: '1' },
      ],
    });
    const patched: Snapshot = {
      ...md5,
      loaded: [
        { module: 'dummy', path: 'lib/dummy-0.1/ebin/dummy.beam', code: '00' },
        { module: 'gone', path: 'lib/dummy-0.1/ebin/gone.beam', code: '00' },
      ],
    };
    expect(await differences(await readRelease(moved), patched)).toEqual([
      'dummy is 0.1.1, and on the node 0.1',
      'dummy runs other code of dummy than lies on the disk of the node',
      'dummy runs gone, which is not on the disk of the node any more (lib/dummy-0.1/ebin/gone.beam)',
      'more is 1, and on the node not there',
      `otp has erts 1.2, and on the node ${erts}`,
    ]);
  });
});

describe('what is no snapshot', () => {
  it.each<[string, string, string]>([
    ['half of one', '{"format":"nx-otp snapshot",', 'found text that is not JSON, or only a part of it.'],
    ['a list', '[]', 'expected the snapshot to be an object; found [].'],
    ['of another format', '{"formatVersion": 2}', 'expected a snapshot of format 1; found one of format 2.'],
    [
      'without its node',
      '{"formatVersion": 1}',
      'expected node in the snapshot to be a string; found nothing.',
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseSnapshot(text, 's.json')).toThrow(message);
  });
});
