import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askTermOracle, bytesOf, elementsOf } from '../../test/erlang/term-oracle';
import { OtpError } from '../error';
import { decodeExternalTerm, encodeExternalTerm } from './external-term-format';
import { readFirstTerm, readTerms } from './read-terms';
import { atom, binary, float, integer, isAtom, list, nil, string, termsEqual, tuple } from './term';
import type { Term } from './term';

/** One text on each line; `¬n` stands for a line feed and `¬0080` for a character that has no glyph. */
const cases = readFileSync(join(__dirname, '../../test/erlang/syntax-cases.txt'), 'utf8')
  .split('\n')
  .map((line) =>
    line.replace(/¬(n|[0-9A-F]{4})/g, (_, code: string) =>
      code === 'n' ? '\n' : String.fromCharCode(parseInt(code, 16)),
    ),
  );

function read(text: string | Uint8Array): readonly Term[] | undefined {
  try {
    return readTerms(text, 'test').terms;
  } catch (error) {
    if (error instanceof OtpError && error.code === 'term-syntax' && error.position !== undefined)
      return undefined;
    throw error;
  }
}

const errorOf = (text: string | Uint8Array): string => {
  try {
    readTerms(text, 'a.appup');
  } catch (error) {
    if (error instanceof OtpError) return error.message;
    throw error;
  }
  throw new Error('the text was accepted');
};

describe('the text of terms', () => {
  it('is accepted, refused and understood as by file:consult', async () => {
    const coded: readonly Buffer[] = [
      ...cases.map((text) => Buffer.from(text)),
      ...[
        '%% coding: latin-1\n"\xe9".',
        '\n% coding: latin-1\n"\xe9".',
        '\n\n% coding: latin-1\n"\xe9".',
        '% -*- Coding: latin-1 -*-\n"\xe9".',
        '% coding: LATIN-1-unix\n"\xe9".',
        '% coding: latin-1x\n"\xe9".',
        '% encoding = latin-1.\n"\xe9".',
        '% coding: x coding: latin-1\n"\xe9".',
        'a. % coding: latin-1\n"\xe9".',
        `%${'x'.repeat(495)} coding: latin-1\n"\xe9".`,
        `%${'x'.repeat(494)} coding: latin-1\n"\xe9".`,
        '%% coding: utf-8\n"\xc3\xa9".',
        '"\xc3".',
        'a. "\xed\xa0\x80".',
        'a. "\xf4\x90\x80\x80".',
        'a. "\xc0\x80".',
      ].map((text) => Buffer.from(text, 'latin1')),
    ];
    const question = encodeExternalTerm(list(coded.map((text) => binary(text))));
    const answers = elementsOf(await askTermOracle('texts', question));
    expect(answers).toHaveLength(coded.length);
    const accepted: string[] = [];
    const wrong: string[] = [];
    answers.forEach((answer, at) => {
      const text = coded[at] ?? Buffer.from('');
      const expected = isAtom(answer)
        ? undefined
        : elementsOf(elementsOf(answer)[1]).map((term) => decodeExternalTerm(bytesOf(term), 'otp'));
      const found = read(text);
      if (expected !== undefined) accepted.push(text.toString());
      const same =
        expected?.length === found?.length &&
        (expected ?? []).every((term, i) => termsEqual(term, found?.[i] ?? nil));
      if (!same) wrong.push(text.toString());
    });
    expect(wrong).toEqual([]);
    expect(accepted.length).toBeGreaterThan(150);
    expect(answers.length - accepted.length).toBeGreaterThan(100);
  });

  it.each<[string, Term]>([
    // Triple-quoted strings, OTP 27.
    ['"""\n  a\n    b\n  """', string('a\n  b')],
    ['"""\n\n  a\r\n  """', string('\na')],
    ['"""\n  """', nil],
    ['""""\n"""\n""""', string('"""')],
    ['"""  \n  \\n "quoted"\n  """ "b"', string('\\n "quoted"b')],
    ['"""a"""', string('a')],
    // Sigils, OTP 27.
    ['~"é\\n"', binary(Buffer.from('é\n'))],
    ['~b(a\\)b)', binary(Buffer.from('a)b'))],
    ['~B[a\\nb\\]]', binary(Buffer.from('a\\nb]'))],
    ['~s{a\\x41}', string('aA')],
    ['~S<a\\x41>', string('a\\x41')],
    ['~s""', nil],
    ['~|a|', binary(Buffer.from('a'))],
    ['~S#a"b#', string('a"b')],
    ['~"""\n a\\n\n """', binary(Buffer.from('a\\n'))],
    ['~b"""\n a\\n\n """', binary(Buffer.from('a\n'))],
    ['~s"""\n a\\\n  b\n """', string('a\n b')],
    ['{~s"a",~"b"}', tuple(string('a'), binary(Buffer.from('b')))],
    ['<<~"a"/binary,~s"b">>', binary(Buffer.from('ab'))],
    // Floats with a base, OTP 28.
    ['16#1.8', float(1.5)],
    ['2#0.1#e8', float(128)],
    ['16#fefe.fefe#e-2', float(0xfefe_fefe / 2 ** 24)],
    ['3#0.1', float(1 / 3)],
    ['10#1.5#e+300', float(1.5e300)],
    ['-36#z.z', float(-(35 + 35 / 36))],
    ['2#1.0#e-1074', float(Number.MIN_VALUE)],
  ])('of OTP 27 and 28 is read: %s', (text, term) => {
    expect(read(`${text}.`)).toEqual([term]);
  });

  it.each([
    ['{a, b', 'a.appup:1:6: expected `,` or `}` in the tuple that starts at 1:1; found the end of the file.'],
    ['a.\n{a,\n [b}.', 'a.appup:3:4: expected `,` or `|` or `]` in the list that starts at 3:2; found `}`.'],
    ['{a, b}', 'a.appup:1:1: this term has no full stop before the end of the file. Put `.` after it.'],
    [
      '{a, B}.',
      'a.appup:1:5: expected a term; found the variable `B`. A file of terms has no variables; an atom that starts with a capital letter is quoted.',
    ],
    [
      '1+1.',
      'a.appup:1:2: expected the full stop that ends the term; found `+`. A file of terms holds values; expressions are not evaluated.',
    ],
    ['[end].', "a.appup:1:2: expected a term; found the reserved word `end`. To mean an atom, write 'end'."],
    ['"abc', 'a.appup:1:1: this string is not closed before the end of the file.'],
    ["{'abc.", 'a.appup:1:2: this quoted atom is not closed before the end of the file.'],
    [
      '"é😀\\xZZ".',
      'a.appup:1:4: expected an escape sequence `\\xHH` or `\\x{H...}` with hexadecimal digits.',
    ],
    ['"\\^?".', 'a.appup:1:2: `\\^?` is 31 to OTP 25 and 127 to later releases. Write `\\d` or `\\x1f`.'],
    ['37#1.', 'a.appup:1:1: the base of a number is 2 to 36, not 37.'],
    ['2#2.', 'a.appup:1:1: expected a digit in base 2 after 2#.'],
    ['1.0e400.', 'a.appup:1:1: this float is larger than a double can be.'],
    ['\ufeffa.', 'a.appup:1:1: a byte order mark is not allowed here. Save the file as UTF-8 without one.'],
    ['<<a>>.', 'a.appup:1:3: expected an integer, a float, a string or a binary as a segment of a binary.'],
    [
      '<<0:999999999>>.',
      'a.appup:1:3: a binary that is much larger than the text it is written as (over 16777216 bytes) is not accepted.',
    ],
    [
      '<<1:8/utf7>>.',
      'a.appup:1:7: `utf7` is no type of a segment, or contradicts an earlier one; a unit is 1 to 256.',
    ],
    [
      '"""\n  a\n b\n  """.',
      'a.appup:3:1: this line is indented less than, or differently from, the closing quotes.',
    ],
    ['~q"a".', 'a.appup:1:1: there is no sigil `~q`; there are ~ ~b ~B ~s ~S.'],
    ['~"a"x.', 'a.appup:1:5: a sigil has no suffix.'],
    ['~s"a" "b".', 'a.appup:1:7: a sigil cannot be joined with another string.'],
    ['~B(a', 'a.appup:1:3: this string is not closed before the end of the file.'],
    [
      'fun a/1.',
      'a.appup:1:6: expected a fun of the form `fun module:name/arity`; found `/`. A file of terms holds values; expressions are not evaluated.',
    ],
    [`${'x'.repeat(256)}.`, 'a.appup:1:1: an atom has at most 255 characters; this one is longer.'],
    [
      '[{1.',
      'a.appup:1:4: expected `,` or `}` in the tuple that starts at 1:2; found the full stop that ends the term.',
    ],
  ])('that is wrong is refused with the place: %s', (text, message) => {
    expect(errorOf(text)).toBe(message);
  });

  it('that is not UTF-8 is refused at the first wrong byte, unless an earlier mistake comes first', () => {
    expect(errorOf(Buffer.from('{"é",\n"\xe9"}.', 'latin1').subarray(0))).toContain(
      'a.appup:1:3: this byte is not valid UTF-8.',
    );
    expect(errorOf(Buffer.concat([Buffer.from('{"é",\n"a'), Buffer.from([0xe9, 0x22])]))).toBe(
      'a.appup:2:3: this byte is not valid UTF-8. Save the file as UTF-8, or put `%% coding: latin-1` into its first line.',
    );
    expect(errorOf(Buffer.concat([Buffer.from('{a b}. '), Buffer.from([0xff])]))).toContain(
      'a.appup:1:4: expected',
    );
  });

  it('has a place for every term and part of one', () => {
    const text = '%% é\n{a, [b, "c" "d"],\n #{😀 => [x|y]}}.\n'.replace('😀', "'😀'");
    const file = readTerms(text, 'test');
    const [whole] = file.terms;
    const textOf = (term: Term): string | undefined => {
      const range = file.rangeOf(term);
      return range && text.slice(range.start, range.end);
    };
    if (whole?.kind !== 'tuple') throw new Error('no tuple');
    const [a, inner, entries] = whole.elements;
    if (a === undefined || inner?.kind !== 'list' || entries?.kind !== 'map')
      throw new Error('no list and map');
    const [key, value] = entries.entries[0] ?? [nil, nil];
    expect(
      [whole, a, inner, inner.elements[1] ?? nil, entries, key, value].map((term) => [
        file.positionOf(term),
        textOf(term),
      ]),
    ).toEqual([
      [{ line: 2, column: 1 }, text.slice(text.indexOf('{'), text.lastIndexOf('.'))],
      [{ line: 2, column: 2 }, 'a'],
      [{ line: 2, column: 5 }, '[b, "c" "d"]'],
      [{ line: 2, column: 9 }, '"c" "d"'],
      [{ line: 3, column: 2 }, "#{'😀' => [x|y]}"],
      [{ line: 3, column: 4 }, "'😀'"],
      [{ line: 3, column: 11 }, '[x|y]'],
    ]);
    expect([file.positionOf(atom('a')), file.rangeOf(nil)]).toEqual([undefined, undefined]);
  });

  it('may hold anything after its first term when only that is read', () => {
    expect(readFirstTerm(Buffer.concat([Buffer.from('{a}. } "'), Buffer.from([0xff])]), 'test').term).toEqual(
      tuple(atom('a')),
    );
    expect(() => readFirstTerm('%% nothing\n', 'a.appup')).toThrow(
      'a.appup:1:1: expected a term; this file has none.',
    );
    expect(() => readFirstTerm('{a', 'a.appup')).toThrow('a.appup:1:3: expected `,` or `}`');
  });

  it('nests up to 10 000 deep; a list in the place of a tail is no nesting', () => {
    expect(read(`${'{'.repeat(10_000)}${'}'.repeat(10_000)}.`)).toHaveLength(1);
    expect(errorOf(`${'['.repeat(20_000)}a`)).toBe(
      'a.appup:1:10001: terms nested more than 10000 deep are not accepted.',
    );
    expect(errorOf('('.repeat(20_000))).toContain('nested more than 10000 deep');
    const chain = `${'[a|'.repeat(20_000)}[]${']'.repeat(20_000)}.`;
    expect(read(chain)).toEqual([list(Array.from({ length: 20_000 }, () => atom('a')))]);
  });

  it.each<[string, (size: number) => string]>([
    ['quotes', (size) => '"'.repeat(size)],
    ['digits', (size) => '9'.repeat(size)],
    ['digits in base 36', (size) => `36#${'z'.repeat(size)}`],
    ['underscores', (size) => '1_'.repeat(size / 2)],
    ['comments', (size) => '%\n'.repeat(size / 2)],
    ['terms', (size) => 'a.\n'.repeat(size / 3)],
    ['strings', (size) => '"" '.repeat(size / 3)],
    ['sigils', (size) => '~"" '.repeat(size / 4)],
    ['tuples', (size) => `[${'{},'.repeat(size / 3)}`],
    ['segments', (size) => `<<${'1:1,'.repeat(size / 4)}`],
    ['huge segments', (size) => '<<0:99999999>>.\n'.repeat(size / 16)],
    ['a hexadecimal escape', (size) => `"\\x{${'0'.repeat(size)}`],
    ['blank after quotes', (size) => `"""${' '.repeat(size)}`],
    ['triple quotes', (size) => '"""\n'.repeat(size / 4)],
    ['bad bytes', (size) => '\u00e9'.repeat(size)],
  ])('of a megabyte of %s is read or refused without delay', (_name, make) => {
    const text = make(1_000_000);
    const start = performance.now();
    read(text);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it('holds integers of any size OTP has', () => {
    const digits = '7'.repeat(100_000);
    expect(read(`${digits}.`)).toEqual([integer(BigInt(digits))]);
    expect(read(`16#${'f'.repeat(20)}.`)).toEqual([integer(2n ** 80n - 1n)]);
    expect(read(`7#${'6'.repeat(1000)}.`)).toEqual([integer(7n ** 1000n - 1n)]);
    expect(errorOf(`${'9'.repeat(1_300_000)}.`)).toBe(
      'a.appup:1:1: an integer of 1300000 digits is larger than OTP allows.',
    );
  });
});
