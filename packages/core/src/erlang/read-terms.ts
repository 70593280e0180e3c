import type { Position } from '../error';
import { SourceText, type SourceEncoding } from './source-text';
import type { Term } from './term';
import { TermParser, type SourceRange } from './term-parser';

export type { SourceEncoding } from './source-text';
export type { SourceRange } from './term-parser';

/** The terms of a text file, and where in it each of them stands. */
export interface TermFile {
  readonly file: string;
  readonly terms: readonly Term[];
  /** The decoded text. */
  readonly text: string;
  /** Whether `text` is the whole file; bytes after the first term that are not UTF-8 are left out. */
  readonly complete: boolean;
  /** What the file's bytes are, by its coding comment. */
  readonly encoding: SourceEncoding;
  /**
   * Line and column of a term that was read from this file, or of a part of one. It goes by the object: an equal
   * term from elsewhere has no position. Parts that a term does not keep as objects have none: the characters
   * of a string, a list in the place of a tail, an entry that a later one with the same key replaces keeps its.
   */
  positionOf(term: Term): Position | undefined;
  /** The offsets in `text` of the same, without parentheses around it. */
  rangeOf(term: Term): SourceRange | undefined;
}

/**
 * Reads what `file:consult/1` reads: terms, each ended by a full stop, with comments between. Besides the
 * syntax of OTP 25 this reads triple-quoted strings and sigils (OTP 27; a triple-quoted string means what it means
 * there) and floats with a base (OTP 28).
 *
 * @param source bytes, decoded by their coding comment, or text that is decoded already.
 * @param file name of the file, for messages.
 * @throws OtpError `term-syntax` with file, line and column of the first mistake.
 */
export function readTerms(source: string | Uint8Array, file: string): TermFile {
  return read(SourceText.of(source, file), Infinity);
}

/**
 * Reads the first term only, whatever follows its full stop, as `systools_lib:read_term/1` does.
 * @throws OtpError `term-syntax`, also when there is no term.
 */
export function readFirstTerm(source: string | Uint8Array, file: string): TermFile & { readonly term: Term } {
  const text = SourceText.of(source, file);
  const termFile = read(text, 1);
  const term = termFile.terms[0];
  if (term === undefined) throw text.error('expected a term; this file has none.', 0);
  return { ...termFile, term };
}

function read(source: SourceText, limit: number): TermFile {
  const ranges = new Map<Term, SourceRange>();
  const parser = new TermParser(source, ranges);
  const terms: Term[] = [];
  while (terms.length < limit) {
    const term = parser.next();
    if (term === undefined) break;
    terms.push(term);
  }
  return {
    file: source.file,
    terms,
    text: source.text,
    complete: !source.endsInInvalidUtf8,
    encoding: source.encoding,
    positionOf: (term) => {
      const range = ranges.get(term);
      return range === undefined ? undefined : source.position(range.start);
    },
    rangeOf: (term) => ranges.get(term),
  };
}
