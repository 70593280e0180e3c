import type { BeamFile } from '../beam';
import type { Term } from '../erlang';

/** Numbers of OTP's `genop.tab`, which never change. */
const labelOpcode = 1;
const returnOpcode = 19;
const moveOpcode = 64;
const lineOpcode = 153;

const unsignedTag = 0;
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
  const label = entryLabel(beam, name, arity);
  const code = beam.chunks.byId.get('Code');
  if (label === undefined || code === undefined) return undefined;
  const entry = Buffer.concat([Buffer.from([labelOpcode]), encodeUnsigned(label)]);
  const view = Buffer.from(code.buffer, code.byteOffset, code.byteLength);
  const header = 4 + view.readUInt32BE(0);
  for (let at = view.indexOf(entry, header); at >= 0; at = view.indexOf(entry, at + 1)) {
    const literal = returnedLiteral(view, at + entry.length);
    if (literal !== undefined) return beam.literals()[literal];
  }
  return undefined;
}

/** The number of the literal that the code at `start` moves to x0 and returns. */
function returnedLiteral(code: Buffer, start: number): number | undefined {
  let at = start;
  if (code[at] === lineOpcode) {
    const line = readUnsigned(code, at + 1);
    if (line === undefined) return undefined;
    at = line.end;
  }
  if (code[at] !== moveOpcode || code[at + 1] !== literalOperand) return undefined;
  const literal = readUnsigned(code, at + 2);
  if (literal === undefined) return undefined;
  return code[literal.end] === registerX0 && code[literal.end + 1] === returnOpcode
    ? literal.value
    : undefined;
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
): { readonly value: number; readonly end: number } | undefined {
  const first = code[at];
  if (first === undefined || (first & 0b111) !== unsignedTag) return undefined;
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
