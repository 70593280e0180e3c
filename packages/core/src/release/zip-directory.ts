import { OtpError } from '../error';
import { MAX_GZIP_RATIO, MAX_PATHS_LENGTH, MIN_BYTES_FOR_RATIO } from './archive-limits';
import { memberPath, quoteName } from './member-path';

/** The bytes of an archive, wherever they lie. */
export interface ZipBytes {
  /** For messages. */
  readonly origin: string;
  readonly size: number;
  /** @throws OtpError when there are not that many bytes */
  read(offset: number, length: number): Promise<Buffer>;
}

/** A regular file of an archive. */
export interface ZipMember {
  readonly path: string;
  readonly mode: number;
  readonly method: 'stored' | 'deflated';
  readonly crc32: number;
  /** Unpacked, in bytes. */
  readonly size: number;
  readonly packedSize: number;
  /** Where the packed bytes begin. */
  readonly offset: number;
}

// Signatures and lengths of "APPNOTE.TXT - .ZIP File Format Specification", sections 4.3.7, 4.3.12 and 4.3.16.
const LOCAL_HEADER = { signature: 0x04034b50, length: 30 };
const CENTRAL_HEADER = { signature: 0x02014b50, length: 46 };
const END_RECORD = { signature: 0x06054b50, length: 22 };
const MAX_COMMENT_LENGTH = 0xffff;
const UNIX = 3;

/** deflate does not pack more than 1032 bytes into one, plus the bits of an empty block. */
const MAX_DEFLATE_RATIO = 1032;

/**
 * The regular files of a zip archive, by its central directory, in the order in which they are stored.
 * @throws OtpError `archive-corrupt`, `archive-unsafe` (a path that leaves the archive, members that overlap or
 *   are there twice, a bomb), `archive-unsupported` (encryption, zip64, other methods than store and deflate, links)
 */
export async function zipMembers(bytes: ZipBytes): Promise<ZipMember[]> {
  const end = await findEndRecord(bytes);
  const directory = await bytes.read(end.directoryOffset, end.directorySize);
  const entries: CentralEntry[] = [];
  let position = 0;
  for (let count = 0; count < end.entries; count++) {
    const { entry, length } = centralEntry(bytes.origin, directory.subarray(position));
    entries.push(entry);
    position += length;
  }
  if (position !== directory.length) throw corrupt(bytes.origin, 'its directory is longer than its entries');

  const members: ZipMember[] = [];
  const names = new Set<string>();
  entries.sort((a, b) => a.headerOffset - b.headerOffset);
  let freeFrom = 0;
  for (const entry of entries) {
    const name = quoteName(entry.path);
    if (entry.headerOffset < freeFrom)
      throw unsafe(bytes.origin, `its member ${name} overlaps the one before it`);
    const offset = await contentOffset(bytes, entry);
    freeFrom = offset + entry.packedSize;
    if (freeFrom > end.directoryOffset)
      throw unsafe(bytes.origin, `its member ${name} reaches into the directory`);
    if (entry.kind === 'folder') continue;
    if (names.has(entry.path)) throw unsafe(bytes.origin, `it holds ${name} twice`);
    names.add(entry.path);
    members.push(zipMember(bytes.origin, entry, offset));
  }
  refuseFilesAsFolders(bytes.origin, names);
  refuseBomb(bytes.origin, members);
  return members;
}

async function findEndRecord(bytes: ZipBytes) {
  const length = Math.min(bytes.size, END_RECORD.length + MAX_COMMENT_LENGTH);
  const tail = await bytes.read(bytes.size - length, length);
  for (let at = tail.length - END_RECORD.length; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_RECORD.signature) continue;
    if (at + END_RECORD.length + tail.readUInt16LE(at + 20) !== tail.length) continue;
    const entries = tail.readUInt16LE(at + 10);
    const directorySize = tail.readUInt32LE(at + 12);
    const directoryOffset = tail.readUInt32LE(at + 16);
    if (entries === 0xffff || directorySize === 0xffffffff || directoryOffset === 0xffffffff) {
      throw unsupported(bytes.origin, 'it is in the zip64 format');
    }
    if (
      tail.readUInt16LE(at + 4) !== 0 ||
      tail.readUInt16LE(at + 6) !== 0 ||
      tail.readUInt16LE(at + 8) !== entries
    ) {
      throw unsupported(bytes.origin, 'it is one of several parts of an archive');
    }
    if (directoryOffset + directorySize > bytes.size - tail.length + at) {
      throw corrupt(bytes.origin, 'its directory does not lie where its end says');
    }
    if (directorySize > MAX_PATHS_LENGTH)
      throw unsafe(bytes.origin, `its directory has ${directorySize} bytes`);
    return { entries, directorySize, directoryOffset };
  }
  throw corrupt(bytes.origin, 'it is not a zip archive, or cut short: it has no end record');
}

interface CentralEntry {
  readonly kind: 'file' | 'folder';
  readonly path: string;
  readonly nameBytes: Buffer;
  readonly mode: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

function centralEntry(origin: string, directory: Buffer): { entry: CentralEntry; length: number } {
  if (directory.length < CENTRAL_HEADER.length || directory.readUInt32LE(0) !== CENTRAL_HEADER.signature) {
    throw corrupt(origin, 'its directory has fewer entries than its end says');
  }
  const nameEnd = CENTRAL_HEADER.length + directory.readUInt16LE(28);
  const length = nameEnd + directory.readUInt16LE(30) + directory.readUInt16LE(32);
  if (length > directory.length) throw corrupt(origin, 'an entry of its directory is cut short');
  const nameBytes = directory.subarray(CENTRAL_HEADER.length, nameEnd);
  // OTP's zip writes UTF-8 for names that are not ASCII.
  const name = nameBytes.toString('utf8');
  const place = memberPath(name);
  if ('refused' in place) throw unsafe(origin, `the name of its member ${quoteName(name)} ${place.refused}`);
  if (place.path === '') throw corrupt(origin, `a member has the name ${quoteName(name)}`);
  if ((directory.readUInt16LE(8) & 1) !== 0)
    throw unsupported(origin, `its member ${quoteName(name)} is encrypted`);
  const unixMode = directory.readUInt8(5) === UNIX ? directory.readUInt16LE(40) : 0;
  const type = unixMode & 0o170000;
  if (type !== 0 && type !== 0o100000 && type !== 0o040000) {
    throw unsupported(origin, `its member ${quoteName(name)} is a link or a device`);
  }
  const entry: CentralEntry = {
    kind: name.endsWith('/') ? 'folder' : 'file',
    path: place.path,
    nameBytes,
    mode: unixMode === 0 ? 0o644 : unixMode & 0o777,
    method: directory.readUInt16LE(10),
    crc32: directory.readUInt32LE(16),
    packedSize: directory.readUInt32LE(20),
    size: directory.readUInt32LE(24),
    headerOffset: directory.readUInt32LE(42),
  };
  if (entry.kind === 'folder' && entry.size > 0) {
    throw corrupt(origin, `its folder ${quoteName(name)} has content`);
  }
  return { entry, length };
}

async function contentOffset(bytes: ZipBytes, entry: CentralEntry): Promise<number> {
  const header = await bytes.read(entry.headerOffset, LOCAL_HEADER.length + entry.nameBytes.length);
  const nameLength = header.readUInt16LE(26);
  if (
    header.readUInt32LE(0) !== LOCAL_HEADER.signature ||
    nameLength !== entry.nameBytes.length ||
    !header.subarray(LOCAL_HEADER.length).equals(entry.nameBytes)
  ) {
    throw corrupt(
      bytes.origin,
      `the header of its member ${quoteName(entry.path)} does not fit the directory`,
    );
  }
  return entry.headerOffset + LOCAL_HEADER.length + nameLength + header.readUInt16LE(28);
}

function zipMember(origin: string, entry: CentralEntry, offset: number): ZipMember {
  const { path, mode, crc32, size, packedSize } = entry;
  const name = quoteName(path);
  switch (entry.method) {
    case 0:
      if (size !== packedSize)
        throw corrupt(origin, `its member ${name} is stored, with two different sizes`);
      return { path, mode, method: 'stored', crc32, size, packedSize, offset };
    case 8:
      if (size > packedSize * MAX_DEFLATE_RATIO) {
        throw corrupt(origin, `its member ${name} claims ${size} bytes, more than ${packedSize} can hold`);
      }
      return { path, mode, method: 'deflated', crc32, size, packedSize, offset };
    default:
      throw unsupported(origin, `its member ${name} is packed with the method ${entry.method}`);
  }
}

function refuseFilesAsFolders(origin: string, names: ReadonlySet<string>): void {
  for (const name of names) {
    for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
      const folder = name.slice(0, slash);
      if (names.has(folder))
        throw unsafe(origin, `it holds ${quoteName(folder)} twice, as a file and as a folder`);
    }
  }
}

function refuseBomb(origin: string, members: readonly ZipMember[]): void {
  const size = members.reduce((sum, member) => sum + member.size, 0);
  const packedSize = members.reduce((sum, member) => sum + member.packedSize, 0);
  if (size > MIN_BYTES_FOR_RATIO && size > packedSize * MAX_GZIP_RATIO) {
    throw unsafe(
      origin,
      `its ${packedSize} bytes unpack to ${size}: it is made to fill the memory or the disk`,
    );
  }
}

function corrupt(file: string, problem: string): OtpError {
  return new OtpError(`${problem}.`, {
    code: 'archive-corrupt',
    file,
    fix: 'Make or copy the archive again.',
  });
}

function unsafe(file: string, problem: string): OtpError {
  return new OtpError(`${problem}.`, {
    code: 'archive-unsafe',
    file,
    fix: 'Make the archive again, with zip:create/3.',
  });
}

function unsupported(file: string, problem: string): OtpError {
  return new OtpError(`${problem}, which is not read here.`, {
    code: 'archive-unsupported',
    file,
    fix: 'Make the archive again, with zip:create/3.',
  });
}
