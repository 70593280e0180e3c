import { createHash } from 'node:crypto';
import { type BeamChunks, requireChunk } from './chunks';
import { corruptBeam } from './corrupt-beam';

/** `beam_lib:md5_chunks/0`, in the order in which they are hashed. */
const md5Chunks = ['Atom', 'AtU8', 'Code', 'StrT', 'ImpT', 'ExpT', 'FunT', 'LitT', 'Meta'] as const;

/** `beam_lib:mandatory_chunks/0`. */
const mandatoryChunks = ['Code', 'ExpT', 'ImpT', 'StrT'] as const;

const funBytes = 24;
const oldUniqOffset = 20;

/**
 * The MD5 of a module's code as 32 lower-case hexadecimal digits: `beam_lib:md5/1`, which is also
 * `Module:module_info(md5)` and, read as a big-endian integer, the default of the `vsn` attribute. Attributes,
 * compile info, debug info, line numbers and docs have no part in it.
 *
 * @throws OtpError when one of the chunks is missing that every module has.
 */
export function codeMd5(chunks: BeamChunks): string {
  return md5Of(chunks, md5Chunks);
}

/**
 * As `codeMd5`, without `Meta` (the language features that were enabled), which says nothing of the code and which
 * Mix's `strip_beam/1` of Elixir 1.14 drops: the same before and after every strip.
 */
export function strippedCodeMd5(chunks: BeamChunks): string {
  return md5Of(
    chunks,
    md5Chunks.filter((id) => id !== 'Meta'),
  );
}

function md5Of(chunks: BeamChunks, ids: readonly string[]): string {
  for (const id of mandatoryChunks) requireChunk(chunks, id);
  if (!chunks.byId.has('AtU8') && !chunks.byId.has('Atom')) {
    throw corruptBeam(chunks.origin, 'The BEAM file has neither an AtU8 nor an Atom chunk.');
  }
  const hash = createHash('md5');
  for (const id of ids) {
    const chunk = chunks.byId.get(id);
    if (chunk !== undefined) hash.update(id === 'FunT' ? withoutOldUniq(chunk) : chunk);
  }
  return hash.digest('hex');
}

/**
 * `beam_lib:filter_funtab/1`: the last word of each fun is a hash that differs from one compiler to the next, so it
 * counts as zero.
 */
function withoutOldUniq(funTable: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(funTable);
  for (let fun = 4; fun + funBytes <= copy.length; fun += funBytes) {
    copy.fill(0, fun + oldUniqOffset, fun + funBytes);
  }
  return copy;
}
