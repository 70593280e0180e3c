import { atom, nil, type Term } from '../erlang';
import { type BeamFile, readAtoms } from '../beam';

/** Numbers of OTP's `genop.tab`, which never change. */
const labelOpcode = 1;
const returnOpcode = 19;
const moveOpcode = 64;
const lineOpcode = 153;

const unsignedTag = 0;
const atomTag = 2;
const funcInfoOpcode = 2;
/** The operand "atom 1", the module's own name. */
const atomOne = 0x12;
const testHeapOpcode = 16;
const putTupleOpcode = 164;
const listOperand = 0x17;
const xRegisterTag = 3;
const literalOperand = 0x47;
const registerX0 = 0x03;

/**
 * The term that an exported function always returns, found in the code of a stripped beam: the whole function is
 * `move Literal, x0; return`. Undefined for every other function.
 *
 * The code is searched for the function's entry label and what follows instead of being disassembled, so that opcodes
 * of a later OTP do not stand in the way.
 *
 * @throws OtpError when the beam is corrupt.
 */
export function literalResult(beam: BeamFile, name: string, arity: number): Term | undefined {
  const found = entryOf(beam, name, arity);
  if (found === undefined) return undefined;
  const { code, start } = found;
  if (code[start] !== lineOpcode) return returnedTerm(beam, code, start);
  const line = readUnsigned(code, start + 1);
  return line && returnedTerm(beam, code, line.end);
}

/**
 * The terms that the clauses of an exported function return as literals, in the order of its code; what other clauses
 * return is left out. Found as `literalResult` finds its term.
 *
 * @throws OtpError when the beam is corrupt.
 */
export function literalResults(beam: BeamFile, name: string, arity: number): readonly Term[] {
  const found = entryOf(beam, name, arity);
  if (found === undefined) return [];
  const { code, start } = found;
  const next = code.indexOf(Buffer.from([funcInfoOpcode, atomOne]), start);
  const end = next < 0 ? code.length : next;
  const terms: Term[] = [];
  for (let at = code.indexOf(moveOpcode, start); at >= 0 && at < end; at = code.indexOf(moveOpcode, at + 1)) {
    const term = returnedTerm(beam, code, at);
    if (term !== undefined) terms.push(term);
  }
  return terms;
}

/**
 * Whether an exported function only answers `{ok, Argument, ...}` with these of its arguments, counted from 0: the whole
 * function is `test_heap; put_tuple2 x0, [ok, ...]; return`, as the compiler has it since OTP 22. False for every other
 * function, and so for one that does the same in another way.
 *
 * @throws OtpError when the beam is corrupt.
 */
export function onlyAnswersArguments(
  beam: BeamFile,
  name: string,
  arity: number,
  places: readonly number[],
): boolean {
  const found = entryOf(beam, name, arity);
  if (found === undefined) return false;
  const { code } = found;
  let at = found.start;
  const skip = (tag = unsignedTag): number | undefined => {
    const operand = readUnsigned(code, at, tag);
    if (operand !== undefined) at = operand.end;
    return operand?.value;
  };
  if (code[at] === lineOpcode) {
    at++;
    if (skip() === undefined) return false;
  }
  if (code[at++] !== testHeapOpcode || skip() === undefined || skip() === undefined) return false;
  if (code[at++] !== putTupleOpcode || code[at++] !== registerX0 || code[at++] !== listOperand) return false;
  if (skip() !== places.length + 1) return false;
  const first = skip(atomTag);
  if (first === undefined || readAtoms(beam.chunks)[first - 1] !== 'ok') return false;
  return places.every((place) => skip(xRegisterTag) === place) && code[at] === returnOpcode;
}

/** Where the code of an exported function starts. */
function entryOf(
  beam: BeamFile,
  name: string,
  arity: number,
): { readonly code: Buffer; readonly start: number } | undefined {
  const label = entryLabel(beam, name, arity);
  const chunk = beam.chunks.byId.get('Code');
  if (label === undefined || chunk === undefined) return undefined;
  const entry = Buffer.concat([Buffer.from([labelOpcode]), encodeUnsigned(label)]);
  const code = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  // The label of a function follows its `func_info Module Name Arity`; a jump to it has other bytes before.
  for (let at = code.indexOf(entry, 4 + code.readUInt32BE(0)); at >= 0; at = code.indexOf(entry, at + 1)) {
    if (code[at - 1] === arity << 4) return { code, start: at + entry.length };
  }
  return undefined;
}

/** The term that the code at `at` moves to x0 and returns. */
function returnedTerm(beam: BeamFile, code: Buffer, at: number): Term | undefined {
  if (code[at] !== moveOpcode) return undefined;
  const isLiteral = code[at + 1] === literalOperand;
  const operand = isLiteral ? readUnsigned(code, at + 2) : readUnsigned(code, at + 1, atomTag);
  if (operand === undefined) return undefined;
  if (code[operand.end] !== registerX0 || code[operand.end + 1] !== returnOpcode) return undefined;
  if (isLiteral) return beam.literals()[operand.value];
  // Atom 0 is the empty list.
  if (operand.value === 0) return nil;
  const name = readAtoms(beam.chunks)[operand.value - 1];
  return name === undefined ? undefined : atom(name);
}

/** The third number of an entry of `ExpT`; exports are in the order of the file. */
function entryLabel(beam: BeamFile, name: string, arity: number): number | undefined {
  const at = beam.exports.findIndex((entry) => entry.name === name && entry.arity === arity);
  const table = beam.chunks.byId.get('ExpT');
  if (at < 0 || table === undefined) return undefined;
  return new DataView(table.buffer, table.byteOffset, table.byteLength).getUint32(4 + at * 12 + 8);
}

/** The compact form of `beam_asm:encode/2` for a number below 2^24. */
function encodeUnsigned(value: number): Buffer {
  if (value < 16) return Buffer.from([(value << 4) | unsignedTag]);
  if (value < 0x800) return Buffer.from([((value >> 3) & 0xe0) | 0b1000 | unsignedTag, value & 0xff]);
  const bytes =
    value < 0x8000 ? [value >> 8, value & 0xff] : [value >> 16, (value >> 8) & 0xff, value & 0xff];
  return Buffer.from([((bytes.length - 2) << 5) | 0b11000 | unsignedTag, ...bytes]);
}

function readUnsigned(
  code: Buffer,
  at: number,
  tag = unsignedTag,
): { readonly value: number; readonly end: number } | undefined {
  const first = code[at];
  if (first === undefined || (first & 0b111) !== tag) return undefined;
  if ((first & 0b1000) === 0) return { value: first >> 4, end: at + 1 };
  if ((first & 0b1_0000) === 0) {
    const second = code[at + 1];
    return second === undefined ? undefined : { value: ((first & 0xe0) << 3) | second, end: at + 2 };
  }
  const length = (first >> 5) + 2;
  // Seven is for numbers of nine bytes and more.
  if (length > 4 || at + 1 + length > code.length) return undefined;
  return { value: code.readUIntBE(at + 1, length), end: at + 1 + length };
}
