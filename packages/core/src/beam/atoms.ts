import { codePoints, maxAtomLength } from '../erlang';
import { ChunkCursor } from './chunk-cursor';
import { type BeamChunks, requireChunk } from './chunks';

/**
 * The module's atoms. The table counts from 1, so atom N stands at index N - 1; the first is the module's name.
 *
 * Three formats: `Atom` (before OTP 20: Latin-1), `AtU8` with a length byte before each atom, and since OTP 28 `AtU8`
 * with a negative count, whose lengths are in the loader's compact form (`beam_lib:extract_atoms/4`).
 *
 * @param limit read no more than so many from the front; the rest is not looked at.
 * @throws OtpError when the chunk is missing or corrupt.
 */
export function readAtoms(chunks: BeamChunks, limit = Infinity): readonly string[] {
  const latin1 = chunks.byId.get('AtU8') === undefined ? chunks.byId.get('Atom') : undefined;
  const cursor =
    latin1 === undefined
      ? new ChunkCursor(requireChunk(chunks, 'AtU8'), 'AtU8', chunks.origin)
      : new ChunkCursor(latin1, 'Atom', chunks.origin);
  const decodeText = latin1 === undefined ? utf8Decoder(cursor) : decodeLatin1;
  const signedCount = cursor.int32();
  const readLength = signedCount < 0 ? readCompactLength : readByteLength;
  const count = Math.abs(signedCount);
  // Each atom takes a byte at least, so a count that cannot be true is refused before anything is allocated.
  if (count > cursor.remaining) throw cursor.corrupt(`it cannot hold the ${count} atoms it promises`);
  if (count === 0) throw cursor.corrupt('it is empty, and its first atom should be the name of the module');
  const atoms: string[] = [];
  while (atoms.length < Math.min(count, limit)) {
    const atom = decodeText(cursor.take(readLength(cursor)));
    // Most atoms are short enough in UTF-16 that their code points need no counting.
    if (atom.length > maxAtomLength && codePoints(atom).length > maxAtomLength) {
      throw cursor.corrupt(`atom ${atoms.length + 1} is longer than ${maxAtomLength} characters`);
    }
    atoms.push(atom);
  }
  if (atoms.length === count) cursor.expectEnd();
  return atoms;
}

function readByteLength(cursor: ChunkCursor): number {
  return cursor.uint8();
}

/** An untagged number (low three bits 0) of the compact form: four bits, or eleven bits over two bytes. */
function readCompactLength(cursor: ChunkCursor): number {
  const first = cursor.uint8();
  if ((first & 0b0000_1111) === 0b0000) return first >> 4;
  if ((first & 0b0001_1111) === 0b1000) return ((first & 0b1110_0000) << 3) | cursor.uint8();
  throw cursor.corrupt(`0x${first.toString(16)} does not start the length of an atom`);
}

function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function utf8Decoder(cursor: ChunkCursor): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return (bytes) => {
    // Nearly every atom is ASCII, and TextDecoder is slow on many short inputs.
    if (bytes.every((byte) => byte < 0x80)) return decodeLatin1(bytes);
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      throw cursor.corrupt('an atom is not valid UTF-8', cause);
    }
  };
}
