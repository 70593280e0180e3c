/** What a hand-made tar header says; a string for `size` goes into the field as it is. */
export interface TarMemberFields {
  readonly name: string;
  /** The type flag: `0` file, `1` hard link, `2` symbolic link, `3` device, `5` folder, `x` pax, `L` GNU long name... */
  readonly type?: string;
  readonly content?: Buffer | string;
  readonly size?: number | string;
  readonly mode?: number;
  readonly target?: string;
  readonly magic?: 'ustar' | 'gnu' | 'v7';
}

const MAGIC = { ustar: 'ustar\x0000', gnu: 'ustar  \0', v7: '' } as const;

export const ZERO_BLOCK = Buffer.alloc(512);

/** A tar archive of these members, right or wrong as they are, with the blocks that end it. */
export function tarBytes(members: readonly TarMemberFields[]): Buffer {
  return Buffer.concat([...members.map(tarMember), ZERO_BLOCK, ZERO_BLOCK]);
}

export function tarMember(fields: TarMemberFields): Buffer {
  const content = Buffer.from(fields.content ?? '');
  const header = Buffer.alloc(512);
  header.write(fields.name, 0, 100);
  header.write(octal(fields.mode ?? 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  const size = fields.size ?? content.length;
  header.write(typeof size === 'string' ? size : octal(size, 11), 124, 12, 'latin1');
  header.write(octal(0, 11), 136);
  header.write(fields.type ?? '0', 156);
  header.write(fields.target ?? '', 157, 100);
  header.write(MAGIC[fields.magic ?? 'ustar'], 257, 'latin1');
  writeChecksum(header);
  return Buffer.concat([header, content, Buffer.alloc(-content.length & 511)]);
}

/** One record of a pax header. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  while (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

export function writeChecksum(header: Buffer): void {
  header.write(' '.repeat(8), 148);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148, 8, 'latin1');
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
