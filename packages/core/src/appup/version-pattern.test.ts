import { describe, expect, it } from 'vitest';
import { askOtp } from '../../test/relup-oracle/ask-otp';
import { generated, Random } from '../../test/random';
import { atom, binary, isAtom, string, tuple, type Term } from '../erlang';
import { OtpError } from '../error';
import { compileVersionPattern } from './version-pattern';

describe('a version pattern', () => {
  it.each([
    ['1\\.[0-9]+', '1.2', true],
    ['1\\.[0-9]+', '1.2.3', false],
    ['1|1\\.2\\.3', '1.2.3', false],
    ['1\\.2\\.3|1', '1.2.3', true],
    ['^8\\.5\\.0(?:\\.[0-9]+)+$', '8.5.0.1.2', true],
    ['^8\\.5\\.0(?:\\.[0-9]+)+$', '8.5.0', false],
    ['.*', '', true],
    ['2', '1.2', false],
    ['1.*?', '1.2', false],
    ['4.3.2', '4x3y2', true],
  ])('%s stands for %s: %s', (pattern, version, stands) => {
    expect(compileVersionPattern(pattern).matchesWhole(version)).toBe(stands);
  });

  it.each([
    ['(?i)rc', 'the group (?i is not read'],
    ['(?>1)', 'the group (?> is not read'],
    ['(?P<n>1)', 'the group (?P is not read'],
    ['(?<!1)', 'the group (?< is not read'],
    ['(?#note)', 'the group (?# is not read'],
    ['(?R)', 'the group (?R is not read'],
    ['(*ANY)', 'the verbs (*...) are not read'],
    ['1++', 'possessive repetition is not read'],
    ['\\A1\\z', '\\A is not read'],
    ['1\\Z', '\\Z is not read'],
    ['\\Q1\\E', '\\Q is not read'],
    ['\\h', '\\h is not read'],
    ['(1)\\1', '\\1 is not read'],
    ['[[:digit:]]', 'the POSIX classes [:name:] are not read'],
    ['(?:|a)*', 'a group that can match nothing is repeated'],
    ['(', 'a group is not closed'],
    ['1)', 'it closes a group that is not open'],
    ['[1', 'it ends in the middle of a group or a character class'],
    ['1\\', 'it ends in a backslash'],
    ['*', 'there is nothing for * to repeat'],
    ['a{70000}', 'a repetition count is above 65535'],
    ['((a{1000}){1000}){1000}', 'its repetitions multiply to more than is sensible for a version'],
  ])('$0 is refused: $1', (pattern, why) => {
    expect(() => compileVersionPattern(pattern)).toThrow(OtpError);
    expect(() => compileVersionPattern(pattern)).toThrow(why);
  });

  it('of any depth is refused, not overrun', () => {
    expect(() => compileVersionPattern('('.repeat(100_000))).toThrow('its groups are nested too deeply');
  });

  it('is matched in time that grows with its length, not with the ways to match it', () => {
    const started = performance.now();
    expect(compileVersionPattern('(?:(?:a+)+)+b').matchesWhole('a'.repeat(500))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('stands for the versions that systools takes it to stand for', async () => {
    const { seed, count } = generated('VERSION_PATTERN', 4000);
    const cases = Array.from({ length: count }, (_, index) => {
      const random = new Random(seed + index);
      const pattern = generatePattern(random, 3);
      // PCRE takes é for \w, and not for \w+.
      const letters = /\\[wWbB]/.test(pattern) ? ['a', 'α'] : ['a', 'é', 'α'];
      return { pattern, version: generateVersion(random, letters) };
    });
    const answers = await askOtp(() =>
      cases.map(({ pattern, version }) =>
        tuple(atom('match'), string(version), binary(Buffer.from(pattern, 'utf8'))),
      ),
    );
    const seen = { true: 0, false: 0, refused: 0 };
    const differences = cases.flatMap(({ pattern, version }, index) => {
      const ours = matches(pattern, version);
      seen[`${ours}`]++;
      const otp = answers[index];
      // What is refused may be right for PCRE; what PCRE finds wrong must be refused.
      if (ours === 'refused' || isSame(otp, ours)) return [];
      return [
        `VERSION_PATTERN_SEED=${seed + index}: ${pattern} on ${JSON.stringify(version)} is ${ours} here`,
      ];
    });
    expect(differences).toEqual([]);
    expect(seen.true).toBeGreaterThan(count / 20);
    expect(seen.false).toBeGreaterThan(count / 20);
    expect(seen.refused).toBeLessThan(count / 2);
  });
});

function matches(pattern: string, version: string): boolean | 'refused' {
  try {
    return compileVersionPattern(pattern).matchesWhole(version);
  } catch (error) {
    if (error instanceof OtpError) return 'refused';
    throw error;
  }
}

function isSame(otp: Term | undefined, ours: boolean): boolean {
  return otp !== undefined && isAtom(otp, `${ours}`);
}

function generateVersion(random: Random, letters: readonly string[]): string {
  const pieces = ['1', '2', '10', '.', '.', ...letters, '-', '\n', '_', ' '];
  return Array.from({ length: random.below(5) }, () => random.pick(pieces)).join('');
}

function generatePattern(random: Random, depth: number): string {
  const pieces = Array.from({ length: 1 + random.below(4) }, () => generatePiece(random, depth));
  return random.chance(0.2) ? `${pieces.join('')}|${generatePiece(random, depth)}` : pieces.join('');
}

function generatePiece(random: Random, depth: number): string {
  const atoms = [
    '1', '2', '.', '\\.', '[0-9]', '[^.]', '\\d', '\\w', '\\s', '\\W', '\\S', 'a', 'é', '[]1]', '[1-2.-]', '[\\d.]', '[\\]a]', '\\x31',
    '\\x{3b1}', '^', '$', '\\b', '\\B', '\\n', '\\-', ']', '}', '{', '[\\b1]', '\\D', '[^]1]',
  ]; // prettier-ignore
  const repeats = [
    '',
    '',
    '',
    '*',
    '+',
    '?',
    '*?',
    '+?',
    '??',
    '{2}',
    '{0,2}',
    '{1,}',
    '{,2}',
    '{1,2}?',
    '{2,1}',
  ];
  if (depth > 0 && random.chance(0.3)) {
    const open = random.pick(['(', '(?:', '(?=', '(?!']);
    return `${open}${generatePattern(random, depth - 1)})${open.endsWith('=') || open.endsWith('!') ? '' : random.pick(repeats)}`;
  }
  const piece = random.pick(atoms);
  return piece.startsWith('^') || ['$', '\\b', '\\B'].includes(piece)
    ? piece
    : `${piece}${random.pick(repeats)}`;
}
