import { beforeAll, describe, expect, it } from 'vitest';
import { generateTerm } from '../../test/erlang/generated-terms';
import { askTermOracle, bytesOf, elementsOf } from '../../test/erlang/term-oracle';
import { generated, Random } from '../../test/random';
import { decodeExternalTerm } from './external-term-format';
import { printTerm, printTermFile } from './print-terms';
import { readTerms } from './read-terms';
import {
  atom,
  binary,
  externalFun,
  float,
  identifier,
  integer,
  list,
  map,
  nil,
  string,
  termsEqual,
  tuple,
} from './term';
import type { Term } from './term';

const { seed, count } = generated('PRINTED_TERM', 10_000);

describe('printed terms', () => {
  let terms: readonly Term[] = [];
  let consulted: readonly Term[] = [];
  /** Of each term, what OTP makes of it. */
  let texts: readonly (readonly Buffer[])[] = [];

  beforeAll(async () => {
    const random = new Random(seed);
    terms = Array.from({ length: count }, () => generateTerm(random, 4));
    // Half are laid out as a file of OTP's, half as single terms of all widths.
    const printed = terms.map((term, at) =>
      at % 2 === 0
        ? printTermFile([term])
        : `${printTerm(term, { width: random.below(100), indent: random.below(8) })}.\n`,
    );
    const [etf, written] = elementsOf(
      await askTermOracle('consult', `%% coding: utf-8\n${printed.join('')}`),
    );
    consulted = elementsOf(etf).map((term) => decodeExternalTerm(bytesOf(term), 'consulted'));
    texts = elementsOf(written).map((ofTerm) => elementsOf(ofTerm).map(bytesOf));
  });

  const expectSame = (read: readonly Term[]): void => {
    expect(read).toHaveLength(count);
    const wrong = read.flatMap((term, at) => (termsEqual(term, terms[at] ?? nil) ? [] : [at]));
    expect(
      wrong.slice(0, 3).map((at) => ({ at, printed: printTerm(terms[at] ?? nil) })),
      `seed ${seed}`,
    ).toEqual([]);
  };

  it('are read by file:consult as the terms they are', () => {
    expectSame(consulted);
  });

  it('of OTP, by ~tp and ~tw, are read as the terms they are', () => {
    const wrong = texts.flatMap((ofTerm, at) =>
      ofTerm
        .filter((text) => !termsEqual(readTerms(text, 'otp').terms[0] ?? nil, terms[at] ?? nil))
        .map(String),
    );
    expect(wrong.slice(0, 3), `seed ${seed}`).toEqual([]);
    expect(texts.flat().length).toBeGreaterThan(1.5 * count);
  });

  it('are no wider than asked for, where no single word is', () => {
    const words = list(
      Array.from({ length: 60 }, (_, at) => tuple(atom(`word${at}`), list([atom('a'), tuple(integer(at))]))),
    );
    for (const width of [20, 40, 80]) {
      const longest = Math.max(
        ...printTerm(words, { width })
          .split('\n')
          .map((line) => line.length),
      );
      expect(longest).toBeLessThanOrEqual(width);
      expect(longest).toBeGreaterThan(12);
    }
  });
});

const singleTerms: readonly [Term, string][] = [
  [atom('ok'), 'ok'],
  [atom('a@b_C1'), 'a@b_C1'],
  [atom('été'), 'été'],
  [atom('ж'), "'ж'"],
  [atom(''), "''"],
  [atom('Ok'), "'Ok'"],
  [atom('_a'), "'_a'"],
  [atom('1a'), "'1a'"],
  [atom('a-b'), "'a-b'"],
  [atom('end'), "'end'"],
  [atom('maybe'), "'maybe'"],
  [atom('nonode@nohost'), 'nonode@nohost'],
  [atom(`it's "\\"\n\0`), `'it\\'s "\\\\"\\n\\x{0}'`],
  [integer(-5), '-5'],
  [integer(2n ** 64n), '18446744073709551616'],
  [float(1), '1.0'],
  [float(-0), '-0.0'],
  [float(1e21), '1.0e21'],
  [float(1.5e-9), '1.5e-9'],
  [string('a "b"\t\\'), '"a \\"b\\"\\t\\\\"'],
  [string('жé漢😀'), '"жé漢😀"'],
  [string('a\u202eb\u00a0'), '"a\\x{202E}b\\x{A0}"'],
  [string('a\0'), '[97, 0]'],
  [nil, '[]'],
  [list([atom('a')], atom('b')), '[a | b]'],
  [list([atom('a'), integer(1)]), '[a, 1]'],
  [tuple(), '{}'],
  [tuple(atom('a'), string('b')), '{a, "b"}'],
  [map([]), '#{}'],
  [
    map([
      [atom('b'), integer(1)],
      [string('a'), nil],
    ]),
    '#{b => 1, "a" => []}',
  ],
  [binary(Buffer.from('')), '<<>>'],
  [binary(Buffer.from('^1\\.0$')), '<<"^1\\\\.0$">>'],
  [binary(Buffer.from('é')), '<<"é"/utf8>>'],
  [binary(Buffer.from([0xe9, 0])), '<<233,0>>'],
  [binary(Buffer.from([1, 0xe0]), 3), '<<1,7:3>>'],
  [externalFun('lists', 'Map', 2), "fun lists:'Map'/2"],
];

describe('one term', () => {
  it.each(singleTerms.map(([term, text]): [string, Term] => [text, term]))(
    'is printed as %s',
    (text, term) => {
      expect(printTerm(term)).toBe(text);
      expect(readTerms(`${text}.`, 'test').terms).toEqual([term]);
    },
  );

  it('has its characters escaped for a Latin-1 file', () => {
    const term = tuple(atom('ж'), string('éж'), binary(Buffer.from('ж')));
    expect(printTerm(term, { encoding: 'latin-1' })).toBe('{\'\\x{436}\', "é\\x{436}", <<"\\x{436}"/utf8>>}');
  });

  it('without a text form is refused', () => {
    expect(() => printTerm(identifier('pid', Buffer.from([88])))).toThrow(
      'a pid belongs to a running node and cannot be written as text.',
    );
    expect(() => printTerm(atom('\ufffe'))).toThrow(
      'cannot be written as text: Erlang source allows no U+FFFE or U+FFFF.',
    );
  });

  it('may nest deeper than the stack, and is printed in linear size', () => {
    let term: Term = atom('deep');
    for (let depth = 0; depth < 20_000; depth++) term = tuple(atom('a'), list([term]));
    expect(printTerm(term).length).toBeLessThan(20_000 * 120);
  });
});

describe('a term file', () => {
  const instructions = (text: string): Term => readTerms(`${text}.`, 'test').terms[0] ?? nil;

  it('has an appup laid out with an instruction on each line', () => {
    const appup =
      instructions(`{"2", [{"1", [{update, server, {advanced, [{timeout, 5}, {name, "a"}]}, [worker]}, restart_new_emulator]},
      {<<"0\\\\..*">>, [{restart_application, a}]}], [{"1", []}]}`);
    expect(printTermFile([appup], { comments: ['Generated for a 2.', 'Do not edit.'] })).toBe(
      [
        '%% coding: utf-8',
        '%% Generated for a 2.',
        '%% Do not edit.',
        '{"2",',
        ' [{"1",',
        '   [{update, server, {advanced, [{timeout, 5}, {name, "a"}]}, [worker]},',
        '    restart_new_emulator]},',
        '  {<<"0\\\\..*">>, [{restart_application, a}]}],',
        ' [{"1", []}]}.',
        '',
      ].join('\n'),
    );
  });

  it('has an application resource laid out with a key on each line', () => {
    const modules = Array.from({ length: 8 }, (_, at) => `application_module_${at}`).join(', ');
    const app = instructions(
      `{application, a, [{description, ""}, {vsn, "2"}, {modules, [${modules}]}, {env, [{size, 1}, {name, b}]}]}`,
    );
    expect(printTermFile([app])).toBe(
      [
        '%% coding: utf-8',
        '{application, a,',
        ' [{description, []},',
        '  {vsn, "2"},',
        '  {modules,',
        '   [application_module_0, application_module_1, application_module_2,',
        '    application_module_3, application_module_4, application_module_5,',
        '    application_module_6, application_module_7]},',
        '  {env,',
        '   [{size, 1},',
        '    {name, b}]}]}.',
        '',
      ].join('\n'),
    );
  });

  it('breaks long maps, strings and improper lists', () => {
    const text = 'x'.repeat(30);
    const term = map([
      [atom('a'), list([string(text), string(text)], atom('tail_of_the_list'))],
      [atom('b'), list([string(text), string(text), string(text)])],
    ]);
    expect(printTerm(term, { width: 60 })).toBe(
      [
        '#{a =>',
        `      ["${text}",`,
        `       "${text}" |`,
        '       tail_of_the_list],',
        '  b =>',
        `      ["${text}",`,
        `       "${text}",`,
        `       "${text}"]}`,
      ].join('\n'),
    );
  });

  it('keeps its comments comments', () => {
    expect(printTermFile([], { comments: ['a\nb. \u0085c\r', ''] })).toBe(
      '%% coding: utf-8\n%% a\n%% b.  c\n%%\n',
    );
  });
});
