import { digitValue, indexOfIllegal, isBlank, isIllegal } from './characters';
import type { SourceText } from './source-text';

/** What stands between quotes, with its escapes resolved; `end` is the offset after the closing quote. */
export interface QuotedText {
  readonly value: string;
  readonly end: number;
}

/**
 * Reads text up to `delimiter`, from the offset after the opening quote.
 * @param what names the literal in messages: `string`, `quoted atom`.
 */
export function scanQuoted(source: SourceText, start: number, delimiter: string, what: string): QuotedText {
  const { text } = source;
  const parts: string[] = [];
  let at = start;
  for (;;) {
    const plain = at;
    while (at < text.length && text[at] !== delimiter && text[at] !== '\\') at++;
    parts.push(legal(source, plain, at));
    if (at >= text.length) throw unclosed(source, start - 1, what);
    if (text[at] === delimiter) return { value: parts.join(''), end: at + 1 };
    const escape = scanEscape(source, at);
    parts.push(String.fromCodePoint(escape.codePoint));
    at = escape.end;
  }
}

/** Reads text without escapes, except that a backslash before the delimiter gives the delimiter (sigils `~B`, `~S`). */
export function scanVerbatim(source: SourceText, start: number, delimiter: string): QuotedText {
  const { text } = source;
  const parts: string[] = [];
  let plain = start;
  for (let at = start; at < text.length; at++) {
    const escaped = text[at] === '\\' && text[at + 1] === delimiter;
    if (!escaped && text[at] !== delimiter) continue;
    parts.push(legal(source, plain, at));
    if (!escaped) return { value: parts.join(''), end: at + 1 };
    at++;
    plain = at;
  }
  source.expectValidEnd();
  throw unclosed(source, start - 1, 'string');
}

/** Reads a triple-quoted string (EEP 64) whose first quote is at `start`; undefined when none starts there. */
export function scanTripleQuoted(
  source: SourceText,
  start: number,
  verbatim: boolean,
): QuotedText | undefined {
  const { text } = source;
  let at = start;
  while (text[at] === '"') at++;
  const quotes = text.slice(start, at);
  if (quotes.length < 3) return undefined;
  while (at < text.length && text[at] !== '\n' && isBlank(text.charCodeAt(at))) at++;
  if (text[at] !== '\n') return undefined;
  at++;
  const lines: { readonly value: string; readonly start: number }[] = [];
  for (;;) {
    const lineStart = at;
    while (at < text.length && text[at] !== '\n' && isBlank(text.charCodeAt(at))) at++;
    if (text.startsWith(quotes, at)) {
      return { value: unindent(source, lines, text.slice(lineStart, at)), end: at + quotes.length };
    }
    const line = scanLine(source, lineStart, verbatim);
    if (line === undefined) {
      source.expectValidEnd();
      throw unclosed(source, start, 'triple-quoted string');
    }
    lines.push({ value: line.value, start: lineStart });
    at = line.end;
  }
}

/** One line without its line feed; undefined when the text ends first. */
function scanLine(source: SourceText, start: number, verbatim: boolean): QuotedText | undefined {
  const { text } = source;
  const parts: string[] = [];
  let at = start;
  for (;;) {
    const plain = at;
    while (at < text.length && text[at] !== '\n' && (verbatim || text[at] !== '\\')) at++;
    parts.push(legal(source, plain, at));
    if (at >= text.length) return undefined;
    // An escaped line feed ends a line as well.
    if (text[at] === '\n') return { value: parts.join(''), end: at + 1 };
    if (text[at + 1] === '\n') return { value: parts.join(''), end: at + 2 };
    const escape = scanEscape(source, at);
    parts.push(String.fromCodePoint(escape.codePoint));
    at = escape.end;
  }
}

/** The indentation of the closing quotes is taken from every line that is not empty. */
function unindent(
  source: SourceText,
  lines: readonly { readonly value: string; readonly start: number }[],
  indentation: string,
): string {
  const values = lines.map(({ value, start }) => {
    if (value === '' || value === '\r') return value;
    if (value.startsWith(indentation)) return value.slice(indentation.length);
    throw source.error('this line is indented less than, or differently from, the closing quotes.', start);
  });
  const last = values.pop();
  if (last === undefined) return '';
  return [...values, last.endsWith('\r') ? last.slice(0, -1) : last].join('\n');
}

/** Reads the escape sequence that starts with a backslash at `start`. */
export function scanEscape(
  source: SourceText,
  start: number,
): { readonly codePoint: number; readonly end: number } {
  const { text } = source;
  const codePoint = text.codePointAt(start + 1);
  if (codePoint === undefined) {
    source.expectValidEnd();
    throw source.error('the file ends in an escape sequence.', start);
  }
  const character = String.fromCodePoint(codePoint);
  if (character >= '0' && character <= '7') return scanOctal(text, start + 1);
  if (character === 'x') return scanHexadecimal(source, start);
  if (character === '^') return scanControl(source, start);
  if (isIllegal(codePoint)) throw illegalCharacter(source, start + 1);
  return { codePoint: escapes.get(character) ?? codePoint, end: start + 1 + character.length };
}

const escapes: ReadonlyMap<string, number> = new Map([
  ['b', 8],
  ['d', 127],
  ['e', 27],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['s', 32],
  ['t', 9],
  ['v', 11],
]);

/** Up to three octal digits. */
function scanOctal(text: string, start: number): { codePoint: number; end: number } {
  const run = /^[0-7]{1,3}/.exec(text.slice(start, start + 3))?.[0] ?? '';
  return { codePoint: parseInt(run, 8), end: start + run.length };
}

/** `\xHH` or `\x{H...}`. */
function scanHexadecimal(source: SourceText, start: number): { codePoint: number; end: number } {
  const { text } = source;
  const braced = text[start + 2] === '{';
  const first = start + (braced ? 3 : 2);
  let end = first;
  let codePoint = 0;
  while ((braced || end < first + 2) && end < text.length) {
    const digit = digitValue(text.charCodeAt(end));
    if (digit < 0 || digit > 15) break;
    // Any value over the limit is as wrong as another; more digits must not overflow it.
    codePoint = Math.min(codePoint * 16 + digit, 0x110000);
    end++;
  }
  const complete = braced ? end > first && text[end] === '}' : end === first + 2;
  if (!complete) {
    throw source.error('expected an escape sequence `\\xHH` or `\\x{H...}` with hexadecimal digits.', start);
  }
  if (isIllegal(codePoint))
    throw source.error('this escape sequence stands for no character that Erlang allows.', start);
  return { codePoint, end: braced ? end + 1 : end };
}

/** `\^X`: the character of the control key X. */
function scanControl(source: SourceText, start: number): { codePoint: number; end: number } {
  const codePoint = source.text.codePointAt(start + 2);
  if (codePoint === undefined) {
    source.expectValidEnd();
    throw source.error('the file ends in an escape sequence.', start);
  }
  if (codePoint === 0x3f) {
    throw source.error('`\\^?` is 31 to OTP 25 and 127 to later releases.', start, 'Write `\\d` or `\\x1f`.');
  }
  return { codePoint: codePoint & 0x1f, end: start + 2 + (codePoint > 0xffff ? 2 : 1) };
}

/** The text between two offsets, once it is known to hold only characters that Erlang allows. */
function legal(source: SourceText, start: number, end: number): string {
  const plain = source.text.slice(start, end);
  const illegal = indexOfIllegal(plain);
  if (illegal >= 0) throw illegalCharacter(source, start + illegal);
  return plain;
}

export function illegalCharacter(source: SourceText, offset: number): Error {
  const codePoint = source.text.codePointAt(offset) ?? 0;
  const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  if (codePoint === 0xfeff) {
    return source.error(
      'a byte order mark is not allowed here.',
      offset,
      'Save the file as UTF-8 without one.',
    );
  }
  return source.error(`the character ${name} is not allowed here.`, offset);
}

function unclosed(source: SourceText, start: number, what: string): Error {
  source.expectValidEnd();
  return source.error(`this ${what} is not closed before the end of the file.`, start);
}
