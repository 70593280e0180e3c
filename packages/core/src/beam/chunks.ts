import { gunzipSync } from 'node:zlib';
import { corruptBeam } from './corrupt-beam';

/** The chunks of one BEAM file, as views on its bytes: nothing in them is decoded yet. */
export interface BeamChunks {
  /** The path of the file, for messages. */
  readonly origin: string;
  /** Four-character chunk id (`AtU8`, `Code`, ...) to the chunk's data, in the order of the file. */
  readonly byId: ReadonlyMap<string, Uint8Array>;
}

/** More than any compiler writes: it only stops a few kilobytes of gzip from becoming gigabytes. */
const maxUncompressedBytes = 256 * 1024 * 1024;

const headerBytes = 12;
const chunkHeaderBytes = 8;

/**
 * Splits a BEAM file into its chunks. The container is an IFF form: `FOR1`, a 32-bit size, `BEAM`, then for each
 * chunk an id, a 32-bit size and the data, padded to four bytes. The whole file may be gzip (the compiler's
 * `compressed` option, and whatever `beam_lib:strip/1` writes).
 *
 * Stricter than `beam_lib`, which ignores the form's size and a chunk that comes twice: a file that is cut off or
 * has been appended to is refused.
 *
 * @throws OtpError (`beam-corrupt`) that names the file and what is wrong with it.
 */
export function readChunks(bytes: Uint8Array, origin: string): BeamChunks {
  const form = isGzip(bytes) ? gunzip(bytes, origin) : bytes;
  if (form.length < headerBytes || ascii(form, 0) !== 'FOR1' || ascii(form, 8) !== 'BEAM') {
    throw corruptBeam(origin, `This is not a BEAM file: ${describeStart(form)}.`);
  }
  const view = new DataView(form.buffer, form.byteOffset, form.byteLength);
  const declared = view.getUint32(4) + 8;
  if (declared !== form.length) {
    const what = declared > form.length ? 'is cut off' : 'has bytes after its end';
    throw corruptBeam(
      origin,
      `The BEAM file ${what}: its header promises ${declared} bytes, it has ${form.length}.`,
    );
  }
  const byId = new Map<string, Uint8Array>();
  for (let position = headerBytes; position < form.length;) {
    if (form.length - position < chunkHeaderBytes) {
      throw corruptBeam(
        origin,
        `The BEAM file ends in the middle of a chunk header, at offset ${position} of ${form.length}.`,
      );
    }
    const id = ascii(form, position);
    if (!/^[\x20-\x7e]{4}$/.test(id)) {
      throw corruptBeam(
        origin,
        `A chunk should start at offset ${position}, but its id is not four characters.`,
      );
    }
    const size = view.getUint32(position + 4);
    const start = position + chunkHeaderBytes;
    if (size > form.length - start) {
      throw corruptBeam(
        origin,
        `The ${id} chunk promises ${size} bytes, and ${form.length - start} are left in the file.`,
      );
    }
    if (byId.has(id)) {
      throw corruptBeam(origin, `The ${id} chunk comes twice, the second time at offset ${position}.`);
    }
    byId.set(id, form.subarray(start, start + size));
    position = start + Math.ceil(size / 4) * 4;
  }
  return { origin, byId };
}

/** @throws OtpError when the file lacks the chunk. */
export function requireChunk(chunks: BeamChunks, id: string): Uint8Array {
  const chunk = chunks.byId.get(id);
  if (chunk === undefined) {
    throw corruptBeam(
      chunks.origin,
      `The BEAM file has no ${id} chunk, which every module has; it has ${[...chunks.byId.keys()].join(', ') || 'none'}.`,
    );
  }
  return chunk;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(bytes: Uint8Array, origin: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxUncompressedBytes });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw corruptBeam(origin, `The file is compressed, and cannot be uncompressed: ${reason}.`, cause);
  }
}

function ascii(bytes: Uint8Array, start: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + 4));
}

function describeStart(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'it is empty';
  const start = [...bytes.subarray(0, headerBytes)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(' ');
  return `it should start with FOR1, four bytes of size and BEAM, and starts with the bytes ${start}`;
}
