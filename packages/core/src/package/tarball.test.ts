import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random, generated } from '../../test/random';
import { runErlang } from '../../test/archives/erlang';
import { refusal } from '../../test/archives/refusal';
import { openFolder } from '../release/folder-tree';
import { openTree } from '../release/open-tree';
import { writeTarball, type TarballEntry } from './tarball';

const { seed, count } = generated('TARBALL', 150);

function entry(path: string, content: Buffer | string = path, mode = 0o644): TarballEntry {
  const bytes = Buffer.from(content);
  return { path, mode, size: bytes.length, content: bytes };
}

/** A path of `bytes` bytes, with folders of up to 60 characters. */
function pathOfLength(bytes: number): string {
  const folders = 'f'.repeat(bytes).replace(/f{60}(?=f)/g, (folder) => `${folder.slice(1)}/`);
  return folders;
}

describe('writeTarball', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tarball-'));
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });
  const written = async (entries: readonly TarballEntry[], name = 'x.tar.gz') => {
    const result = await writeTarball(entries, join(root, name));
    return { ...result, bytes: await readFile(join(root, name)) };
  };

  describe('is unpacked by erl_tar', () => {
    it('with the same names, contents and modes, whatever the names', async () => {
      const random = new Random(seed);
      const lengths = [1, 99, 100, 101, 154, 155, 156, 157, 200, 254, 255, 256, 257, 258, 300, 500, 1000];
      const letters = [
        'a',
        'Z',
        '-',
        '_',
        '.',
        ' ',
        'é',
        'ü',
        '日',
        '😀',
        '~',
        '+',
        '@',
        '(',
        "'",
        '"',
        '\\',
        '%',
        '=',
      ];
      const named = new Map<string, TarballEntry>();
      const add = (path: string) =>
        named.set(
          path,
          entry(
            path,
            random.bytes(random.pick([0, 1, 511, 512, 513, 1500])),
            random.pick([0o644, 0o755, 0o600, 0o744]),
          ),
        );
      for (const length of lengths) add(`len${length}/${pathOfLength(length)}`.slice(0, length));
      add(`one-name/${'n'.repeat(255)}`);
      add(`${'p'.repeat(155)}/${'n'.repeat(100)}`);
      add(`${'p'.repeat(156)}/${'n'.repeat(100)}`);
      for (let index = 0; index < count; index++) {
        const name = Array.from({ length: 1 + random.below(60) }, () => random.pick(letters)).join('');
        add(`g${index}/${name.replace(/^\.+$/, '_')}`);
      }
      const entries = [...named.values()];
      await written(entries, 'names.tar.gz');
      const listed = await runErlang(
        `[Root] = Args,
         Tar = filename:join(Root, "names.tar.gz"),
         {ok, Names} = erl_tar:table(Tar, [compressed]),
         ok = erl_tar:extract(Tar, [compressed, keep_old_files, {cwd, filename:join(Root, "names")}]),
         [io:format("~ts~n", [Name]) || Name <- Names]`,
        [root],
      );
      const paths = [...named.keys()].sort();
      expect(listed, `TARBALL_SEED=${seed}`).toBe(paths.map((path) => `${path}\n`).join(''));
      const folder = await openFolder(join(root, 'names'));
      expect(folder.files, `TARBALL_SEED=${seed}`).toEqual(
        paths.map((path) => {
          const { size, mode } = named.get(path) ?? { size: 0, mode: 0 };
          return { path, size, mode: (mode & 0o111) === 0 ? 0o644 : 0o755 };
        }),
      );
      for (const path of paths) {
        expect(await readFile(join(root, 'names', path)), path).toEqual(named.get(path)?.content);
      }
      const tree = await openTree(join(root, 'names.tar.gz'));
      expect(tree.files).toEqual(folder.files);
      expect((await stat(join(root, 'names', paths[0] ?? ''))).mtime.toISOString()).toBe(
        '1980-01-01T00:00:00.000Z',
      );
    });
  });

  describe('gives the same bytes', () => {
    async function fill(
      folder: string,
      paths: readonly string[],
      umask: number,
      time: number,
    ): Promise<TarballEntry[]> {
      const entries: TarballEntry[] = [];
      for (const path of paths) {
        const file = join(root, folder, path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, path.repeat(30_000));
        await chmod(file, (path.startsWith('bin') ? 0o777 : 0o666) & ~umask);
        await utimes(file, time, time);
        const { size, mode } = await stat(file);
        entries.push({
          path,
          size,
          mode,
          content: () => createReadStream(file, { highWaterMark: 1000 + time }),
        });
      }
      return entries;
    }

    it('whatever the folder, the order, the umask, the times, and the way the content comes', async () => {
      const paths = ['bin/a', 'lib/é/b', 'lib/B', 'lib/a', `lib/${'x'.repeat(200)}`];
      const one = await written(await fill('one', paths, 0o022, 10_000), 'one.tar.gz');
      const two = await written(await fill('folder-two', [...paths].reverse(), 0o077, 20_000), 'two.tar.gz');
      const held = await written(
        paths.map((path) => entry(path, path.repeat(30_000), path.startsWith('bin') ? 0o711 : 0o400)),
        'three.tar.gz',
      );
      expect(two.bytes.equals(one.bytes)).toBe(true);
      expect(held.bytes.equals(one.bytes)).toBe(true);
      expect(one.bytes.length).toBe(one.size);
      expect([two.tarSha256, held.tarSha256]).toEqual([one.tarSha256, one.tarSha256]);
      expect(one.tarSha256).toBe(createHash('sha256').update(gunzipSync(one.bytes)).digest('hex'));
    });

    it('that are these, with any version of the libraries', async () => {
      const { tarSha256, bytes } = await written([
        entry('bin/dummy', '#!/bin/sh\n', 0o700),
        entry('lib/dummy-0.2/ebin/dummy.app', '{application, dummy, []}.\n'),
        entry(`lib/${'x'.repeat(120)}/${'y'.repeat(120)}`, ''),
        entry('lib/ü', 'u'),
      ]);
      expect(tarSha256).toBe('01e98950bf2d0bc095132fe62e90fa47bb8e86d428ee93ddf13dd6c226a9d926');
      expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000002ff');
    });
  });

  it('holds regular files only: no folders, no owner, no user names, two blocks of zeros', async () => {
    const tar = gunzipSync((await written([entry('lib/a', 'x'), entry('lib/b/c', '')])).bytes);
    expect(tar.length).toBe(512 * 5);
    expect(tar.subarray(0, 157).toString('latin1')).toBe(
      `${'lib/a'.padEnd(100, '\0')}000644 \u0000000000 \u0000000000 \u000000000000001 02263523000 ${tar.toString('latin1', 148, 156)}0`,
    );
    expect(tar.subarray(257, 345).toString('latin1').replace(/\0+/g, '|')).toBe('ustar|00|000000 |000000 |');
    expect(tar.subarray(512 * 3).equals(Buffer.alloc(1024))).toBe(true);
  });

  it('writes an archive without entries', async () => {
    const { bytes } = await written([]);
    expect(gunzipSync(bytes)).toEqual(Buffer.alloc(1024));
  });

  it('makes the folders above the output, and replaces an earlier output', async () => {
    const file = join(root, 'new/folder/x.tar.gz');
    await writeTarball([entry('a')], file);
    await writeTarball([entry('b')], file);
    expect((await openTree(file)).files.map(({ path }) => path)).toEqual(['b']);
    expect(await readdir(dirname(file))).toEqual(['x.tar.gz']);
  });

  it('removes what killed runs of the same output left, and nothing else', async () => {
    const folder = join(root, 'left');
    await mkdir(folder);
    const left = ['x.tar.gz.999999999-0123456789ab.tmp', `x.tar.gz.${process.pid}-0123456789ab.tmp`];
    const kept = [
      'y.tar.gz.999999999-0123456789ab.tmp',
      `x.tar.gz.${process.ppid}-0123456789ab.tmp`,
      'x.tar.gz.tmp',
      'x.tar.gz.bak',
    ];
    for (const name of [...left, ...kept]) await writeFile(join(folder, name), '');
    // Older than this process, whose number it has.
    await utimes(join(folder, left[1] ?? ''), 1, 1);
    await writeTarball([entry('a')], join(folder, 'x.tar.gz'));
    expect(await readdir(folder)).toEqual([...kept, 'x.tar.gz'].sort());
  });

  it('lets several runs write one output at the same time', async () => {
    const file = join(root, 'together/x.tar.gz');
    const results = await Promise.all(
      [1, 2, 3, 4].map(() => writeTarball([entry('a', 'x'.repeat(3e6))], file)),
    );
    expect(new Set(results.map(({ tarSha256 }) => tarSha256)).size).toBe(1);
    expect(await readdir(dirname(file))).toEqual(['x.tar.gz']);
  });

  it('opens no more than one stream at a time, and does not hold what it reads', async () => {
    let open = 0;
    let most = 0;
    const size = 48 * 1024 ** 2;
    const streamed = (path: string): TarballEntry => ({
      path,
      mode: 0o644,
      size,
      content: () => {
        most = Math.max(most, ++open);
        let left = size;
        return new Readable({
          highWaterMark: 64 * 1024,
          read() {
            left -= 64 * 1024;
            this.push(left < 0 ? null : Buffer.alloc(64 * 1024, left & 0xff));
          },
          destroy(error, done) {
            open -= 1;
            done(error);
          },
        });
      },
    });
    const before = process.memoryUsage();
    const watch = { peak: 0 };
    const timer = setInterval(() => {
      const { arrayBuffers } = process.memoryUsage();
      watch.peak = Math.max(watch.peak, arrayBuffers - before.arrayBuffers);
    }, 5);
    await written(['a', 'b', 'c'].map(streamed));
    clearInterval(timer);
    expect(open).toBe(0);
    expect(most).toBe(1);
    expect(watch.peak).toBeGreaterThan(0);
    expect(watch.peak).toBeLessThan(64 * 1024 ** 2);
  });

  describe('refuses, leaving nothing behind and an earlier output as it is', () => {
    const file = () => join(root, 'refused/x.tar.gz');
    beforeAll(async () => {
      await mkdir(join(root, 'refused'));
      await writeFile(file(), 'earlier');
    });
    async function refused(entries: readonly TarballEntry[]): Promise<string> {
      const { code, message } = await refusal(writeTarball(entries, file()));
      expect(await readdir(join(root, 'refused'))).toEqual(['x.tar.gz']);
      expect(await readFile(file(), 'utf8')).toBe('earlier');
      expect(message.startsWith(`${file()}: the entry `)).toBe(true);
      return `${code}: ${message.slice(file().length + 2)}`;
    }

    it.each([
      ['../a', 'leaves the archive'],
      ['a/../b', 'leaves the archive'],
      ['/a', 'is an absolute path'],
      ['./a', 'is not the path of a file in its shortest form'],
      ['a//b', 'is not the path of a file in its shortest form'],
      ['a/', 'is not the path of a file in its shortest form'],
      ['', 'is not the path of a file in its shortest form'],
      ['a\nb', 'has a line feed'],
      ['a\0b', 'has a zero byte'],
      ['a\ud800', 'has no form in UTF-8'],
    ])('the path %j', async (path, problem) => {
      expect(await refused([entry('ok'), { ...entry('x'), path }])).toBe(
        `package-entry: the entry ${JSON.stringify(path)} ${problem}.`,
      );
    });

    it('a path that is there twice, as two files or as a file and a folder', async () => {
      expect(await refused([entry('a', '1'), entry('b'), entry('a', '2')])).toContain(
        'the entry "a" is there twice',
      );
      expect(await refused([entry('a/b/c'), entry('a/b')])).toContain(
        'the entry "a/b" is a file, and the folder of "a/b/c"',
      );
    });

    it('a size that no header can say', async () => {
      for (const size of [-1, 0.5, Number.NaN, 8 * 1024 ** 3]) {
        expect(await refused([{ ...entry('a'), size }])).toContain(
          `the entry "a" has ${size} bytes; possible are 0 to 8589934591`,
        );
      }
    });

    it('content that is not as long as was said', async () => {
      const streamed = (size: number) => ({
        ...entry('a'),
        size,
        content: () => Readable.from([Buffer.alloc(1e6), Buffer.alloc(1)]),
      });
      expect(await refused([{ ...entry('a', 'abc'), size: 2 }])).toContain(
        '"a" was said to have 2 bytes and has more',
      );
      expect(await refused([{ ...entry('a', 'abc'), size: 4 }])).toContain(
        '"a" was said to have 4 bytes and has 3',
      );
      expect(await refused([streamed(1_000_000)])).toContain(
        '"a" was said to have 1000000 bytes and has more',
      );
      expect(await refused([streamed(1_000_002)])).toContain(
        '"a" was said to have 1000002 bytes and has 1000001',
      );
    });

    it('content that cannot be read, at the beginning or in the middle', async () => {
      const missing = join(root, 'missing');
      expect(await refused([{ ...entry('a'), content: () => createReadStream(missing) }])).toContain(
        '"a" cannot be read: ENOENT',
      );
      const breaking = () =>
        Readable.from(
          (async function* () {
            yield await Promise.resolve(Buffer.alloc(5e6));
            throw new Error('the disk is gone');
          })(),
        );
      expect(await refused([entry('0'), { ...entry('a'), size: 6e6, content: breaking }])).toContain(
        '"a" cannot be read: the disk is gone',
      );
      expect(
        await refused([{ ...entry('a'), content: () => Readable.from(['text'], { encoding: 'utf8' }) }]),
      ).toContain('"a" cannot be read: its stream gives other things than bytes');
    });

    it('an output that cannot be written', async () => {
      await writeFile(join(root, 'a-file'), '');
      const expected = { code: 'output-unwritable' };
      expect(await refusal(writeTarball([entry('a')], join(root, 'a-file/x.tar.gz')))).toMatchObject(
        expected,
      );
      await mkdir(join(root, 'a-folder/x.tar.gz/y'), { recursive: true });
      expect(await refusal(writeTarball([entry('a')], join(root, 'a-folder/x.tar.gz')))).toMatchObject(
        expected,
      );
      expect(await readdir(join(root, 'a-folder'))).toEqual(['x.tar.gz']);
    });
  });
});
