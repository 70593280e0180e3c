/** Blank space between tokens; `erl_scan` also takes the control characters of Latin-1 for it. */
export function isBlank(code: number): boolean {
  return code <= 0x20 || (code >= 0x80 && code <= 0xa0);
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A letter that starts an unquoted atom: lower case, of Latin-1. */
export function isLowerCase(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0xdf && code <= 0xff && code !== 0xf7);
}

/** A character that starts a variable: upper case, of Latin-1, or `_`. */
export function startsVariable(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0xc0 && code <= 0xde && code !== 0xd7);
}

/** A character that continues an unquoted atom or a variable. */
export function isNameCharacter(code: number): boolean {
  return isLowerCase(code) || startsVariable(code) || isDigit(code) || code === 0x40;
}

/** Characters that Erlang source may not hold, not even escaped: surrogates, U+FFFE and U+FFFF. */
export function isIllegal(codePoint: number): boolean {
  return (
    (codePoint >= 0xd800 && codePoint <= 0xdfff) ||
    codePoint === 0xfffe ||
    codePoint === 0xffff ||
    codePoint > 0x10ffff
  );
}

/** Finds the first character of `text` that `isIllegal`. */
export function indexOfIllegal(text: string): number {
  return text.search(/[\p{Surrogate}\uFFFE\uFFFF]/u);
}

/** Words that `erl_scan` does not read as atoms unless quoted. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'after and andalso band begin bnot bor bsl bsr bxor case catch cond div end fun if let not of or orelse ' +
    'receive rem try when xor'
  ).split(' '),
);

/** The value of a digit, 0 to 35; -1 for what is no digit in any base. */
export function digitValue(code: number): number {
  if (isDigit(code)) return code - 0x30;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41 + 10;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 10;
  return -1;
}
