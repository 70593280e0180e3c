import { deflateSync, gzipSync, inflateSync } from 'node:zlib';
import { readChunks } from '../../src/beam';
import { buildBeam, uint32s } from './build-beam';
import type { Random } from '../random';

/** Damages the bytes of a file anywhere, its container included. */
export function mutateFile(beam: Uint8Array, random: Random): Buffer {
  return mutateBytes(beam, random);
}

/**
 * Damages what is inside one chunk and puts it back into a sound container; what the chunk keeps compressed is
 * damaged before it is compressed again, so that decoders behind the decompression see it.
 */
export function mutateChunk(beam: Uint8Array, random: Random): Buffer {
  const chunks = new Map(readChunks(beam, 'base').byId);
  const id = random.pick([...chunks.keys()]);
  chunks.set(id, mutatePayload(id, chunks.get(id) ?? Buffer.alloc(0), random));
  const mutant = buildBeam(chunks);
  return beam[0] === 0x1f ? gzipSync(mutant) : mutant;
}

function mutatePayload(id: string, payload: Uint8Array, random: Random): Buffer {
  if (id === 'LitT') {
    const table = mutateBytes(inflateSync(payload.subarray(4)), random);
    return Buffer.concat([uint32s(table.length), deflateSync(table)]);
  }
  // A compressed term: 131, 80, the size, zlib.
  if (payload[0] === 131 && payload[1] === 80) {
    const term = mutateBytes(inflateSync(payload.subarray(6)), random);
    return Buffer.concat([Buffer.from([131, 80]), uint32s(term.length), deflateSync(term)]);
  }
  return mutateBytes(payload, random);
}

const tellingNumbers = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0100_0000];

function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let mutant = Buffer.from(bytes);
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(mutant.length + 1);
    const before = mutant.subarray(0, at);
    const length = 1 + random.below(8);
    switch (random.below(5)) {
      case 0:
        mutant = Buffer.concat([before, random.bytes(1), mutant.subarray(at + 1)]);
        break;
      case 1:
        mutant = Buffer.concat([before, uint32s(random.pick(tellingNumbers)), mutant.subarray(at + 4)]);
        break;
      case 2:
        mutant = Buffer.concat([before, mutant.subarray(at + length)]);
        break;
      case 3:
        mutant = Buffer.concat([before, random.bytes(length), mutant.subarray(at)]);
        break;
      case 4:
        mutant = Buffer.concat([before, mutant.subarray(at, at + length), mutant.subarray(at)]);
        break;
    }
  }
  return mutant;
}
