import { promisify } from 'node:util';
import { constants, deflateRaw, type ZlibOptions } from 'node:zlib';
import { crc32 } from '../release/crc32';

const deflate = promisify<Buffer, ZlibOptions, Buffer>(deflateRaw);

/** Part of the format of our packages: another size gives other bytes. */
const BLOCK_BYTES = 1024 ** 2;

/** How far deflate looks back, so how much of one block helps to pack the next. */
const WINDOW_BYTES = 32 * 1024;

/** Blocks that are packed at the same time, on libuv's threads (four by default); it does not show in the result. */
const BLOCKS_IN_FLIGHT = 4;

/** RFC 1952: deflate, no name, no time, packed as well as possible, on an unknown system. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff]);

/**
 * Packs bytes into one gzip member, on several cores. Blocks of fixed size are packed by themselves, each with the
 * end of the one before it as its dictionary, and joined at byte boundaries, as `pigz` does; so the result
 * depends on the bytes and on zlib only, not on the number of cores nor on how the bytes were cut up.
 * No more than a few blocks are held.
 */
export async function* gzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield HEADER;
  let crc = 0;
  let size = 0;
  const inFlight: Promise<Buffer>[] = [];
  for await (const block of blocksOf(bytes)) {
    crc = crc32(block.bytes, crc);
    size += block.bytes.length;
    const packed = pack(block);
    // It is awaited later, or never when the reader goes away.
    packed.catch(() => undefined);
    inFlight.push(packed);
    if (inFlight.length < BLOCKS_IN_FLIGHT) continue;
    const first = inFlight.shift();
    if (first !== undefined) yield await first;
  }
  for (const packed of inFlight) yield await packed;
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(crc, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield trailer;
}

interface Block {
  readonly bytes: Buffer;
  readonly dictionary: Buffer;
  readonly isLast: boolean;
}

/** At least one block; all have `BLOCK_BYTES` but the last. */
async function* blocksOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let dictionary: Buffer = Buffer.alloc(0);
  let block = Buffer.allocUnsafe(BLOCK_BYTES);
  let length = 0;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.length;) {
      // A full block waits for one more byte, since the last block is packed in another way.
      if (length === BLOCK_BYTES) {
        yield { bytes: block, dictionary, isLast: false };
        dictionary = block.subarray(BLOCK_BYTES - WINDOW_BYTES);
        block = Buffer.allocUnsafe(BLOCK_BYTES);
        length = 0;
      }
      const part = chunk.subarray(taken, taken + BLOCK_BYTES - length);
      block.set(part, length);
      length += part.length;
      taken += part.length;
    }
  }
  yield { bytes: block.subarray(0, length), dictionary, isLast: true };
}

function pack(block: Block): Promise<Buffer> {
  return deflate(block.bytes, {
    level: 9,
    memLevel: 8,
    windowBits: 15,
    finishFlush: block.isLast ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
    ...(block.dictionary.length === 0 ? {} : { dictionary: block.dictionary }),
  });
}
