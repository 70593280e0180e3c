import { describe, expect, it } from 'vitest';
import {
  atom,
  binary,
  float,
  integer,
  isAtom,
  isNil,
  list,
  listElements,
  map,
  nil,
  string,
  stringValue,
} from './term';
import { subterms, termsEqual, tuple, tupleOf } from './term';

const ab = [integer(97), integer(98)];

describe('a term has one representation', () => {
  it.each([
    ['a list of characters', list(ab), { kind: 'string', value: 'ab' }],
    [
      'a list of characters ending in a string',
      list([integer(97)], string('b')),
      { kind: 'string', value: 'ab' },
    ],
    ['the empty string', string(''), nil],
    ['a list whose tail is a list', list([nil], list([nil])), list([nil, nil])],
    ['a list whose tail is []', list([nil], nil), { kind: 'list', elements: [nil] }],
    ['no elements before a tail', list([], atom('a')), atom('a')],
    ['a number that is no character', list([integer(0xd800)]), { kind: 'list', elements: [integer(0xd800)] }],
    ['half a surrogate pair', string('\ud83d'), { kind: 'list', elements: [integer(0xd83d)] }],
    ['a small bigint', integer(5n), { kind: 'integer', value: 5 }],
    ['2^53 - 1', integer(2n ** 53n - 1n), { kind: 'integer', value: 2 ** 53 - 1 }],
    ['2^53', integer(2 ** 53), { kind: 'integer', value: 2n ** 53n }],
    ['-0 as an integer', integer(-0), { kind: 'integer', value: 0 }],
    ['bits after the last one', binary(Buffer.from([0xff]), 3), binary(Buffer.from([0xe0]), 3)],
  ])('%s', (_name, made, expected) => {
    expect(made).toStrictEqual(expected);
  });

  it('a map is sorted by key, and of two entries with one key keeps the later', () => {
    const made = map([
      [atom('b'), integer(1)],
      [float(1), integer(2)],
      [integer(1), integer(3)],
      [atom('b'), integer(4)],
    ]);
    expect(made.entries).toEqual([
      [integer(1), integer(3)],
      [float(1), integer(2)],
      [atom('b'), integer(4)],
    ]);
  });

  it('is refused where Erlang has no such term', () => {
    expect(() => atom('x'.repeat(256))).toThrow('an atom has at most 255 characters');
    expect(atom('😀'.repeat(255)).name).toHaveLength(510);
    expect(() => atom('\ud83d')).toThrow('an atom has at most 255 characters, all of them Unicode');
    expect(() => float(NaN)).toThrow('Erlang has no float NaN.');
  });
});

describe('reading a term', () => {
  it('gives the elements of proper lists and of strings', () => {
    expect(listElements(string('ab'))).toEqual(ab);
    expect(listElements(nil)).toEqual([]);
    expect(listElements(list([nil], atom('a')))).toBeUndefined();
    expect(listElements(atom('a'))).toBeUndefined();
  });

  it('gives the text of strings', () => {
    expect(stringValue(string('ab'))).toBe('ab');
    expect(stringValue(nil)).toBe('');
    expect(stringValue(list([nil]))).toBeUndefined();
    expect(stringValue(atom('ab'))).toBeUndefined();
  });

  it('recognises atoms, [] and tagged tuples', () => {
    const term = tuple(atom('apply'), nil);
    expect([isAtom(atom('a')), isAtom(atom('a'), 'b'), isAtom(nil)]).toEqual([true, false, false]);
    expect([isNil(nil), isNil(list([nil])), isNil(tuple())]).toEqual([true, false, false]);
    expect([tupleOf(term), tupleOf(term, 'apply'), tupleOf(term, 'apply', 2)]).toEqual([term, term, term]);
    expect([tupleOf(term, 'load'), tupleOf(term, 'apply', 3), tupleOf(nil), tupleOf(tuple(), 'a')]).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });

  it('walks all parts, outermost first', () => {
    const term = tuple(atom('a'), list([nil], atom('b')), map([[atom('c'), string('d')]]));
    const kinds = Array.from(subterms(term), (part) => (part.kind === 'atom' ? part.name : part.kind));
    expect(kinds).toEqual(['tuple', 'a', 'list', 'list', 'b', 'map', 'c', 'string']);
    expect(termsEqual(term, term)).toBe(true);
  });
});
