import { ChunkCursor } from './chunk-cursor';
import { type BeamChunks, requireChunk } from './chunks';

/** Numbers of OTP's `genop.tab`, which never change; `atomOne` is the operand "atom 1", the module's own name. */
const labelOpcode = 1;
const funcInfoOpcode = 2;
const onLoadOpcode = 149;
const atomOne = 0x12;
const arityZero = 0x00;

const unsignedTag = 0;
const atomTag = 2;

/**
 * Whether the module has an `-on_load` function. The compiler drops the attribute from `Attr`; what is left is an
 * `on_load` instruction right after the entry label of that function (`beam_ssa_codegen:insert_on_load_instruction/2`).
 *
 * The code is searched for the instructions `func_info Module Name 0`, `label L`, `on_load` instead of being
 * disassembled, so that opcodes of a later OTP do not stand in the way.
 *
 * @throws OtpError when the `Code` chunk is missing or its header is corrupt.
 */
export function hasOnLoad(chunks: BeamChunks): boolean {
  const cursor = new ChunkCursor(requireChunk(chunks, 'Code'), 'Code', chunks.origin);
  const headerBytes = cursor.uint32();
  const header = new ChunkCursor(cursor.take(headerBytes), 'Code', chunks.origin);
  header.uint32(); // The instruction set, 0 ever since there are BEAM files.
  const highestOpcode = header.uint32();
  const code = cursor.take(cursor.remaining);
  if (highestOpcode < onLoadOpcode) return false;
  let start = code.indexOf(funcInfoOpcode);
  while (start !== -1 && !isOnLoadFunction(code, start)) start = code.indexOf(funcInfoOpcode, start + 1);
  return start !== -1;
}

function isOnLoadFunction(code: Uint8Array, funcInfo: number): boolean {
  if (code[funcInfo + 1] !== atomOne) return false;
  const arity = skipOperand(code, funcInfo + 2, atomTag);
  if (arity === undefined || code[arity] !== arityZero || code[arity + 1] !== labelOpcode) return false;
  const next = skipOperand(code, arity + 2, unsignedTag);
  return next !== undefined && code[next] === onLoadOpcode;
}

/** The position after an operand of this tag, in the compact form of `beam_asm:encode/2`; `undefined` for another. */
function skipOperand(code: Uint8Array, position: number, tag: number): number | undefined {
  const first = code[position];
  if (first === undefined || (first & 0b111) !== tag) return undefined;
  if ((first & 0b0000_1000) === 0) return position + 1;
  if ((first & 0b0001_0000) === 0) return position + 2;
  const moreBytes = (first >> 5) + 2;
  // The form of seven is for numbers of nine bytes and more: no atom and no label is so large.
  return moreBytes > 8 ? undefined : position + 1 + moreBytes;
}
