import { listElements, stringValue, type Term, tupleOf } from '../erlang';
import type { BeamChunks } from './chunks';
import { corruptBeam } from './corrupt-beam';
import { decodeTermChunk } from './term-chunk';

/** What `Module:module_info(compile)` tells of how the module was compiled. */
export interface CompileInfo {
  /** Of the `compiler` application, such as `8.2.3`. */
  readonly version: string | undefined;
  /** A list of compiler options; absent after `deterministic`. */
  readonly options: Term | undefined;
  /** The path of the source on the machine that compiled it; absent after `deterministic`. */
  readonly source: string | undefined;
  /** The whole property list. */
  readonly properties: Term;
}

/**
 * `undefined` when the file has no `CInf` chunk, which `beam_lib:strip/1` removes.
 * @throws OtpError when the chunk is corrupt.
 */
export function readCompileInfo(chunks: BeamChunks): CompileInfo | undefined {
  const chunk = chunks.byId.get('CInf');
  if (chunk === undefined) return undefined;
  const properties = decodeTermChunk(chunk, 'CInf', chunks.origin);
  const pairs = listElements(properties);
  if (pairs === undefined) {
    throw corruptBeam(chunks.origin, 'The CInf chunk should hold a property list, and holds another term.');
  }
  const property = (name: string): Term | undefined => {
    for (const pair of pairs) {
      const [, value] = tupleOf(pair, name, 2)?.elements ?? [];
      if (value !== undefined) return value;
    }
    return undefined;
  };
  return {
    version: text(property('version')),
    options: property('options'),
    source: text(property('source')),
    properties,
  };
}

function text(value: Term | undefined): string | undefined {
  return value === undefined ? undefined : stringValue(value);
}
