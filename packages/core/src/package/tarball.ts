import { createHash, randomBytes, type Hash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pack as tarPack, type Pack } from 'tar-stream';
import { OtpError } from '../error';
import { drained } from '../release/drained';
import { byCodeUnit } from '../release/file-index';
import { memberPath, quoteName } from '../release/member-path';
import { gzip } from './gzip';

/** A regular file of a package. */
export interface TarballEntry {
  /** Where it is unpacked to, relative to the root of the release, in the form of `FileEntry.path`. */
  readonly path: string;
  /** Permission bits; kept is only whether it is executable (0o755 or else 0o644). */
  readonly mode: number;
  /** In bytes. */
  readonly size: number;
  /** All of it, or a function that opens it once; the stream is opened when its turn has come, and closed. */
  readonly content: Buffer | (() => AsyncIterable<unknown>);
}

export interface WrittenTarball {
  /** SHA-256 in hex of the tar inside the gzip, which is the same with any version of zlib. */
  readonly tarSha256: string;
  /** Of the written `.tar.gz`, in bytes. */
  readonly size: number;
}

// `erl_tar` gives the files this time; zip and others know no earlier one than 1980.
const MODIFICATION_TIME = new Date('1980-01-01T00:00:00Z');

/** What twelve octal digits of a tar header can say. */
const MAX_ENTRY_BYTES = 8 * 1024 ** 3 - 1;

/**
 * Writes a package as `release_handler:unpack_release/1` wants it: one gzip member, ustar, regular files only, pax
 * headers for names that do not fit (`erl_tar`). The same entries give the same bytes, whatever their order, the
 * time, the user and the number of cores. Missing folders above `outputFile` are made. The file appears under its
 * name when it is complete; what killed runs left beside it is removed.
 * @throws OtpError `package-entry` (a path that cannot be unpacked, one that is there twice, content that is not
 *   as long as said or cannot be read), `output-unwritable`
 */
export async function writeTarball(
  entries: readonly TarballEntry[],
  outputFile: string,
): Promise<WrittenTarball> {
  const sorted = [...entries].sort((a, b) => byCodeUnit(a.path, b.path));
  refuseEntries(sorted, outputFile);
  const temporary = `${outputFile}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(dirname(outputFile), { recursive: true });
    await removeLeftovers(outputFile);
    const hash = createHash('sha256');
    // By a handle and not by a stream, which could still make the file after it was removed below.
    const handle = await open(temporary, 'wx');
    try {
      await writeFile(handle, gzip(hashed(tarBytes(sorted, outputFile), hash)));
    } finally {
      await handle.close();
    }
    const { size } = await stat(temporary);
    await rename(temporary, outputFile);
    return { tarSha256: hash.digest('hex'), size };
  } catch (error) {
    // Where it could not be made it cannot be removed either; the first error is the one that matters.
    await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof OtpError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtpError(`it cannot be written: ${reason}.`, {
      code: 'output-unwritable',
      file: outputFile,
      cause: error,
    });
  }
}

async function* hashed(bytes: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

async function* tarBytes(entries: readonly TarballEntry[], outputFile: string): AsyncGenerator<Uint8Array> {
  const pack = tarPack({ highWaterMark: 256 * 1024 });
  const filling = fill(pack, entries, outputFile);
  try {
    for await (const chunk of pack) if (chunk instanceof Uint8Array) yield chunk;
  } finally {
    pack.destroy();
    await filling;
  }
}

/** Never rejects: what goes wrong comes out of `pack`. */
async function fill(pack: Pack, entries: readonly TarballEntry[], outputFile: string): Promise<void> {
  try {
    for (const entry of entries) {
      await addEntry(pack, entry, outputFile);
      if (pack.destroying) return;
    }
    pack.finalize();
  } catch (error) {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

async function addEntry(pack: Pack, entry: TarballEntry, outputFile: string): Promise<void> {
  const sink = pack.entry({
    name: entry.path,
    type: 'file',
    size: entry.size,
    mode: (entry.mode & 0o111) === 0 ? 0o644 : 0o755,
    mtime: MODIFICATION_TIME,
    uid: 0,
    gid: 0,
  });
  const closed = new Promise<void>((resolve) => sink.on('close', () => resolve()));
  // An error of the sink destroys the pack with it, and the pack's reader sees it.
  sink.on('error', () => undefined);
  let written = 0;
  for await (const chunk of contentOf(entry, outputFile)) {
    written += chunk.length;
    if (written > entry.size) break;
    if (!sink.write(chunk)) await drained(sink);
    if (sink.destroying) return;
  }
  if (written !== entry.size) {
    const found = written > entry.size ? 'more' : String(written);
    throw entryError(entry.path, `was said to have ${entry.size} bytes and has ${found}`, outputFile);
  }
  sink.end(null);
  await closed;
}

async function* contentOf(entry: TarballEntry, outputFile: string): AsyncGenerator<Uint8Array> {
  if (Buffer.isBuffer(entry.content)) {
    yield entry.content;
    return;
  }
  try {
    for await (const chunk of entry.content()) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('its stream gives other things than bytes');
      yield chunk;
    }
  } catch (error) {
    if (error instanceof OtpError) throw error;
    throw entryError(
      entry.path,
      `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      outputFile,
      error,
    );
  }
}

function refuseEntries(sorted: readonly TarballEntry[], outputFile: string): void {
  const paths = new Set<string>();
  for (const { path, size } of sorted) {
    const place = memberPath(path);
    if ('refused' in place) throw entryError(path, place.refused, outputFile);
    if (place.path !== path || path === '')
      throw entryError(path, 'is not the path of a file in its shortest form', outputFile);
    // A pax header, which holds such a name if it is long, ends at the first line feed for erl_tar.
    if (path.includes('\n')) throw entryError(path, 'has a line feed', outputFile);
    if (Buffer.from(path).toString() !== path) throw entryError(path, 'has no form in UTF-8', outputFile);
    if (paths.has(path)) throw entryError(path, 'is there twice', outputFile);
    if (!Number.isSafeInteger(size) || size < 0 || size > MAX_ENTRY_BYTES) {
      throw entryError(path, `has ${size} bytes; possible are 0 to ${MAX_ENTRY_BYTES}`, outputFile);
    }
    paths.add(path);
  }
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (paths.has(path.slice(0, slash))) {
        throw entryError(path.slice(0, slash), `is a file, and the folder of ${quoteName(path)}`, outputFile);
      }
    }
  }
}

function entryError(path: string, problem: string, file: string, cause?: unknown): OtpError {
  return new OtpError(`the entry ${quoteName(path)} ${problem}.`, { code: 'package-entry', file, cause });
}

/** Removes the temporary files of this output whose process is gone. */
async function removeLeftovers(outputFile: string): Promise<void> {
  const folder = dirname(outputFile);
  const start = `${basename(outputFile)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start)) continue;
    const pid = /^(\d+)-[0-9a-f]{12}\.tmp$/.exec(name.slice(start.length))?.[1];
    if (pid !== undefined && !(await isInUse(join(folder, name), Number(pid))))
      await rm(join(folder, name), { force: true });
  }
}

async function isInUse(file: string, pid: number): Promise<boolean> {
  if (pid === process.pid) {
    // In a container every run may have the same number.
    const startedAt = Date.now() - process.uptime() * 1000;
    const stats = await stat(file).catch(() => undefined);
    return stats === undefined || stats.mtimeMs >= startedAt;
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
