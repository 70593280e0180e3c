import { isAtom, type Term, tupleOf } from '../erlang';
import type { BeamChunks } from './chunks';
import { corruptBeam } from './corrupt-beam';
import { decodeTermChunk } from './term-chunk';

/** What a BEAM file still knows of its source. */
export type DebugInfo =
  /** `forms` is the list of abstract forms; `options` the compiler's options (absent before OTP 20). */
  | { readonly kind: 'erlang-forms'; readonly forms: Term; readonly options: Term | undefined }
  /** `module` is the map of `elixir_v1` (`definitions`, `struct`, ...), `specs` its list of types and specs. */
  | { readonly kind: 'elixir'; readonly module: Term; readonly specs: Term }
  /** Compiled with `encrypt_debug_info`; `mode` names the cipher, such as `des3_cbc`. It is not decrypted. */
  | { readonly kind: 'encrypted'; readonly mode: string }
  /** There is none: the chunk was removed, or the module was compiled without `debug_info`. */
  | { readonly kind: 'stripped'; readonly reason: 'chunk-removed' | 'not-recorded' }
  /** Written by a compiler whose debug info only its own `Backend:debug_info/4` can read. */
  | { readonly kind: 'unknown-backend'; readonly backend: string; readonly metadata: Term };

/**
 * The module's debug info, from the `Dbgi` chunk (`{debug_info_v1, Backend, Metadata}`, `beam_lib:chunk_to_data/6`)
 * or, before OTP 20, from `Abst` (`{raw_abstract_v1, Forms}`). Forms are given as stored: unlike `beam_lib`, records
 * with typed fields from before OTP 19 are left as they are.
 *
 * @throws OtpError when the chunk is corrupt.
 */
export function readDebugInfo(chunks: BeamChunks): DebugInfo {
  const id = chunks.byId.has('Dbgi') ? 'Dbgi' : 'Abst';
  const chunk = chunks.byId.get(id);
  if (chunk === undefined || chunk.length === 0) {
    return { kind: 'stripped', reason: chunk === undefined ? 'chunk-removed' : 'not-recorded' };
  }
  // An external term starts with 131.
  if (chunk[0] === 0) return { kind: 'encrypted', mode: readCipherMode(chunk, id, chunks.origin) };
  const term = decodeTermChunk(chunk, id, chunks.origin);
  return id === 'Dbgi' ? fromDbgi(term, chunks.origin) : fromAbst(term, chunks.origin);
}

/** `0, N, N bytes of mode, encrypted data`. */
function readCipherMode(chunk: Uint8Array, id: string, origin: string): string {
  const length = chunk[1];
  const mode = chunk.subarray(2, 2 + (length ?? 0));
  if (length === undefined || mode.length < length) {
    throw corruptBeam(
      origin,
      `The ${id} chunk is corrupt: it is encrypted, and ends within the cipher's name.`,
    );
  }
  return Buffer.from(mode).toString('utf8');
}

function fromDbgi(term: Term, origin: string): DebugInfo {
  const [, backend, metadata] = tupleOf(term, 'debug_info_v1', 3)?.elements ?? [];
  if (backend?.kind !== 'atom' || metadata === undefined) {
    throw corruptBeam(
      origin,
      'The Dbgi chunk should hold {debug_info_v1, Backend, Metadata}, and holds another term.',
    );
  }
  switch (backend.name) {
    case 'erl_abstract_code': {
      const [forms, options] = tupleOf(metadata, undefined, 2)?.elements ?? [];
      if (forms === undefined || options === undefined) break;
      return isAtom(forms, 'none')
        ? { kind: 'stripped', reason: 'not-recorded' }
        : { kind: 'erlang-forms', forms, options };
    }
    case 'elixir_erl': {
      if (isAtom(metadata, 'none')) return { kind: 'stripped', reason: 'not-recorded' };
      const [, module, specs] = tupleOf(metadata, 'elixir_v1', 3)?.elements ?? [];
      if (module === undefined || specs === undefined) break;
      return { kind: 'elixir', module, specs };
    }
  }
  return { kind: 'unknown-backend', backend: backend.name, metadata };
}

function fromAbst(term: Term, origin: string): DebugInfo {
  if (isAtom(term, 'no_abstract_code')) return { kind: 'stripped', reason: 'not-recorded' };
  const [format, forms] = tupleOf(term, undefined, 2)?.elements ?? [];
  if (format?.kind !== 'atom' || forms === undefined) {
    throw corruptBeam(origin, 'The Abst chunk should hold {raw_abstract_v1, Forms}, and holds another term.');
  }
  return format.name === 'raw_abstract_v1'
    ? { kind: 'erlang-forms', forms, options: undefined }
    : { kind: 'unknown-backend', backend: format.name, metadata: forms };
}
