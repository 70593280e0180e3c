import { ChunkCursor } from './chunk-cursor';
import { type BeamChunks, requireChunk } from './chunks';

/** `Name/Arity`. */
export interface FunctionName {
  readonly name: string;
  readonly arity: number;
}

/** `Module:Name/Arity`. */
export interface ImportedFunction extends FunctionName {
  readonly module: string;
}

const entryBytes = 12;
const maxArity = 255;

/**
 * The exported functions, in the order of the file (`beam_lib` sorts them).
 * @throws OtpError when the chunk is missing or corrupt; so do the other tables.
 */
export function readExports(chunks: BeamChunks, atoms: readonly string[]): readonly FunctionName[] {
  return readFunctionNames(requireChunk(chunks, 'ExpT'), 'ExpT', chunks.origin, atoms);
}

/** The functions that are not exported; `undefined` when the file has no `LocT` chunk: it was stripped. */
export function readLocals(
  chunks: BeamChunks,
  atoms: readonly string[],
): readonly FunctionName[] | undefined {
  const chunk = chunks.byId.get('LocT');
  return chunk === undefined ? undefined : readFunctionNames(chunk, 'LocT', chunks.origin, atoms);
}

/** The functions of other modules, built-in ones included, that the code names. */
export function readImports(chunks: BeamChunks, atoms: readonly string[]): readonly ImportedFunction[] {
  const cursor = new ChunkCursor(requireChunk(chunks, 'ImpT'), 'ImpT', chunks.origin);
  return readTable(cursor, () => ({
    module: readAtom(cursor, atoms),
    name: readAtom(cursor, atoms),
    arity: readArity(cursor),
  }));
}

function readFunctionNames(
  chunk: Uint8Array,
  id: string,
  origin: string,
  atoms: readonly string[],
): readonly FunctionName[] {
  const cursor = new ChunkCursor(chunk, id, origin);
  return readTable(cursor, () => {
    const entry = { name: readAtom(cursor, atoms), arity: readArity(cursor) };
    cursor.uint32(); // The label where the function's code starts.
    return entry;
  });
}

function readTable<Entry>(cursor: ChunkCursor, readEntry: () => Entry): readonly Entry[] {
  const count = cursor.uint32();
  if (count * entryBytes !== cursor.remaining) {
    throw cursor.corrupt(
      `it promises ${count} entries of ${entryBytes} bytes, and holds ${cursor.remaining} bytes`,
    );
  }
  return Array.from({ length: count }, readEntry);
}

function readAtom(cursor: ChunkCursor, atoms: readonly string[]): string {
  const number = cursor.uint32();
  const atom = atoms[number - 1];
  if (atom === undefined) throw cursor.corrupt(`it names atom ${number} of ${atoms.length}`);
  return atom;
}

function readArity(cursor: ChunkCursor): number {
  const arity = cursor.uint32();
  if (arity > maxArity) throw cursor.corrupt(`a function of arity ${arity} is named in it`);
  return arity;
}
