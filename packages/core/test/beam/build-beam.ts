/** A BEAM file of these chunks, in this order. */
export function buildBeam(chunks: Iterable<readonly [string, Uint8Array]>): Buffer {
  const parts = [Buffer.from('BEAM')];
  for (const [id, data] of chunks) {
    const header = Buffer.alloc(8);
    header.write(id, 'latin1');
    header.writeUInt32BE(data.length, 4);
    parts.push(header, Buffer.from(data), Buffer.alloc((4 - (data.length % 4)) % 4));
  }
  const form = Buffer.concat(parts);
  const start = Buffer.from('FOR1\0\0\0\0', 'latin1');
  start.writeUInt32BE(form.length, 4);
  return Buffer.concat([start, form]);
}

/** 32-bit big-endian numbers. */
export function uint32s(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, index) => bytes.writeUInt32BE(number >>> 0, 4 * index));
  return bytes;
}

/** An `AtU8` chunk in the format before OTP 28. */
export function atomTable(...atoms: readonly string[]): Buffer {
  const entries = atoms.map((atom) => {
    const text = Buffer.from(atom);
    return Buffer.concat([Buffer.from([text.length]), text]);
  });
  return Buffer.concat([uint32s(atoms.length), ...entries]);
}

/** The chunks of a module `m` without functions, as few as a module can have. */
export function smallestModule(): Map<string, Uint8Array> {
  return new Map<string, Uint8Array>([
    ['AtU8', atomTable('m')],
    ['Code', uint32s(16, 0, 3, 1, 0)],
    ['StrT', Buffer.alloc(0)],
    ['ImpT', uint32s(0)],
    ['ExpT', uint32s(0)],
  ]);
}
