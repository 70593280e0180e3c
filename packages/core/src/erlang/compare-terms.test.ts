import { describe, expect, it } from 'vitest';
import { generateTerm } from '../../test/erlang/generated-terms';
import { askTermOracle, elementsOf } from '../../test/erlang/term-oracle';
import { generated, Random } from '../../test/random';
import { compareMapKeys, compareTerms, termsEqual } from './compare-terms';
import { encodeExternalTerm } from './external-term-format';
import { atom, binary, externalFun, float, integer, list, map, nil, string, tuple } from './term';
import type { Term } from './term';

/** Few distinct leaves, so that pairs are often alike up to a late difference. */
function alike(random: Random, depth: number): Term {
  const leaf = (): Term =>
    random.pick([
      integer(1),
      float(1),
      integer(2),
      integer(2n ** 60n),
      integer(2n ** 60n + 1n),
      float(2 ** 60),
      atom('a'),
      atom('\u{10000}'),
      atom('\uffee'),
      nil,
      string('a'),
      string('\u{10000}'),
      string('\uffee'),
      binary(Buffer.from([1])),
      binary(Buffer.from([0]), 3),
      externalFun('m', 'f', 1),
    ]);
  if (depth === 0 || random.chance(0.2)) return leaf();
  const parts = Array.from({ length: random.below(3) }, () => alike(random, depth - 1));
  switch (random.below(4)) {
    case 0:
      return tuple(...parts);
    case 1:
      return list(parts);
    case 2:
      return list([leaf(), ...parts], leaf());
    default:
      return map(parts.map((part) => [part, alike(random, depth - 1)]));
  }
}

describe('the order of terms', () => {
  it('is the order of OTP, for terms and for map keys', async () => {
    const { seed, count } = generated('TERM_ORDER', 10_000);
    const random = new Random(seed);
    const pairs = Array.from({ length: count }, (_, at): readonly [Term, Term] =>
      at % 4 === 0
        ? [generateTerm(random, 2), generateTerm(random, 2)]
        : [alike(random, 2), alike(random, 2)],
    );
    const question = encodeExternalTerm(list(pairs.map(([left, right]) => tuple(left, right))));
    const answers = elementsOf(await askTermOracle('orders', question));
    const ours = pairs.map(([left, right]) =>
      tuple(integer(Math.sign(compareTerms(left, right))), integer(Math.sign(compareMapKeys(left, right)))),
    );
    expect(answers).toHaveLength(count);
    const wrong = answers.flatMap((answer, at) =>
      termsEqual(answer, ours[at] ?? nil) ? [] : [{ pair: pairs[at], answer }],
    );
    expect(wrong.slice(0, 3), `seed ${seed}`).toEqual([]);
    const equal = answers.filter((answer) => termsEqual(answer, tuple(integer(0), integer(0))));
    expect(equal.length).toBeGreaterThan(100);
  });

  it('tells terms apart that are only ==', () => {
    expect(termsEqual(integer(1), float(1))).toBe(false);
    expect(compareTerms(integer(1), float(1))).toBe(0);
    expect(compareMapKeys(integer(1), float(1))).toBe(-1);
    expect(termsEqual(float(0), float(-0))).toBe(false);
    expect(compareTerms(float(0), float(-0))).toBe(0);
  });
});
