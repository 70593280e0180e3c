import { inflateSync } from 'node:zlib';
import type { Term } from '../erlang';
import { ChunkCursor } from './chunk-cursor';
import type { BeamChunks } from './chunks';
import { decodeTermChunk } from './term-chunk';

/** More than any compiler writes: it only stops a small chunk from becoming gigabytes. */
const maxTableBytes = 64 * 1024 * 1024;

/**
 * The terms that the code refers to by number instead of building them, in the order of the table; none when the
 * file has no `LitT` chunk. The chunk starts with the size of the table after inflation; since OTP 28 the size is 0
 * and the table follows uncompressed (`beam_asm:build_file/5`).
 *
 * @throws OtpError when the chunk is corrupt.
 */
export function readLiterals(chunks: BeamChunks): readonly Term[] {
  const chunk = chunks.byId.get('LitT');
  if (chunk === undefined) return [];
  const cursor = new ChunkCursor(chunk, 'LitT', chunks.origin);
  const inflatedSize = cursor.uint32();
  const stored = cursor.take(cursor.remaining);
  const table = inflatedSize === 0 ? stored : inflateTable(stored, inflatedSize, cursor);
  return readTable(new ChunkCursor(table, 'LitT', chunks.origin), chunks.origin);
}

function inflateTable(stored: Uint8Array, inflatedSize: number, cursor: ChunkCursor): Uint8Array {
  if (inflatedSize > maxTableBytes) {
    throw cursor.corrupt(
      `it promises ${inflatedSize} bytes of literals, and at most ${maxTableBytes} are accepted`,
    );
  }
  let table: Uint8Array;
  try {
    table = inflateSync(stored, { maxOutputLength: inflatedSize });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw cursor.corrupt(`its ${inflatedSize} bytes of literals cannot be uncompressed: ${reason}`, cause);
  }
  if (table.length !== inflatedSize) {
    throw cursor.corrupt(`it promises ${inflatedSize} bytes of literals, and holds ${table.length}`);
  }
  return table;
}

function readTable(cursor: ChunkCursor, origin: string): readonly Term[] {
  const count = cursor.uint32();
  const literals: Term[] = [];
  while (literals.length < count) {
    const literal = cursor.take(cursor.uint32());
    // The compiler never compresses a literal of its own; so the limit of the table bounds them all.
    literals.push(decodeTermChunk(literal, 'LitT', origin, { maxInflatedSize: 0 }));
  }
  cursor.expectEnd();
  return literals;
}
