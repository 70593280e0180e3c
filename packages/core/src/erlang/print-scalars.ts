import { OtpError } from '../error';
import { indexOfIllegal, reservedWords } from './characters';
import type { SourceEncoding } from './source-text';

/** Words that became reserved in OTP 27: they are read as atoms before it, but are safe only when quoted. */
const reservedSinceOtp27: ReadonlySet<string> = new Set(['maybe', 'else']);

/**
 * An atom as Erlang source, quoted only where `erl_scan` needs it.
 * @throws OtpError `term-unprintable` for an atom with a character (U+FFFE, U+FFFF) that source cannot hold.
 */
export function printAtom(name: string, encoding: SourceEncoding): string {
  const plain = /^[a-z\u00df-\u00f6\u00f8-\u00ff][\w@\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]*$/.test(name);
  if (plain && !reservedWords.has(name) && !reservedSinceOtp27.has(name)) return name;
  if (indexOfIllegal(name) >= 0) {
    throw new OtpError(
      `the atom ${JSON.stringify(name)} cannot be written as text: Erlang source allows no U+FFFE or U+FFFF.`,
      {
        code: 'term-unprintable',
      },
    );
  }
  return quote(name, "'", encoding);
}

/** Whether a list of these characters is better read as text: `io_lib:printable_unicode_list/1`. */
export function isPrintable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const control = (unit < 0x20 || (unit >= 0x7f && unit < 0xa0)) && !spacing.has(unit);
    if (control || unit === 0xfffe || unit === 0xffff) return false;
  }
  return true;
}

/** BS, HT, LF, VT, FF, CR and ESC count as printable; they have escapes of one letter. */
const spacing: ReadonlySet<number> = new Set([8, 9, 10, 11, 12, 13, 27]);

/** A string in double quotes, for text that `isPrintable`. */
export function printString(text: string, encoding: SourceEncoding): string {
  return quote(text, '"', encoding);
}

/** The shortest decimal that Erlang reads as the same double; it always has a point. */
export function printFloat(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', exponent] = value.toString().split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent.replace('+', '')}`;
}

/**
 * The text of a binary as it stands between `<<` and `>>`: `"text"`, or `"text"/utf8` where it is not plain ASCII;
 * undefined for bytes that are no printable UTF-8.
 */
export function printTextBinary(bytes: Uint8Array, encoding: SourceEncoding): string | undefined {
  const text = utf8Text(bytes);
  if (text === undefined || text === '' || !isPrintable(text)) return undefined;
  const quoted = printString(text, encoding);
  return text.length === bytes.length ? quoted : `${quoted}/utf8`;
}

function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function quote(text: string, delimiter: '"' | "'", encoding: SourceEncoding): string {
  // Invisible and unassigned characters are escaped too: text that looks the same should be the same.
  const escaped = text.replace(/[\\"']|[\p{C}\p{Zl}\p{Zp}\u00a0-\u{10ffff}]/gu, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (character === '\\') return '\\\\';
    if (character === '"' || character === "'") return character === delimiter ? `\\${character}` : character;
    if (!/[\p{C}\p{Z}]/u.test(character) && (encoding === 'utf-8' || codePoint <= 0xff)) return character;
    return shortEscapes.get(codePoint) ?? `\\x{${codePoint.toString(16).toUpperCase()}}`;
  });
  return `${delimiter}${escaped}${delimiter}`;
}

const shortEscapes: ReadonlyMap<number, string> = new Map([
  [8, '\\b'],
  [9, '\\t'],
  [10, '\\n'],
  [11, '\\v'],
  [12, '\\f'],
  [13, '\\r'],
  [27, '\\e'],
  [127, '\\d'],
]);
