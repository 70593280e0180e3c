import { OtpError } from '../error';
import { decodeExternalTerm, type DecodeOptions, type Term } from '../erlang';
import { corruptBeam } from './corrupt-beam';

/**
 * The term of a chunk that holds one in the external term format, compressed or not (`Attr`, `CInf`, `Dbgi`, ...).
 * @throws OtpError that names the file and the chunk.
 */
export function decodeTermChunk(
  bytes: Uint8Array,
  chunkId: string,
  origin: string,
  limits: DecodeOptions = {},
): Term {
  try {
    return decodeExternalTerm(bytes, origin, limits);
  } catch (error) {
    if (!(error instanceof OtpError)) throw error;
    throw corruptBeam(origin, `The ${chunkId} chunk is corrupt: ${error.problem}`, error);
  }
}
