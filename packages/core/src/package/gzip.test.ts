import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Random, generated } from '../../test/random';
import { runErlang } from '../../test/archives/erlang';
import { gzip } from './gzip';

const MEBIBYTE = 1024 ** 2;
const { seed } = generated('GZIP', 1);

async function* pieces(bytes: Buffer, lengths: () => number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length;) {
    const end = start + lengths();
    yield await Promise.resolve(bytes.subarray(start, end));
    start = end;
  }
}

async function packed(bytes: Buffer, lengths = () => 65_536): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of gzip(pieces(bytes, lengths))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Text that repeats itself, also over the borders of blocks, with some noise in it. */
function text(random: Random, length: number): Buffer {
  const parts: Buffer[] = [];
  const phrases = Array.from({ length: 50 }, () => random.bytes(5 + random.below(200)));
  for (let size = 0; size < length;) {
    const part = random.pick(phrases);
    parts.push(part);
    size += part.length;
  }
  return Buffer.concat(parts).subarray(0, length);
}

describe('gzip', () => {
  it('makes one member that Node, gunzip and Erlang unpack to the same bytes, at every block border', async () => {
    const random = new Random(seed);
    const folder = await mkdtemp(join(tmpdir(), 'gzip-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const sizes = [0, 1, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 2 * MEBIBYTE, 5 * MEBIBYTE + 12_345];
    const files: string[] = [];
    for (const size of sizes) {
      const bytes = text(random, size);
      const file = join(folder, `${size}.gz`);
      files.push(file);
      await writeFile(join(folder, String(size)), bytes);
      const gz = await packed(bytes);
      await writeFile(file, gz);
      expect(gunzipSync(gz).equals(bytes), `${size} bytes, GZIP_SEED=${seed}`).toBe(true);
      execFileSync('gzip', ['-t', file]);
    }
    // zlib:gunzip/1 takes concatenated members too; inflate with 16 + 15 bits stops behind the first.
    const same = await runErlang(
      `[begin
          {ok, Gz} = file:read_file(File),
          {ok, Bytes} = file:read_file(filename:rootname(File)),
          Z = zlib:open(),
          ok = zlib:inflateInit(Z, 31, error),
          Bytes = iolist_to_binary(zlib:inflate(Z, Gz)),
          ok = zlib:inflateEnd(Z),
          io:format("same ")
        end || File <- Args]`,
      files,
    );
    expect(same).toBe('same '.repeat(sizes.length));
  });

  it('gives the same bytes however its input is cut up', async () => {
    const random = new Random(seed);
    const bytes = text(random, 3 * MEBIBYTE + 7);
    const whole = await packed(bytes, () => bytes.length);
    for (const lengths of [() => 512, () => 1 + random.below(200_000), () => MEBIBYTE]) {
      expect((await packed(bytes, lengths)).equals(whole), `GZIP_SEED=${seed}`).toBe(true);
    }
  });

  it('finds what repeats over the border of two blocks', async () => {
    const noise = new Random(seed).bytes(30_000);
    const bytes = Buffer.concat([Buffer.alloc(MEBIBYTE - noise.length), noise, noise]);
    expect((await packed(bytes)).length).toBeLessThan(noise.length + 5000);
  });

  it('stops without a trace when its reader goes away, and passes an error of its input on', async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield await Promise.resolve(Buffer.alloc(MEBIBYTE));
      } finally {
        closed = true;
      }
    }
    for await (const chunk of gzip(endless())) if (chunk.length > 10) break;
    expect(closed).toBe(true);
    async function* failing(): AsyncGenerator<Buffer> {
      yield* pieces(Buffer.alloc(3 * MEBIBYTE), () => MEBIBYTE);
      throw new RangeError('mine');
    }
    await expect(async () => {
      for await (const chunk of gzip(failing())) expect(chunk.length).toBeGreaterThan(0);
    }).rejects.toThrow(new RangeError('mine'));
  });
});
