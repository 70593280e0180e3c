import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { OtpError } from '../error';
import { crc32 } from './crc32';
import { FileIndex, type IndexedFile } from './file-index';
import type { FileTree } from './file-tree';
import { quoteName } from './member-path';
import { rememberedHashes } from './remembered-hashes';
import { zipMembers, type ZipBytes, type ZipMember } from './zip-directory';

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

/**
 * Opens an archive of an application (`NAME-VSN.ez`), as OTP's `zip` makes them. Its paths begin with the folder
 * that was packed: `NAME-VSN/ebin/NAME.app`. Sizes and checksums are compared when a file is read.
 * @param source the archive, or its path; a file is opened for the time of each call only
 * @param origin what messages call the archive
 * @throws OtpError as `zipMembers`; `archive-unreadable`
 */
export async function openEz(source: Uint8Array | string, origin: string): Promise<FileTree> {
  const members = await withBytes(source, origin, zipMembers);
  const index = new FileIndex(
    origin,
    members.map((member) => ({ path: member.path, size: member.size, mode: member.mode, place: member })),
  );
  const readMany: FileTree['readMany'] = async (paths, visit) => {
    const asStored = index.findAll(paths).sort((a, b) => a.place.offset - b.place.offset);
    await withBytes(source, origin, (bytes) => visitAll(bytes, asStored, visit));
  };
  return {
    kind: 'ez',
    origin,
    files: index.files,
    async read(path) {
      const { place } = index.find(path);
      return withBytes(source, origin, (bytes) => contentOf(bytes, place));
    },
    readMany,
    hashes: rememberedHashes(readMany),
  };
}

async function visitAll(
  bytes: ZipBytes,
  files: readonly IndexedFile<ZipMember>[],
  visit: (path: string, content: Buffer) => void | Promise<void>,
): Promise<void> {
  for (const file of files) await visit(file.path, await contentOf(bytes, file.place));
}

async function contentOf(bytes: ZipBytes, member: ZipMember): Promise<Buffer> {
  const packed = await bytes.read(member.offset, member.packedSize);
  const content = member.method === 'stored' ? packed : await unpack(bytes.origin, member, packed);
  if (content.length !== member.size || crc32(content) !== member.crc32) {
    throw damaged(bytes.origin, member, 'its size or its checksum is not that of the directory');
  }
  return content;
}

async function unpack(origin: string, member: ZipMember, packed: Buffer): Promise<Buffer> {
  try {
    return await inflate(packed, { maxOutputLength: Math.max(1, member.size) });
  } catch (error) {
    throw damaged(origin, member, error instanceof Error ? error.message : String(error), error);
  }
}

function damaged(origin: string, member: ZipMember, reason: string, cause?: unknown): OtpError {
  return new OtpError(`its member ${quoteName(member.path)} is damaged: ${reason}.`, {
    code: 'archive-corrupt',
    file: origin,
    fix: 'Make or copy the archive again.',
    cause,
  });
}

async function withBytes<T>(
  source: Uint8Array | string,
  origin: string,
  action: (bytes: ZipBytes) => Promise<T>,
): Promise<T> {
  if (typeof source !== 'string') {
    const held = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    return action({
      origin,
      size: held.length,
      read: (offset, length) =>
        Promise.resolve(whole(origin, held.subarray(offset, offset + length), length)),
    });
  }
  const handle = await open(source).catch((error: unknown) => {
    throw unreadable(origin, error);
  });
  try {
    const { size } = await handle.stat().catch((error: unknown) => {
      throw unreadable(origin, error);
    });
    return await action({
      origin,
      size,
      async read(offset, length) {
        // Before there is memory for it: a damaged archive claims any size.
        if (offset + length > size) return whole(origin, Buffer.alloc(0), length);
        const { buffer, bytesRead } = await handle
          .read(Buffer.allocUnsafe(length), 0, length, offset)
          .catch((error: unknown) => {
            throw unreadable(origin, error);
          });
        return whole(origin, buffer.subarray(0, bytesRead), length);
      },
    });
  } finally {
    await handle.close();
  }
}

function whole(origin: string, bytes: Buffer, length: number): Buffer {
  if (bytes.length === length) return bytes;
  throw new OtpError('it is cut short: a member lies behind its end.', {
    code: 'archive-corrupt',
    file: origin,
    fix: 'Make or copy the archive again.',
  });
}

function unreadable(origin: string, error: unknown): OtpError {
  const reason = error instanceof Error ? error.message : String(error);
  return new OtpError(`it cannot be read: ${reason}.`, {
    code: 'archive-unreadable',
    file: origin,
    cause: error,
  });
}
