import {
  atom,
  binary,
  externalFun,
  float,
  integer,
  list,
  map,
  nil,
  string,
  tupleFrom,
  type Term,
} from '../../src/erlang';
import type { Random } from '../random';

/** A term of any kind but identifiers, with a liking for the edges of each kind; `depth` levels of nesting at most. */
export function generateTerm(random: Random, depth: number): Term {
  const compound = depth > 0 && random.chance(0.6);
  if (!compound) return generateScalar(random);
  const inner = (): Term => generateTerm(random, depth - 1);
  switch (random.below(5)) {
    case 0:
      return tupleFrom(many(inner, random.below(5)));
    case 1:
      return list(many(inner, random.below(5)));
    case 2:
      return list(many(inner, 1 + random.below(3)), inner());
    case 3:
      return map(many((): [Term, Term] => [inner(), inner()], random.below(5)));
    default:
      return generateLarge(random);
  }
}

function generateScalar(random: Random): Term {
  switch (random.below(9)) {
    case 0:
      return generateInteger(random);
    case 1:
      return float(generateDouble(random));
    case 2:
      return string(generateText(random));
    case 3:
      return generateBinary(random);
    case 4:
      return externalFun(generateName(random), generateName(random), random.below(256));
    case 5:
      return nil;
    case 6:
      return list(many(() => generateInteger(random), random.below(4)));
    default:
      return atom(generateName(random));
  }
}

/** Compound terms at the limits where an encoding changes. */
function generateLarge(random: Random): Term {
  const small = (): Term => integer(random.below(3));
  switch (random.below(60)) {
    case 0:
      return tupleFrom(many(small, 254 + random.below(4)));
    case 1:
      return random.chance(0.9) ? nil : string('a'.repeat(65534 + random.below(3)));
    case 2: {
      const size = 30 + random.below(40);
      return map(Array.from({ length: size }, (_, at): [Term, Term] => [atom(`key${at}`), small()]));
    }
    case 3:
      return list(many(small, 300));
    default:
      return tupleFrom([generateScalar(random), generateScalar(random)]);
  }
}

function generateInteger(random: Random): Term {
  if (random.chance(0.4)) return integer(random.below(300) - 20);
  const power = 2n ** BigInt(random.chance(0.05) ? 2030 + random.below(20) : random.below(70));
  const value = power + BigInt(random.below(3) - 1);
  return integer(random.chance(0.5) ? value : -value);
}

/** Half of them with any bits at all, half such as people write. */
export function generateDouble(random: Random): number {
  if (random.chance(0.5)) return (random.below(20000) - 10000) / random.pick([1, 10, 64, 1000]);
  const bits = Buffer.alloc(8);
  bits.writeUInt32BE(random.below(2 ** 32), 0);
  bits.writeUInt32BE(random.below(2 ** 32), 4);
  const value = bits.readDoubleBE();
  return Number.isFinite(value) ? value : 0.1;
}

const alphabets: readonly string[] = [
  'abcxyz_@09ABZ',
  'abc \'"\\\n\t\r\b\f\v\x1b',
  'a\0\x01\x1f\x7f\x80\x9f\xa0',
  'aéßÿ÷×Øµ',
  'aжΩ漢😀\u{10ffff}\ufffd\u2028\ue000',
];

export function generateText(random: Random): string {
  const alphabet = Array.from(random.pick(alphabets));
  return many(() => random.pick(alphabet), random.below(8)).join('');
}

function generateName(random: Random): string {
  if (random.chance(0.5))
    return random.pick(['ok', 'a', 'kernel', 'point_of_no_return', 'fun', 'end', 'maybe', 'Ok', '_', '']);
  return random.chance(0.02) ? 'é'.repeat(254 + random.below(2)) : generateText(random);
}

function generateBinary(random: Random): Term {
  if (random.chance(0.5)) return binary(Buffer.from(generateText(random), 'utf8'));
  const bytes = Buffer.from(many(() => random.below(256), random.below(6)));
  return binary(bytes, 1 + random.below(8));
}

function many<T>(make: () => T, count: number): T[] {
  return Array.from({ length: count }, make);
}
