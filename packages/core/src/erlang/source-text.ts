import { isUtf8 } from 'node:buffer';
import { OtpError, type Position } from '../error';

export type SourceEncoding = 'utf-8' | 'latin-1';

/** The text of a term file, with what is needed to speak of a place in it. Offsets count UTF-16 units. */
export class SourceText {
  /** Offsets at which lines start. */
  private lineStarts: readonly number[] | undefined;

  private constructor(
    readonly text: string,
    readonly file: string,
    readonly encoding: SourceEncoding,
    /** The file goes on after `text`, with bytes that are not UTF-8. */
    readonly endsInInvalidUtf8: boolean,
  ) {}

  /**
   * Bytes are decoded by the coding comment in their first two lines (`epp:read_encoding/1`), UTF-8 without one.
   * Bytes that are not UTF-8 are an error only once a reader gets there.
   */
  static of(source: string | Uint8Array, file: string): SourceText {
    if (typeof source === 'string') return new SourceText(source, file, 'utf-8', false);
    const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    const encoding = codingComment(bytes) ?? 'utf-8';
    if (encoding === 'latin-1') return new SourceText(bytes.toString('latin1'), file, encoding, false);
    if (isUtf8(bytes)) return new SourceText(bytes.toString('utf8'), file, encoding, false);
    const valid = bytes.subarray(0, validUtf8Length(bytes));
    return new SourceText(valid.toString('utf8'), file, encoding, true);
  }

  /** To be called when a reader has come to the end of the text. */
  expectValidEnd(): void {
    if (this.endsInInvalidUtf8) {
      throw this.error(
        'this byte is not valid UTF-8.',
        this.text.length,
        'Save the file as UTF-8, or put `%% coding: latin-1` into its first line.',
      );
    }
  }

  /** Columns count characters (code points). */
  position(offset: number): Position {
    this.lineStarts ??= lineStartsOf(this.text);
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const line = this.text.slice(this.lineStarts[low] ?? 0, offset);
    return {
      line: low + 1,
      column: line.length - (line.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0) + 1,
    };
  }

  error(problem: string, offset: number, fix?: string): OtpError {
    const place = { code: 'term-syntax', file: this.file, position: this.position(offset) };
    return new OtpError(problem, fix === undefined ? place : { ...place, fix });
  }
}

/** `epp` looks for the coding comment in so many bytes, and must see the character after it. */
const codingCommentReach = 512;

function codingComment(bytes: Buffer): SourceEncoding | undefined {
  const lines = bytes
    .subarray(0, bytes.length > codingCommentReach ? codingCommentReach - 1 : bytes.length)
    .toString('latin1')
    .split('\n', 2);
  for (const line of lines) {
    const comment = line.indexOf('%');
    const coding = comment < 0 ? undefined : /coding *[:=] *([-a-zA-Z0-9]+)/.exec(line.slice(comment))?.[1];
    if (coding === undefined) continue;
    if (/^utf-8(-|$)/i.test(coding)) return 'utf-8';
    return /^latin-1(-|$)/i.test(coding) ? 'latin-1' : undefined;
  }
  return undefined;
}

/** How many of the bytes, at the start, are whole valid characters. */
function validUtf8Length(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const lead = bytes[at] ?? 0;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > 1 && !isUtf8(bytes.subarray(at, at + size))) break;
    at += size;
  }
  return at;
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
