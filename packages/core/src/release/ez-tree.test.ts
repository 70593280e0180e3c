import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runErlang } from '../../test/archives/erlang';
import { refusal } from '../../test/archives/refusal';
import { zipBytes, type ZipMemberFields } from '../../test/archives/zip-bytes';
import { openEz } from './ez-tree';
import type { FileTree } from './file-tree';

const FILES: Record<string, string> = {
  'dummy-0.1/ebin/dummy.app': '{application, dummy, []}.\n',
  'dummy-0.1/ebin/dummy.beam': 'beam'.repeat(40_000),
  'dummy-0.1/priv/empty': '',
  'dummy-0.1/priv/über': 'ü',
};

describe('openEz', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'ez-tree-'));
    for (const [path, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    await chmod(join(root, 'dummy-0.1/priv/empty'), 0o755);
    await runErlang(
      `[Root] = Args,
       ok = file:set_cwd(Root),
       {ok, _} = zip:create("deflated.ez", ["dummy-0.1"]),
       {ok, _} = zip:create("stored.ez", ["dummy-0.1"], [{uncompress, all}]),
       {ok, _} = zip:create("mixed.ez", ["dummy-0.1"], [{uncompress, [".beam", ".app"]}, {comment, "PK with a comment"}]),
       {ok, _} = zip:create("empty.ez", [])`,
      [root],
    );
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  async function contents(tree: FileTree): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    await tree.readMany(
      tree.files.map((file) => file.path),
      (path, content) => void (found[path] = content.toString()),
    );
    return found;
  }
  const refused = async (members: readonly ZipMemberFields[], end?: { entries: number }) => {
    const { code, message } = await refusal(openEz(zipBytes(members, end), 'lib/x.ez'));
    expect(message.startsWith('lib/x.ez: ')).toBe(true);
    return `${code}: ${message.slice('lib/x.ez: '.length)}`;
  };
  const unreadable = async (member: ZipMemberFields) => {
    const tree = await openEz(zipBytes([member]), 'lib/x.ez');
    return refusal(tree.read(tree.files[0]?.path ?? ''));
  };

  it.each(['deflated.ez', 'stored.ez', 'mixed.ez'])(
    "reads what OTP's zip makes: %s, from disk and from memory",
    async (name) => {
      for (const source of [join(root, name), await readFile(join(root, name))]) {
        const tree = await openEz(source, `release.tar.gz/lib/${name}`);
        expect(tree.kind).toBe('ez');
        expect(tree.origin).toBe(`release.tar.gz/lib/${name}`);
        expect(tree.files).toEqual(
          Object.entries(FILES).map(([path, content]) => ({
            path,
            size: Buffer.byteLength(content),
            mode: 0o644,
          })),
        );
        expect(await contents(tree)).toEqual(FILES);
        expect((await tree.read('dummy-0.1/ebin/dummy.app')).toString()).toBe('{application, dummy, []}.\n');
      }
    },
  );

  it('reads an archive without files', async () => {
    expect((await openEz(join(root, 'empty.ez'), 'empty.ez')).files).toEqual([]);
  });

  it('keeps the permissions that are in the archive', async () => {
    const members = [
      { name: 'a', mode: 0o100755 },
      { name: 'b', mode: 0o100600 },
      { name: 'c', mode: 0 },
      { name: 'd', mode: 0o100755, madeBy: 0 },
    ];
    const tree = await openEz(zipBytes(members), 'x.ez');
    expect(tree.files.map((file) => file.mode)).toEqual([0o755, 0o600, 0o644, 0o644]);
  });

  it('reads several files in the order in which they are stored, each once', async () => {
    const tree = await openEz(
      zipBytes([
        { name: 'z', content: '1' },
        { name: 'a', content: '2' },
      ]),
      'x.ez',
    );
    const seen: string[] = [];
    await tree.readMany(['a', 'z', 'a'], (path, content) => void seen.push(`${path}=${content.toString()}`));
    expect(seen).toEqual(['z=1', 'a=2']);
  });

  it('says which path it does not have, before any visit', async () => {
    const tree = await openEz(zipBytes([{ name: 'a' }]), 'x.ez');
    const expected = { code: 'file-missing', message: 'x.ez: it has no file "b".' };
    expect(await refusal(tree.read('b'))).toEqual(expected);
    expect(await refusal(tree.readMany(['a', 'b'], () => expect.fail('visited')))).toEqual(expected);
  });

  it('lets the error of a visitor pass as it is, and leaves no file open', async () => {
    const tree = await openEz(join(root, 'deflated.ez'), 'x.ez');
    const openFiles = async () => (await readdir('/proc/self/fd')).length;
    const before = await openFiles();
    for (let round = 0; round < 20; round++) {
      await expect(
        tree.readMany(['dummy-0.1/priv/über'], () => Promise.reject(new RangeError('mine'))),
      ).rejects.toThrow(new RangeError('mine'));
    }
    expect(await openFiles()).toBeLessThanOrEqual(before);
  });

  it('says that a file is missing, or a folder', async () => {
    expect(await refusal(openEz(join(root, 'none.ez'), 'lib/none.ez'))).toMatchObject({
      code: 'archive-unreadable',
    });
    expect(await refusal(openEz(root, 'lib/folder.ez'))).toMatchObject({ code: 'archive-unreadable' });
  });

  describe('refuses', () => {
    it('paths that leave the archive, absolute ones and nameless ones', async () => {
      expect(await refused([{ name: '../x' }])).toBe(
        'archive-unsafe: the name of its member "../x" leaves the archive. Make the archive again, with zip:create/3.',
      );
      expect(await refused([{ name: 'a/../../x' }])).toContain('"a/../../x" leaves the archive');
      expect(await refused([{ name: '/x' }])).toContain('"/x" is an absolute path');
      expect(await refused([{ name: Buffer.from([0xff]) }])).toContain('is not UTF-8');
      expect(await refused([{ name: '' }])).toContain('archive-corrupt: a member has the name ""');
    });

    it('one path twice', async () => {
      expect(await refused([{ name: 'a/b' }, { name: 'a//b' }])).toContain(
        'archive-unsafe: it holds "a/b" twice',
      );
      expect(await refused([{ name: 'a/b' }, { name: 'a' }])).toContain(
        'it holds "a" twice, as a file and as a folder',
      );
    });

    it('members that share bytes with each other or with the directory', async () => {
      const one = { name: 'a', content: 'x'.repeat(100), method: 0 };
      expect(await refused([one, { ...one, offset: 0 }])).toContain(
        'archive-unsafe: its member "a" overlaps the one before it',
      );
      expect(await refused([{ ...one, packedSize: 101, size: 101 }])).toContain(
        'its member "a" reaches into the directory',
      );
      const inside = zipBytes([{ name: 'b', content: 'b' }]).subarray(0, 34);
      expect(
        await refused([
          { name: 'a', content: inside, method: 0 },
          { name: 'b', content: 'b', offset: 31 },
        ]),
      ).toContain('its member "b" overlaps the one before it');
    });

    it('what OTP does not make: encryption, other methods, links, zip64, several parts', async () => {
      expect(await refused([{ name: 'a', flags: 1 }])).toContain(
        'archive-unsupported: its member "a" is encrypted',
      );
      expect(await refused([{ name: 'a', method: 12 }])).toContain(
        'its member "a" is packed with the method 12',
      );
      expect(await refused([{ name: 'a', content: '/etc', mode: 0o120777 }])).toContain(
        'its member "a" is a link or a device',
      );
      expect(await refused([{ name: 'a', mode: 0o020666 }])).toContain(
        'its member "a" is a link or a device',
      );
      expect(await refused([{ name: 'a' }], { entries: 0xffff })).toContain('it is in the zip64 format');
    });

    it('a directory that does not fit the members', async () => {
      expect(await refused([{ name: 'a' }, { name: 'b' }], { entries: 1 })).toContain(
        'its directory is longer than its entries',
      );
      expect(await refused([{ name: 'a' }], { entries: 2 })).toContain(
        'its directory has fewer entries than its end says',
      );
      expect(await refused([{ name: 'a', localName: 'b' }])).toContain(
        'the header of its member "a" does not fit the directory',
      );
      expect(await refused([{ name: 'a', offset: 1 }])).toContain('does not fit the directory');
      expect(await refused([{ name: 'a', offset: 1e9 }])).toContain(
        'it is cut short: a member lies behind its end',
      );
      expect(await refused([{ name: 'a', method: 0, content: 'x', size: 2 }])).toContain(
        'is stored, with two different sizes',
      );
      expect(await refused([{ name: 'a/', content: 'x' }])).toContain('its folder "a/" has content');
    });

    it('an archive that is cut short, at every place, and what is none', async () => {
      const whole = await readFile(join(root, 'deflated.ez'));
      for (let length = 0; length < whole.length; length++) {
        expect((await refusal(openEz(whole.subarray(0, length), 'x.ez'))).code).toBe('archive-corrupt');
      }
      expect((await refusal(openEz(Buffer.from('hello'), 'x.ez'))).message).toBe(
        'x.ez: it is not a zip archive, or cut short: it has no end record. Make or copy the archive again.',
      );
    });

    it('bombs: sizes that cannot be, and sizes that are too much', async () => {
      expect(await refused([{ name: 'a', content: 'x', size: 4e9 }])).toContain(
        'archive-corrupt: its member "a" claims 4000000000 bytes, more than 3 can hold',
      );
      const zeros = { content: Buffer.alloc(100 * 1024 ** 2) };
      const packed = deflateRawSync(zeros.content);
      const members = ['a', 'b', 'c'].map((name) => ({ name, ...zeros, packed, crc32: 0 }));
      expect(await refused(members)).toMatch(/^archive-unsafe: its \d+ bytes unpack to 314572800: /);
    });
  });

  describe('does not give content that is damaged', () => {
    it.each([
      ['its checksum', { crc32: 1 }, 'its size or its checksum is not that of the directory'],
      ['a smaller size', { size: 999 }, 'Cannot create a Buffer larger than 999 bytes'],
      ['a larger size', { size: 1001 }, 'its size or its checksum is not that of the directory'],
      ['no deflate stream', { packed: Buffer.from([0xff, 0xff]) }, 'invalid block type'],
      [
        'half a stream',
        { packed: deflateRawSync(Buffer.alloc(1000)).subarray(0, 5) },
        'unexpected end of file',
      ],
    ])('%s', async (_, fields, reason) => {
      expect(await unreadable({ name: 'a', content: Buffer.alloc(1000), ...fields })).toEqual({
        code: 'archive-corrupt',
        message: `lib/x.ez: its member "a" is damaged: ${reason}. Make or copy the archive again.`,
      });
    });

    it('the checksum of a stored member', async () => {
      expect((await unreadable({ name: 'a', content: 'x', method: 0, crc32: 1 })).message).toContain(
        '"a" is damaged',
      );
    });
  });
});
