import { SourceText } from '../erlang/source-text';
import { OtpError } from '../error';

/**
 * A piece of Elixir source, as far as it takes to find a value in a `mix.exs`: what is text (strings, sigils, comments)
 * is told from what is code, and nothing is evaluated.
 */
export type ElixirToken = Place &
  (
    | {
        readonly kind: 'string';
        /** What stands between the quotes; undefined where it is interpolated, escaped or a heredoc. */
        readonly value: string | undefined;
      }
    /** `version:` in a keyword list. */
    | { readonly kind: 'key'; readonly name: string }
    | { readonly kind: 'atom'; readonly name: string }
    /** `@version` */
    | { readonly kind: 'attribute'; readonly name: string }
    /** Variables, functions, aliases, and the words of the language. */
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'punctuation'; readonly text: string }
    | { readonly kind: 'operator' }
    /** Sigils, charlists, numbers. */
    | { readonly kind: 'other' }
  );

interface Place {
  /** Offsets in the text; `end` is the one after the last character. */
  readonly start: number;
  readonly end: number;
  /** Whether only white space stands before it in its line. */
  readonly startsLine: boolean;
}

/** Deepest nesting of strings in interpolations in strings. */
const maxDepth = 100;

/**
 * @param file for messages
 * @throws OtpError `mix-exs` for a string, sigil or interpolation that has no end.
 */
export function elixirTokens(text: string, file: string): ElixirToken[] {
  const reader = new Reader(text, file);
  return reader.tokens(0, '').tokens;
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

class Reader {
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  /** The tokens from an offset to the end of the text, or to the `}` that ends an interpolation. */
  tokens(from: number, until: '' | '}'): { tokens: ElixirToken[]; end: number } {
    if (++this.depth > maxDepth) throw this.wrong('strings are nested too deep here.', from);
    const tokens: ElixirToken[] = [];
    let braces = 0;
    let startsLine = true;
    let at = from;
    while (at < this.text.length) {
      const blank = match(/[^\S\n]+|\\\r?\n/y, this.text, at);
      if (blank !== undefined) {
        at += blank.length;
        continue;
      }
      if (this.text[at] === '\n') {
        startsLine = true;
        at++;
        continue;
      }
      if (this.text[at] === '#') {
        const end = this.text.indexOf('\n', at);
        at = end < 0 ? this.text.length : end;
        continue;
      }
      if (until === '}' && braces === 0 && this.text[at] === '}') break;
      const token = this.token(at, startsLine);
      if (token.kind === 'punctuation' && token.text === '{') braces++;
      if (token.kind === 'punctuation' && token.text === '}') braces--;
      tokens.push(token);
      startsLine = false;
      at = token.end;
    }
    if (until === '}' && at >= this.text.length) throw this.wrong('this interpolation has no end.', from);
    this.depth--;
    return { tokens, end: at };
  }

  private token(start: number, startsLine: boolean): ElixirToken {
    const { text } = this;
    const place = (end: number) => ({ start, end, startsLine });
    const heredoc = match(/"""|'''/y, text, start);
    if (heredoc !== undefined) {
      const { end } = this.textEnd(start + 3, heredoc, true);
      return heredoc === '"""'
        ? { kind: 'string', value: undefined, ...place(end) }
        : { kind: 'other', ...place(end) };
    }
    const character = text[start] ?? '';
    if (character === '"' || character === "'") return this.quoted(start, startsLine);
    if (character === ':') {
      if (text[start + 1] === '"' || text[start + 1] === "'") {
        const { end, plain } = this.textEnd(start + 2, text[start + 1] ?? '"', true);
        return plain
          ? { kind: 'atom', name: text.slice(start + 2, end - 1), ...place(end) }
          : { kind: 'other', ...place(end) };
      }
      const name = match(/(?:[\p{L}_][\p{L}\p{N}_@]*)[?!]?/uy, text, start + 1);
      if (name !== undefined) return { kind: 'atom', name, ...place(start + 1 + name.length) };
      return { kind: 'operator', ...place(start + (text[start + 1] === ':' ? 2 : 1)) };
    }
    const attribute = match(/@[\p{L}_][\p{L}\p{N}_]*[?!]?/uy, text, start);
    if (attribute !== undefined) {
      return { kind: 'attribute', name: attribute.slice(1), ...place(start + attribute.length) };
    }
    const sigil = match(/~(?:[a-z]|[A-Z][A-Z0-9]*)(?="""|'''|["'|/([{<])/y, text, start);
    if (sigil !== undefined) return { kind: 'other', ...place(this.sigilEnd(start, sigil)) };
    const codePoint = match(/\?(?:\\x\{[^}\n]*\}|\\[^]|[^\s\\])/uy, text, start);
    if (codePoint !== undefined) return { kind: 'other', ...place(start + codePoint.length) };
    const name = match(/[\p{L}_][\p{L}\p{N}_]*[?!]?/uy, text, start);
    if (name !== undefined) {
      const end = start + name.length;
      return text[end] === ':' && text[end + 1] !== ':'
        ? { kind: 'key', name, ...place(end + 1) }
        : { kind: 'name', name, ...place(end) };
    }
    const number = match(/\d[\p{L}\p{N}_]*(?:\.\d[\p{L}\p{N}_]*)?/uy, text, start);
    if (number !== undefined) return { kind: 'other', ...place(start + number.length) };
    const punctuation = match(/<<|>>|[[\](){},;]/y, text, start);
    if (punctuation !== undefined) {
      return { kind: 'punctuation', text: punctuation, ...place(start + punctuation.length) };
    }
    return { kind: 'operator', ...place(start + ((text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1)) };
  }

  private quoted(start: number, startsLine: boolean): ElixirToken {
    const delimiter = this.text[start] ?? '"';
    const { end, plain } = this.textEnd(start + 1, delimiter, true);
    const content = this.text.slice(start + 1, end - 1);
    if (this.text[end] === ':' && this.text[end + 1] !== ':') {
      return { kind: 'key', name: content, start, end: end + 1, startsLine };
    }
    if (delimiter === "'") return { kind: 'other', start, end, startsLine };
    return { kind: 'string', value: plain ? content : undefined, start, end, startsLine };
  }

  private sigilEnd(start: number, sigil: string): number {
    const open = start + sigil.length;
    const delimiter = match(/"""|'''/y, this.text, open) ?? this.text[open] ?? '';
    const interpolated = /^~[a-z]/.test(sigil);
    const { end } = this.textEnd(open + delimiter.length, closing[delimiter] ?? delimiter, interpolated);
    return end + (match(/[\p{L}\p{N}]+/uy, this.text, end)?.length ?? 0);
  }

  /** Where a text ends whose first character stands at `from`, and whether it means what it says. */
  private textEnd(from: number, delimiter: string, interpolated: boolean): { end: number; plain: boolean } {
    let plain = true;
    for (let at = from; at < this.text.length;) {
      if (this.text[at] === '\\') {
        plain = false;
        at += 2;
      } else if (this.text.startsWith(delimiter, at)) {
        return { end: at + delimiter.length, plain };
      } else if (interpolated && this.text.startsWith('#{', at)) {
        plain = false;
        at = this.tokens(at + 2, '}').end + 1;
      } else at++;
    }
    throw this.wrong(`this text has no end: expected ${delimiter}.`, from - 1);
  }

  private wrong(problem: string, offset: number): OtpError {
    return new OtpError(problem, {
      code: 'mix-exs',
      file: this.file,
      position: SourceText.of(this.text, this.file).position(offset),
    });
  }
}

/** What a sticky expression matches at an offset. */
function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
