import { type Term, termsEqual } from '../erlang';
import { type Attributes, readAttributes } from './attributes';
import { type BeamChunks, readChunks } from './chunks';
import { codeMd5, strippedCodeMd5 } from './code-md5';

/** Paths of the two files, for messages. */
export interface ComparedOrigins {
  readonly previous: string;
  readonly next: string;
}

/**
 * A part of a BEAM file that the running code does not depend on. `locals` are the names of functions that are not
 * exported; `encoding` stands for bytes that differ and mean the same (a compressed file, the order of chunks or
 * attributes, the term format of another OTP).
 */
export type InertPart =
  'debug-info' | 'line-numbers' | 'docs' | 'compile-info' | 'locals' | 'vsn' | 'encoding';

/** Which side lacks its attributes when the other has them: it was stripped, and says nothing about a change. */
export type StrippedSide = 'previous' | 'next';

/**
 * How one module differs from an earlier build of it.
 *
 * `code` and `attributes` are changes; `identical` and `equivalent` are not: the module that runs is the same.
 */
export type ModuleChange =
  | { readonly kind: 'identical' }
  | {
      readonly kind: 'equivalent';
      /** Sorted. */
      readonly differs: readonly InertPart[];
      /** The ids of other chunks that differ, such as `ExCk`, sorted. */
      readonly otherChunks: readonly string[];
      readonly attributesStripped: StrippedSide | undefined;
    }
  /** The code is the same; `keys` are the attributes, sorted, that were added, removed or given other values. */
  | { readonly kind: 'attributes'; readonly keys: readonly string[] }
  | {
      readonly kind: 'code';
      readonly previousMd5: string;
      readonly nextMd5: string;
      readonly attributesStripped: StrippedSide | undefined;
    };

/**
 * Compares two builds of a module by what decides about an upgrade: the code's MD5, then the attributes without
 * `vsn`. `beam_lib:cmp/2` looks at every chunk but `CInf` instead, and so calls a comment or another build folder a change.
 * Cheap things come first: equal bytes end it, and no term is decoded unless only `Attr` can tell.
 *
 * @throws OtpError that names the file which is no BEAM file or is corrupt.
 */
export function compareBeams(previous: Uint8Array, next: Uint8Array, origins: ComparedOrigins): ModuleChange {
  if (sameBytes(previous, next)) return { kind: 'identical' };
  const before = readChunks(previous, origins.previous);
  const after = readChunks(next, origins.next);
  const previousMd5 = codeMd5(before);
  const nextMd5 = codeMd5(after);
  const attributesStripped = strippedSide(before, after);
  if (previousMd5 !== nextMd5 && !differOnlyInStripping(before, after)) {
    return { kind: 'code', previousMd5, nextMd5, attributesStripped };
  }

  const differs = new Set<InertPart>();
  const otherChunks: string[] = [];
  for (const id of differingChunks(before, after)) {
    if (id === 'Attr') {
      // With an Attr chunk on one side only, the other was stripped: which attributes it had is not known.
      if (attributesStripped !== undefined) continue;
      const keys = differingKeys(readAttributes(before), readAttributes(after));
      const changedKeys = keys.filter((key) => key !== 'vsn');
      if (changedKeys.length > 0) return { kind: 'attributes', keys: changedKeys };
      differs.add(keys.length > 0 ? 'vsn' : 'encoding');
      continue;
    }
    const part = inertPart(id);
    if (part === undefined) otherChunks.push(id);
    else differs.add(part);
  }
  if (differs.size === 0 && otherChunks.length === 0 && attributesStripped === undefined)
    differs.add('encoding');
  return { kind: 'equivalent', differs: [...differs].sort(), otherChunks, attributesStripped };
}

/** Mix strips a chunk that counts for the MD5, so that a release of Mix's has other ones than the beams it was made of. */
function differOnlyInStripping(before: BeamChunks, after: BeamChunks): boolean {
  return (
    before.byId.has('Meta') !== after.byId.has('Meta') && strippedCodeMd5(before) === strippedCodeMd5(after)
  );
}

function strippedSide(before: BeamChunks, after: BeamChunks): StrippedSide | undefined {
  const hadAttributes = before.byId.has('Attr');
  if (hadAttributes === after.byId.has('Attr')) return undefined;
  return hadAttributes ? 'next' : 'previous';
}

function differingChunks(before: BeamChunks, after: BeamChunks): readonly string[] {
  const ids = new Set([...before.byId.keys(), ...after.byId.keys()]);
  return [...ids]
    .filter((id) => {
      const left = before.byId.get(id);
      const right = after.byId.get(id);
      return left === undefined || right === undefined || !sameBytes(left, right);
    })
    .sort();
}

function differingKeys(before: Attributes | undefined, after: Attributes | undefined): readonly string[] {
  const keys = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  return [...keys].filter((key) => !sameValues(before?.get(key), after?.get(key))).sort();
}

function sameValues(left: readonly Term[] | undefined, right: readonly Term[] | undefined): boolean {
  if (left?.length !== right?.length) return false;
  return (left ?? []).every((value, index) => {
    const other = right?.[index];
    return other !== undefined && termsEqual(value, other);
  });
}

function inertPart(chunkId: string): InertPart | undefined {
  switch (chunkId) {
    case 'Dbgi':
    case 'Abst':
      return 'debug-info';
    case 'Line':
      return 'line-numbers';
    case 'Docs':
      return 'docs';
    case 'CInf':
      return 'compile-info';
    case 'LocT':
      return 'locals';
    default:
      return undefined;
  }
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
