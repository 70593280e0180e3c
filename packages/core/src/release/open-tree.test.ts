import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import {
  paxRecord,
  tarBytes,
  tarMember,
  ZERO_BLOCK,
  type TarMemberFields,
} from '../../test/archives/tar-bytes';
import type { FileTree } from './file-tree';
import { openTree } from './open-tree';

describe('openTree refuses', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'open-tree-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  function tar(...args: string[]): void {
    execFileSync('tar', args, { cwd: root });
  }
  async function opened(name: string, bytes: Buffer): Promise<FileTree> {
    await writeFile(join(root, name), bytes);
    return openTree(join(root, name));
  }
  const openMembers = (members: readonly TarMemberFields[]) =>
    opened('made.tar.gz', gzipSync(tarBytes(members)));
  const refused = async (members: readonly TarMemberFields[]) => {
    const { code, message } = await refusal(openMembers(members));
    const start = `${root}/made.tar.gz: `;
    expect(message.startsWith(start)).toBe(true);
    return `${code}: ${message.slice(start.length)}`;
  };

  const made: TarMemberFields[] = [
    { name: 'lib/a', content: 'a'.repeat(3000) },
    { name: 'lib/b', content: 'b'.repeat(3000) },
  ];

  it('a path that leaves the archive, wherever it stands in the name', async () => {
    for (const name of ['../x', 'lib/../../x', 'lib/..', 'lib/../x']) {
      expect(await refused([{ name, content: 'x' }])).toBe(
        `archive-unsafe: the name of its member "${name}" leaves the archive. Make the archive again with the tools of the release.`,
      );
    }
    const pax = { name: 'PaxHeader', type: 'x', content: paxRecord('path', 'a/../../b') };
    expect(await refused([pax, { name: 'b' }])).toContain('"a/../../b" leaves the archive');
  });

  it('an absolute path', async () => {
    expect(await refused([{ name: '/etc/passwd' }])).toContain('"/etc/passwd" is an absolute path');
    expect(await refused([{ name: '/', type: '5' }])).toContain('"/" is an absolute path');
  });

  it('names that no file system holds', async () => {
    const named = (path: string) => [
      { name: 'PaxHeader', type: 'x', content: paxRecord('path', path) },
      { name: 'b' },
    ];
    expect(await refused(named('a\0b'))).toContain('"a\\u0000b" has a zero byte');
    expect(await refused(named('x'.repeat(5000)))).toContain('is longer than 4096 bytes');
    expect(await refused(named('x/'.repeat(200) + 'y'))).toContain('lies in more than 128 folders');
    const latin1 = tarBytes([{ name: 'lib/e' }]);
    latin1[4] = 0xe9;
    latin1.write(
      (
        latin1.subarray(0, 148).reduce((a, b) => a + b) +
        latin1.subarray(156, 512).reduce((a, b) => a + b) +
        256
      )
        .toString(8)
        .padStart(6, '0'),
      148,
    );
    expect((await refusal(opened('latin1.tar', latin1))).message).toContain('is not UTF-8');
  });

  it('links that leave, dangle or go in circles, naming link and target', async () => {
    const symbolic = (name: string, target: string) => ({ name, type: '2', target });
    expect(await refused([symbolic('lib/l', '../../x')])).toContain(
      'the link "lib/l" leads to "../../x", which is outside',
    );
    expect(await refused([symbolic('lib/l', '/etc')])).toContain(
      'the link "lib/l" leads to "/etc", which is outside',
    );
    expect(await refused([symbolic('lib/shop-0.1', '/nowhere/build/lib/shop')])).toContain(
      'this is a release for development, as {mode, dev} of relx makes it: lib/shop-0.1 is a link to',
    );
    expect(await refused([symbolic('l', 'none')])).toContain(
      'the link "l" leads to "none", which does not exist',
    );
    expect(await refused([{ name: 'f' }, symbolic('l', 'f/x')])).toContain(
      'the link "l" leads to "f/x", which does not exist',
    );
    expect(await refused([symbolic('a', 'b'), symbolic('b', 'a')])).toContain(
      'the link "a" leads to "b", and so in a circle',
    );
    expect(await refused([symbolic('lib/up', '..'), { name: 'x' }])).toContain(
      'the link "lib/up" leads to a folder that it lies in',
    );
    expect(await refused([symbolic('a/x', '../b'), symbolic('b/y', '../a')])).toContain(
      'leads to a folder that it lies in',
    );
    expect(await refused([{ name: 'h', type: '1', target: 'none' }])).toContain(
      'the link "h" leads to "none", which does not exist',
    );
    expect(await refused([{ name: 'h', type: '1', target: '../f' }])).toContain(
      'the link "h" leads to "../f", which is outside',
    );
    expect(await refused([{ name: 'h', type: '1' }])).toContain('its link "h" has no name or no target');
  });

  it('links that multiply each other without end', async () => {
    const links = Array.from({ length: 40 }, (_, level) =>
      ['left', 'right'].map((name) => ({
        name: `d${level}/${name}`,
        type: '2',
        target: `../d${level + 1}`,
      })),
    ).flat();
    expect(await refused([...links, { name: 'd40/', type: '5' }])).toContain('tree-too-large: ');
  });

  it('a member beneath a link, which would be unpacked to wherever the link leads', async () => {
    expect(await refused([{ name: 'lib', type: '2', target: '.' }, { name: 'lib/a' }])).toContain(
      'archive-unsafe: it has files beneath its link "lib"',
    );
    expect(await refused([{ name: 'lib/a' }, { name: 'lib', type: '2', target: 'other' }])).toContain(
      'it holds "lib" twice',
    );
  });

  it('one path twice, and says which', async () => {
    expect(
      await refused([{ name: 'lib/a', content: '1' }, { name: 'b' }, { name: './lib/a', content: '2' }]),
    ).toBe('archive-unsafe: it holds "lib/a" twice. Make the archive again with the tools of the release.');
    expect(await refused([{ name: 'lib' }, { name: 'lib/a' }])).toContain(
      'it holds "lib" twice, as a file and as a folder',
    );
    expect(await refused([{ name: 'lib/a' }, { name: 'lib' }])).toContain('it holds "lib" twice');
    expect(await refused([{ name: 'lib' }, { name: 'lib/', type: '5' }])).toContain('it holds "lib" twice');
  });

  it.each([
    ['3', 'archive-unsafe: its member "x" is a character-device'],
    ['4', 'archive-unsafe: its member "x" is a block-device'],
    ['6', 'archive-unsafe: its member "x" is a fifo'],
    ['S', 'archive-unsupported: its member "x" is of an unknown type, which erl_tar does not unpack'],
    ['V', 'archive-unsupported: its member "x" is of an unknown type, which erl_tar does not unpack'],
  ])('a member of type %s', async (type, message) => {
    expect(await refused([{ name: 'x', type }])).toContain(message);
  });

  it("tar's sparse files, in both formats", async () => {
    await writeFile(join(root, 'sparse'), 'x');
    await truncate(join(root, 'sparse'), 1_000_000);
    for (const format of ['gnu', 'pax']) {
      tar('-cSzf', 'sparse.tgz', `--format=${format}`, 'sparse');
      expect((await refusal(openTree(join(root, 'sparse.tgz')))).code).toBe('archive-unsupported');
    }
  });

  it('sizes that are not there, without waiting for them', async () => {
    expect(await refused([{ name: 'x', size: 5e10 }])).toContain(
      'archive-unsafe: its member "x" claims 50000000000 bytes',
    );
    expect(await refused([{ name: 'x', size: 5e9 }])).toContain(
      'archive-corrupt: it is cut short: it ends in the middle',
    );
    expect(await refused([{ name: 'x', size: '\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff' }])).toContain(
      'has no readable size',
    );
    expect(await refused([{ name: 'x', size: '\x90xxxxxxxxxxx' }])).toContain('has no readable size');
    expect(await refused([{ name: 'x', size: 'junk' }])).toContain('archive-corrupt: ');
    const pax = { name: 'PaxHeader', type: 'x', content: paxRecord('size', '-1') };
    expect(await refused([pax, { name: 'x' }])).toContain('archive-corrupt: ');
  });

  it('a long name of megabytes', async () => {
    const pax = { name: 'PaxHeader', type: 'x', content: paxRecord('path', 'x'.repeat(5e6)) };
    expect(await refused([pax, { name: 'x' }])).toContain('archive-corrupt: ');
  });

  it('a tarball that is cut short, at every place', async () => {
    const whole = gzipSync(tarBytes(made));
    for (let length = 3; length < whole.length; length += 1) {
      expect(await refusal(opened('cut.tar.gz', whole.subarray(0, length)))).toMatchObject({
        code: 'archive-corrupt',
      });
    }
    await expect(opened('cut.tar.gz', whole)).resolves.toMatchObject({ kind: 'tarball' });
    expect((await refusal(opened('cut.tar.gz', whole.subarray(0, -20)))).message).toMatch(
      /^\S*cut\.tar\.gz: it is cut short: the gzip stream ends in the middle\. Make or copy/,
    );
  });

  it('a plain tar that is cut short, at every place', async () => {
    const whole = tarBytes(made);
    const lastMember = whole.length - 2 * ZERO_BLOCK.length;
    for (const length of [512, 1024, 3000, 3584, 4096, 5000, lastMember]) {
      const { message } = await refusal(opened('cut.tar', whole.subarray(0, length)));
      expect(message).toMatch(/cut\.tar: it is cut short: /);
    }
    expect((await refusal(opened('cut.tar', whole.subarray(0, lastMember)))).message).toContain(
      'the blocks of zeros that end a tar archive are missing (after the member "lib/b")',
    );
    await expect(opened('cut.tar', whole.subarray(0, lastMember + 512))).resolves.toMatchObject({
      kind: 'tarball',
    });
  });

  it('a damaged gzip checksum, also behind the last member', async () => {
    const whole = gzipSync(tarBytes(made));
    whole.writeUInt32LE(1, whole.length - 8);
    expect(await refusal(opened('crc.tar.gz', whole))).toEqual({
      code: 'archive-corrupt',
      message: `${root}/crc.tar.gz: its gzip stream is damaged: incorrect data check. Make or copy the archive again.`,
    });
  });

  it('a damaged header, naming the member before it', async () => {
    const bytes = tarBytes(made);
    bytes.write('!', 3584 + 5);
    expect((await refusal(opened('header.tar', bytes))).message).toContain(
      'a tar header has a wrong checksum (after the member "lib/a")',
    );
  });

  it('what is gzip and not tar', async () => {
    expect((await refusal(opened('text.gz', gzipSync('x'.repeat(10_000))))).message).toContain(
      'it is not a tar archive: its first header is not valid',
    );
    expect((await refusal(opened('nothing.gz', gzipSync('')))).message).toContain('it is cut short');
  });

  it('members behind the end, which erl_tar would not unpack', async () => {
    const bytes = Buffer.concat([
      tarMember({ name: 'a', content: 'a' }),
      ZERO_BLOCK,
      ZERO_BLOCK,
      tarBytes(made),
    ]);
    expect((await refusal(opened('two.tar', bytes))).message).toContain(
      'members follow the blocks of zeros that end it; erl_tar would not unpack those (after the member "a")',
    );
    // Blocks of zeros as content are no end.
    const zeros = [
      { name: 'a', content: Buffer.alloc(5000) },
      { name: 'b', content: Buffer.alloc(200_000) },
    ];
    expect((await openMembers([...zeros, { name: 'c', content: 'c' }])).files).toHaveLength(3);
  });

  it('a bomb, before it has grown', async () => {
    const bomb = gzipSync(
      Buffer.concat([tarMember({ name: 'zeros', size: 300 * 1024 ** 2 }), Buffer.alloc(300 * 1024 ** 2)]),
    );
    const { code, message } = await refusal(opened('bomb.tar.gz', bomb));
    expect(code).toBe('archive-unsafe');
    expect(message).toContain('it is made to fill the memory or the disk');
  });

  it('what is no release at all, saying what is wanted and what is there', async () => {
    const wanted = 'expected the folder of a release, or a .tar.gz or .tar of one; found';
    const found = async (name: string, bytes: Buffer | string) =>
      (await refusal(opened(name, Buffer.from(bytes)))).message;
    expect(await found('text', 'hello there')).toBe(
      `${root}/text: ${wanted} a file that starts with the bytes 68656c6c.`,
    );
    expect(await found('empty', '')).toBe(`${root}/empty: ${wanted} an empty file.`);
    expect(await found('a.ez', 'PK\x03\x04')).toBe(`${root}/a.ez: ${wanted} a zip archive.`);
    expect(await found('zeros', Buffer.alloc(1024))).toContain('starts with the bytes 00000000');
    expect((await refusal(openTree('/dev/null'))).message).toBe(
      `/dev/null: ${wanted} neither a file nor a folder.`,
    );
    expect(await refusal(openTree(join(root, 'none')))).toEqual({
      code: 'release-missing',
      message: `${root}/none: there is no such file or folder. Give the folder of a release, or a .tar.gz of one.`,
    });
    expect((await refusal(openTree(join(root, 'text/x')))).code).toBe('release-missing');
  });
});
