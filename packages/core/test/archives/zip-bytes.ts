import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../src/release/crc32';

/** What a hand-made member of a zip archive says; all that is left out is right. */
export interface ZipMemberFields {
  readonly name: string | Buffer;
  readonly content?: Buffer | string;
  readonly method?: number;
  readonly flags?: number;
  readonly crc32?: number;
  readonly size?: number;
  readonly packed?: Buffer;
  readonly packedSize?: number;
  /** Unix file type and permissions. */
  readonly mode?: number;
  /** The name in the header before the content, where it differs from the directory's. */
  readonly localName?: string;
  /** Where the directory says that the member is. */
  readonly offset?: number;
  readonly madeBy?: number;
}

/** A zip archive of these members, right or wrong as they are. */
export function zipBytes(
  members: readonly ZipMemberFields[],
  end: { readonly entries?: number; readonly comment?: string } = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const content = Buffer.from(member.content ?? '');
    const method = member.method ?? 8;
    const packed = member.packed ?? (method === 8 ? deflateRawSync(content) : content);
    const name = Buffer.from(member.name);
    const localName = Buffer.from(member.localName ?? name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(member.flags ?? 0, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(member.crc32 ?? crc32(content), 10);
    common.writeUInt32LE(member.packedSize ?? packed.length, 14);
    common.writeUInt32LE(member.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, localName]);
    local.writeUInt16LE(localName.length, 26);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 0, 'latin1');
    central.writeUInt8(20, 4);
    central.writeUInt8(member.madeBy ?? 3, 5);
    common.copy(central, 6);
    central.writeUInt32LE((member.mode ?? 0o100644) * 2 ** 16, 38);
    central.writeUInt32LE(member.offset ?? offset, 42);
    directory.push(central, name);
    parts.push(local, packed);
    offset += local.length + packed.length;
  }
  const comment = Buffer.from(end.comment ?? '');
  const record = Buffer.alloc(22);
  record.write('PK\x05\x06', 0, 'latin1');
  record.writeUInt16LE(end.entries ?? members.length, 8);
  record.writeUInt16LE(end.entries ?? members.length, 10);
  record.writeUInt32LE(Buffer.concat(directory).length, 12);
  record.writeUInt32LE(offset, 16);
  record.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, ...directory, record, comment]);
}
