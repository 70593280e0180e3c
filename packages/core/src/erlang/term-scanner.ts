import {
  indexOfIllegal,
  isBlank,
  isDigit,
  isIllegal,
  isLowerCase,
  isNameCharacter,
  reservedWords,
  startsVariable,
} from './characters';
import { scanNumber } from './number-literals';
import { illegalCharacter, scanEscape, scanQuoted, scanTripleQuoted, scanVerbatim } from './quoted-text';
import type { QuotedText } from './quoted-text';
import type { SourceText } from './source-text';
import { maxAtomLength } from './term';

/** A token of Erlang source, from offset `start` to before `end`. */
export type Token = { readonly start: number; readonly end: number } & (
  | { readonly kind: 'atom' | 'reserved' | 'variable'; readonly name: string }
  | { readonly kind: 'integer'; readonly value: number | bigint }
  | { readonly kind: 'float'; readonly value: number }
  /** A character such as `$a`, by its code point. */
  | { readonly kind: 'character'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string; readonly sigil: boolean }
  /** The text of a sigil such as `~"text"`, which stands for its bytes in UTF-8. */
  | { readonly kind: 'binary'; readonly value: string }
  | { readonly kind: 'punctuation'; readonly text: string }
  /** The full stop at the end of a term. */
  | { readonly kind: 'dot' }
  | { readonly kind: 'end' }
);

/** Longest first, so that `=>` is not read as `=`. */
const operators = [
  '=:=',
  '=/=',
  '...',
  '<<',
  '>>',
  '=>',
  ':=',
  '->',
  '<-',
  '<=',
  '>=',
  '=<',
  '==',
  '/=',
  '++',
  '--',
  '||',
  '::',
  '..',
  '?=',
];

/** Splits the text of a term file into tokens, as `erl_scan:tokens/3` does. */
export class TermScanner {
  private at = 0;
  private peeked: Token | undefined;
  /** Before this offset no triple-quoted string starts; without it a long run of quotes would be counted again and again. */
  private noTripleQuoteBefore = 0;

  constructor(private readonly source: SourceText) {}

  /** The next token, which stays to be read. */
  peek(): Token {
    this.peeked ??= this.scan();
    return this.peeked;
  }

  /** @throws OtpError `term-syntax` where no token can be made. */
  next(): Token {
    const token = this.peek();
    this.peeked = undefined;
    return token;
  }

  private scan(): Token {
    this.skipBlank();
    const { text } = this.source;
    const start = this.at;
    if (start >= text.length) {
      this.source.expectValidEnd();
      return { kind: 'end', start, end: start };
    }
    const token = this.scanAt(start, text.charCodeAt(start));
    this.at = token.end;
    return token;
  }

  private scanAt(start: number, code: number): Token {
    if (isLowerCase(code)) return this.name(start);
    if (startsVariable(code)) {
      const end = this.nameEnd(start);
      return { kind: 'variable', name: this.source.text.slice(start, end), start, end };
    }
    if (isDigit(code)) return this.number(start);
    switch (this.source.text[start]) {
      case '"':
        return this.string(start);
      case "'":
        return this.quotedAtom(start);
      case '$':
        return this.character(start);
      case '~':
        return this.sigil(start);
      case '.':
        return this.dot(start) ?? this.punctuation(start);
      default:
        return this.punctuation(start);
    }
  }

  private skipBlank(): void {
    const { text } = this.source;
    for (;;) {
      while (this.at < text.length && isBlank(text.charCodeAt(this.at))) this.at++;
      if (text[this.at] !== '%') return;
      const lineEnd = text.indexOf('\n', this.at);
      const end = lineEnd < 0 ? text.length : lineEnd;
      const illegal = indexOfIllegal(text.slice(this.at, end));
      if (illegal >= 0) throw illegalCharacter(this.source, this.at + illegal);
      this.at = end;
    }
  }

  private nameEnd(start: number): number {
    let end = start;
    while (isNameCharacter(this.source.text.charCodeAt(end))) end++;
    return end;
  }

  private name(start: number): Token {
    const end = this.nameEnd(start);
    const name = this.source.text.slice(start, end);
    if (reservedWords.has(name)) return { kind: 'reserved', name, start, end };
    return this.atom(name, start, end);
  }

  private quotedAtom(start: number): Token {
    const { value, end } = scanQuoted(this.source, start + 1, "'", 'quoted atom');
    return this.atom(value, start, end);
  }

  private atom(name: string, start: number, end: number): Token {
    if (
      name.length > maxAtomLength &&
      Array.from(name.slice(0, 2 * maxAtomLength + 2)).length > maxAtomLength
    ) {
      throw this.source.error(`an atom has at most ${maxAtomLength} characters; this one is longer.`, start);
    }
    return { kind: 'atom', name, start, end };
  }

  private number(start: number): Token {
    const literal = scanNumber(this.source.text, start);
    if (literal.kind === 'malformed') throw this.source.error(`${literal.problem}.`, start);
    return { ...literal, start };
  }

  private string(start: number): Token {
    const quoted = this.tripleQuoted(start, true) ?? scanQuoted(this.source, start + 1, '"', 'string');
    return { kind: 'string', sigil: false, ...quoted, start };
  }

  private tripleQuoted(start: number, verbatim: boolean): QuotedText | undefined {
    if (start < this.noTripleQuoteBefore || !this.source.text.startsWith('"""', start)) return undefined;
    const quoted = scanTripleQuoted(this.source, start, verbatim);
    if (quoted !== undefined) return quoted;
    let end = start;
    while (this.source.text[end] === '"') end++;
    this.noTripleQuoteBefore = end;
    return undefined;
  }

  private character(start: number): Token {
    const codePoint = this.source.text.codePointAt(start + 1);
    if (codePoint === undefined) {
      this.source.expectValidEnd();
      throw this.source.error('expected a character after `$`; the file ends.', start);
    }
    if (codePoint === 0x5c) {
      const escape = scanEscape(this.source, start + 1);
      return { kind: 'character', value: escape.codePoint, start, end: escape.end };
    }
    if (isIllegal(codePoint)) throw illegalCharacter(this.source, start + 1);
    return { kind: 'character', value: codePoint, start, end: start + (codePoint > 0xffff ? 3 : 2) };
  }

  /** `~"text"`, `~b(text)`, `~S/text/`... (EEP 66). */
  private sigil(start: number): Token {
    const { text } = this.source;
    const open = this.nameEnd(start + 1);
    const type = text.slice(start + 1, open);
    if (!['', 'b', 'B', 's', 'S'].includes(type)) {
      throw this.source.error(`there is no sigil \`~${type.slice(0, 20)}\`; there are ~ ~b ~B ~s ~S.`, start);
    }
    const close = closingDelimiters.get(text[open] ?? '');
    if (close === undefined) throw this.source.error('expected a string after the `~` of a sigil.', start);
    const escapes = type === 'b' || type === 's';
    const quoted =
      this.tripleQuoted(open, !escapes) ??
      (escapes || type === ''
        ? scanQuoted(this.source, open + 1, close, 'string')
        : scanVerbatim(this.source, open + 1, close));
    if (isNameCharacter(text.charCodeAt(quoted.end))) {
      throw this.source.error('a sigil has no suffix.', quoted.end);
    }
    if (type === 's' || type === 'S') return { kind: 'string', sigil: true, ...quoted, start };
    return { kind: 'binary', ...quoted, start };
  }

  /** A full stop ends a term before blank space, a comment and the end of the file. */
  private dot(start: number): Token | undefined {
    const { text } = this.source;
    const after = text[start + 1];
    const isDot = after === undefined || after === '%' || isBlank(text.charCodeAt(start + 1));
    return isDot ? { kind: 'dot', start, end: start + 1 } : undefined;
  }

  private punctuation(start: number): Token {
    const { text } = this.source;
    const character = text[start] ?? '';
    // Most tokens are one of these, and no operator begins with them.
    if (',{}[]()'.includes(character)) return { kind: 'punctuation', text: character, start, end: start + 1 };
    const operator = operators.find((candidate) => text.startsWith(candidate, start));
    const single = text.codePointAt(start) ?? 0;
    if (operator === undefined && single > 0xff) throw illegalCharacter(this.source, start);
    const found = operator ?? String.fromCodePoint(single);
    return { kind: 'punctuation', text: found, start, end: start + found.length };
  }
}

const closingDelimiters: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['<', '>'],
  ['/', '/'],
  ['|', '|'],
  ['#', '#'],
  ['`', '`'],
  ["'", "'"],
  ['"', '"'],
]);
