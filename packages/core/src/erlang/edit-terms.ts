import { printTerm } from './print-terms';
import type { SourceRange, TermFile } from './read-terms';
import type { Term } from './term';

/** A term, or a part of one, of a file that was read, and what is to stand in its place. */
export interface TermEdit {
  /** The very object that `readTerms` gave, not an equal one. */
  readonly replace: Term;
  readonly by: Term;
}

/**
 * The bytes of a term file in which some terms are replaced; every other byte stays what it was: comments, layout,
 * encoding. A replacement is laid out for the place where it starts.
 *
 * @throws OtpError `term-unprintable` for a replacement that has no text form.
 * @throws Error when a term is not from this file, two replaced terms overlap, or the file was not read whole.
 */
export function editTermFile(file: TermFile, edits: readonly TermEdit[]): Buffer {
  if (!file.complete) throw new Error(`${file.file} was not read whole; writing it would cut it off`);
  const splices = edits.map(({ replace, by }) => ({ range: rangeIn(file, replace), by }));
  splices.sort((left, right) => left.range.start - right.range.start);
  const chunks: Buffer[] = [];
  let copied = 0;
  for (const { range, by } of splices) {
    if (range.start < copied) throw new Error(`two terms that are to be replaced in ${file.file} overlap`);
    const indent = range.start - (file.text.lastIndexOf('\n', range.start - 1) + 1);
    chunks.push(
      encode(file, file.text.slice(copied, range.start)),
      encode(file, printTerm(by, { indent, encoding: file.encoding })),
    );
    copied = range.end;
  }
  chunks.push(encode(file, file.text.slice(copied)));
  return Buffer.concat(chunks);
}

function rangeIn(file: TermFile, term: Term): SourceRange {
  const range = file.rangeOf(term);
  if (range === undefined) throw new Error(`a term that is to be replaced was not read from ${file.file}`);
  return range;
}

function encode(file: TermFile, text: string): Buffer {
  return Buffer.from(text, file.encoding === 'latin-1' ? 'latin1' : 'utf8');
}
