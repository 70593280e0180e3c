import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract as tarExtract, type Extract, type Header } from 'tar-stream';
import { OtpError } from '../error';
import { MAX_GZIP_RATIO, MAX_UNPACKED_BYTES, MIN_BYTES_FOR_RATIO } from './archive-limits';
import { drained } from './drained';
import { memberPath, quoteName } from './member-path';
import { TAR_BLOCK_BYTES, TarEnd } from './tar-end';

export type TarCompression = 'gzip' | 'none';

type Entry = Extract extends AsyncIterable<infer T> ? T : never;

// tar-stream's types leave out `allowUnknownFormat`, which lets v7 headers (they have no magic) pass.
const EXTRACT_OPTIONS = { highWaterMark: 64 * 1024, allowUnknownFormat: true };

/** One member of a tar archive, with its path in the form of `FileEntry.path` (`''` is the root). */
export type TarMember =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      readonly mode: number;
      /** To be read, if at all, before the next member is asked for. */
      readonly content: AsyncIterable<Uint8Array>;
    }
  | { readonly kind: 'folder'; readonly path: string }
  /** `target` is relative to the folder of the link when it is symbolic, else to the root. */
  | { readonly kind: 'symbolic-link' | 'hard-link'; readonly path: string; readonly target: string };

/**
 * Reads an archive from disk, member by member, without ever holding more than some chunks of it; formats v7,
 * ustar, GNU and pax. When the loop over it is left early, all streams are closed.
 * @throws OtpError naming the file: `archive-corrupt` (gzip checksum, tar checksum, cut short), `archive-unsafe`
 *   (a path that leaves the archive, a device, a bomb), `archive-unsupported`, `archive-unreadable`
 */
export async function* tarMembers(file: string, compression: TarCompression): AsyncGenerator<TarMember> {
  const extract = tarExtract(EXTRACT_OPTIONS);
  const entries = extract[Symbol.asyncIterator]();
  const end = new TarEnd();
  const feeding = feed(tarBytes(file, compression), extract, end);
  let last: string | undefined;
  try {
    for (;;) {
      const next = await entries.next();
      if (next.done === true) break;
      const member = toMember(file, next.value, last, end);
      last = member.path;
      yield member;
      next.value.resume();
    }
    if (!end.reached) {
      throw corrupt(file, 'it is cut short: the blocks of zeros that end a tar archive are missing', last);
    }
  } catch (error) {
    throw tarError(file, error, last);
  } finally {
    extract.destroy();
    await feeding;
  }
}

/** Never rejects: what goes wrong comes out of `extract`. */
async function feed(bytes: AsyncIterable<Buffer>, extract: Extract, end: TarEnd): Promise<void> {
  try {
    for await (const chunk of bytes) {
      end.pass(chunk);
      if (!extract.write(chunk)) await drained(extract);
      if (extract.destroying) return;
    }
    extract.end(null);
  } catch (error) {
    extract.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** The archive unpacked, in chunks of whole tar blocks (the last one may hold less). */
async function* tarBytes(file: string, compression: TarCompression): AsyncGenerator<Buffer> {
  const stored = createReadStream(file, { highWaterMark: 128 * 1024 });
  const unpacked =
    compression === 'none'
      ? stored
      : pipeline(stored, createGunzip({ chunkSize: 64 * 1024 }), () => undefined);
  let total = 0;
  let rest: Buffer = Buffer.alloc(0);
  try {
    const chunks: AsyncIterable<Buffer> = unpacked;
    for await (const chunk of chunks) {
      total += chunk.length;
      refuseBomb(file, total, stored.bytesRead);
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length - (bytes.length % TAR_BLOCK_BYTES);
      rest = bytes.subarray(whole);
      if (whole > 0) yield bytes.subarray(0, whole);
    }
    if (rest.length > 0) yield rest;
  } catch (error) {
    throw byteError(file, error);
  } finally {
    unpacked.destroy();
    stored.destroy();
  }
}

function refuseBomb(file: string, unpacked: number, stored: number): void {
  if (unpacked > MAX_UNPACKED_BYTES) {
    throw unsafe(file, `it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
  }
  if (unpacked > MIN_BYTES_FOR_RATIO && unpacked > stored * MAX_GZIP_RATIO) {
    throw unsafe(
      file,
      `its first ${stored} bytes unpack to more than ${unpacked}: it is made to fill the memory or the disk`,
    );
  }
}

function toMember(file: string, entry: Entry, previous: string | undefined, end: TarEnd): TarMember {
  const { header } = entry;
  const { name, size } = header;
  // tar-stream gives null or NaN for a size that it could not read, and then waits for content forever.
  if (!Number.isSafeInteger(size) || size < 0) {
    throw corrupt(file, 'a member has no readable size', previous);
  }
  const hasContent = header.type !== 'directory';
  if (!end.accepts(contentOffset(header), hasContent ? size : 0)) {
    throw corrupt(
      file,
      'members follow the blocks of zeros that end it; erl_tar would not unpack those',
      previous,
    );
  }
  const place = memberPath(name);
  if ('refused' in place) throw unsafe(file, `the name of its member ${quoteName(name)} ${place.refused}`);
  const { path } = place;
  if (size > MAX_UNPACKED_BYTES) {
    throw unsafe(file, `its member ${quoteName(path)} claims ${size} bytes, more than ${MAX_UNPACKED_BYTES}`);
  }
  if (isSparse(header)) throw unsupported(file, path, 'a sparse file');
  switch (header.type) {
    case 'directory':
      return { kind: 'folder', path };
    case 'file':
    case 'contiguous-file':
      // v7 has no type for folders.
      if (name.endsWith('/') && size === 0) return { kind: 'folder', path };
      if (path === '' || name.endsWith('/'))
        throw corrupt(file, `its member ${quoteName(name)} is a file with a folder's name`, previous);
      return { kind: 'file', path, size, mode: header.mode & 0o777, content: contentOf(file, entry, path) };
    case 'symlink':
      return linkMember('symbolic-link', file, header, path, size);
    case 'link':
      return linkMember('hard-link', file, header, path, size);
    case 'character-device':
    case 'block-device':
    case 'fifo':
      throw unsafe(file, `its member ${quoteName(path)} is a ${header.type}`);
    // tar-stream gives null for a type that it does not know.
    default:
      throw unsupported(file, path, 'of an unknown type');
  }
}

function linkMember(
  kind: 'symbolic-link' | 'hard-link',
  file: string,
  header: Header,
  path: string,
  size: number,
): TarMember {
  const target: unknown = header.linkname;
  if (path === '' || typeof target !== 'string' || target === '')
    throw corrupt(file, `its link ${quoteName(header.name)} has no name or no target`, path);
  if (size > 0) throw unsupported(file, path, 'a link with content');
  // Absolute and outgoing targets are found when the link is followed; the rest is as for a name.
  const shape = memberPath(
    target
      .split('/')
      .filter((segment) => segment !== '' && segment !== '..')
      .join('/'),
  );
  if ('refused' in shape) throw unsafe(file, `the target of its link ${quoteName(path)} ${shape.refused}`);
  return { kind, path, target };
}

async function* contentOf(file: string, entry: Entry, path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of entry) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throw tarError(file, error, path);
  }
}

/** Where the content of the member begins, in the unpacked archive; tar-stream's types leave it out. */
function contentOffset(header: Header): number {
  if ('byteOffset' in header && typeof header.byteOffset === 'number') return header.byteOffset;
  throw new TypeError('tar-stream 3 gives every header a byteOffset');
}

function isSparse(header: Header): boolean {
  if (!('pax' in header) || typeof header.pax !== 'object' || header.pax === null) return false;
  return Object.keys(header.pax).some((key) => key.startsWith('GNU.sparse.'));
}

function byteError(file: string, error: unknown): unknown {
  if (error instanceof OtpError || !(error instanceof Error) || !('code' in error)) return error;
  switch (error.code) {
    case 'Z_BUF_ERROR':
      return corrupt(file, 'it is cut short: the gzip stream ends in the middle');
    case 'Z_DATA_ERROR':
    case 'Z_NEED_DICT':
    case 'Z_STREAM_ERROR':
    case 'Z_MEM_ERROR':
      return corrupt(file, `its gzip stream is damaged: ${error.message}`);
    default:
      return new OtpError(`it cannot be read: ${error.message}.`, {
        code: 'archive-unreadable',
        file,
        cause: error,
      });
  }
}

/** What tar-stream throws are plain errors without a code: its messages are all there is. */
function tarError(file: string, error: unknown, last: string | undefined): unknown {
  if (error instanceof OtpError || !(error instanceof Error)) return error;
  if (error.message === 'Unexpected end of data') {
    return corrupt(file, 'it is cut short: it ends in the middle of a member', last);
  }
  if (error.message.startsWith('Invalid tar header')) {
    return last === undefined
      ? corrupt(file, 'it is not a tar archive: its first header is not valid')
      : corrupt(file, 'a tar header has a wrong checksum', last);
  }
  return corrupt(file, `tar-stream says: ${error.message}`, last);
}

function corrupt(file: string, problem: string, after?: string): OtpError {
  const place = after === undefined ? '' : ` (after the member ${quoteName(after)})`;
  return new OtpError(`${problem}${place}.`, {
    code: 'archive-corrupt',
    file,
    fix: 'Make or copy the archive again.',
  });
}

function unsafe(file: string, problem: string): OtpError {
  return new OtpError(`${problem}.`, {
    code: 'archive-unsafe',
    file,
    fix: 'Make the archive again with the tools of the release.',
  });
}

function unsupported(file: string, path: string, what: string): OtpError {
  return new OtpError(`its member ${quoteName(path)} is ${what}, which erl_tar does not unpack.`, {
    code: 'archive-unsupported',
    file,
    fix: 'Make the archive again with regular files only.',
  });
}
