import { describe, expect, it } from 'vitest';
import { generateTerm } from '../../test/erlang/generated-terms';
import { askTermOracle, bytesOf, elementsOf } from '../../test/erlang/term-oracle';
import { generated, Random } from '../../test/random';
import { OtpError } from '../error';
import { decodeExternalTerm, encodeExternalTerm } from './external-term-format';
import { printTerm } from './print-terms';
import { readTerms } from './read-terms';
import { binary, isAtom, list, nil, termsEqual, type Term } from './term';

const { seed, count } = generated('DAMAGED_TERM', 5_000);

/** What `read` gives, or that it refused with an error that names the file; any other error is passed on. */
function outcome(read: () => readonly Term[]): readonly Term[] | 'refused' {
  try {
    return read();
  } catch (error) {
    if (error instanceof OtpError && error.message.startsWith('damaged.file')) return 'refused';
    throw error;
  }
}

const fragments = [
  '{',
  '}',
  '[',
  ']',
  '<<',
  '>>',
  '#{',
  '=>',
  '|',
  ',',
  '.',
  '. ',
  '(',
  ')',
  '"',
  "'",
  '\\',
  '$',
  '%',
  '\n',
  '-',
  '+',
  '/',
  ':',
  '/utf8',
  ':16/little',
  '/float',
  '/binary',
  'fun ',
  'a',
  'B',
  '_',
  '0',
  '16#f',
  '1.5e3',
  'e',
  '\\x{',
  '\\1',
  '\\^a',
  '"a"',
  '\u0085',
  'é',
  '漢',
  '/bits',
  '\ufffe',
  'end',
  '- 1',
  '#',
];

/** Replaces, inserts or removes a few characters or tokens. */
function damageText(random: Random, text: string): string {
  let damaged = text;
  for (let edits = 1 + random.below(3); edits > 0; edits--) {
    const at = random.below(damaged.length + 1);
    const removed = random.chance(0.5) ? random.below(4) : 0;
    damaged =
      damaged.slice(0, at) + (random.chance(0.8) ? random.pick(fragments) : '') + damaged.slice(at + removed);
  }
  return damaged.replace(/[\p{Surrogate}]/gu, '');
}

/** Forms that later OTP releases read otherwise than OTP 25, or that are refused because releases disagree. */
const changedSinceOtp25 = /"""|~|\\\^\?|#[0-9a-zA-Z_]+\.[0-9a-zA-Z]/;

/** Half of the damage leaves the lengths alone: it changes what a byte holds, not how many follow. */
function damageBytes(random: Random, bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  if (random.chance(0.5)) {
    for (let edits = 1 + random.below(3); edits > 0; edits--)
      damaged[1 + random.below(damaged.length - 1)] = random.below(256);
    return damaged;
  }
  const at = random.below(damaged.length);
  const swapped = random.chance(0.5)
    ? [random.pick([97, 98, 100, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 116, 119, 77, 80, 88, 90])]
    : [];
  return Buffer.concat([
    damaged.subarray(0, at),
    Buffer.from(swapped),
    damaged.subarray(at + random.below(4)),
  ]);
}

function report(what: string, refused: number): void {
  console.log(
    `${count} damaged ${what} (DAMAGED_TERM_COUNT, DAMAGED_TERM_SEED=${seed}): ${count - refused} read, ${refused} refused`,
  );
}

describe('damaged input', () => {
  it("as text is refused exactly where OTP's scanner and parser refuse it, naming the file", async () => {
    const random = new Random(seed);
    const texts = Array.from({ length: count }, () =>
      damageText(random, `${printTerm(generateTerm(random, 3)).slice(0, 5_000)}.\n`),
    );
    const question = encodeExternalTerm(list(texts.map((text) => binary(Buffer.from(text)))));
    const answers = elementsOf(await askTermOracle('scans', question));
    const counts = { accepted: 0, refused: 0 };
    const wrong: unknown[] = [];
    const started = performance.now();
    const found = texts.map((text) => outcome(() => readTerms(text, 'damaged.file').terms));
    expect(performance.now() - started).toBeLessThan(10_000);
    found.forEach((terms, at) => {
      const answer = answers[at] ?? nil;
      const text = texts[at] ?? '';
      if (terms === 'refused') counts.refused++;
      else counts.accepted++;
      if (changedSinceOtp25.test(text)) return;
      const expected = isAtom(answer)
        ? 'refused'
        : elementsOf(elementsOf(answer)[1]).map((term) => decodeExternalTerm(bytesOf(term), 'otp'));
      const same =
        expected === 'refused' || terms === 'refused'
          ? expected === terms
          : expected.length === terms.length &&
            expected.every((term, i) => termsEqual(term, terms[i] ?? nil));
      if (!same)
        wrong.push({
          text,
          expected: expected === 'refused' ? expected : expected.map((term) => printTerm(term)),
        });
    });
    expect(wrong.slice(0, 5), `seed ${seed}`).toEqual([]);
    expect(answers).toHaveLength(count);
    report('texts', counts.refused);
    expect(counts.accepted).toBeGreaterThan(count / 10);
    expect(counts.refused).toBeGreaterThan(count / 10);
  });

  it('as bytes of text ends in terms or an error that names the file', () => {
    const random = new Random(seed);
    let refused = 0;
    for (let at = 0; at < count; at++) {
      const bytes = Buffer.from(`${printTerm(generateTerm(random, 3)).slice(0, 5_000)}.\n`);
      if (outcome(() => readTerms(damageBytes(random, bytes), 'damaged.file').terms) === 'refused') refused++;
    }
    report('texts of arbitrary bytes', refused);
    expect(refused).toBeGreaterThan(count / 10);
    expect(refused).toBeLessThan(count);
  });

  it('in the external term format ends in a term that can be written, or an error that names the file', () => {
    const random = new Random(seed);
    let refused = 0;
    const started = performance.now();
    for (let at = 0; at < count; at++) {
      const bytes = damageBytes(random, encodeExternalTerm(generateTerm(random, 3)));
      const terms = outcome(() => [decodeExternalTerm(bytes, 'damaged.file')]);
      if (terms === 'refused') refused++;
      else
        for (const term of terms)
          expect(termsEqual(decodeExternalTerm(encodeExternalTerm(term), 'again'), term)).toBe(true);
    }
    expect(performance.now() - started).toBeLessThan(10_000);
    report('terms in the external format', refused);
    expect(refused).toBeGreaterThan(count / 10);
    expect(refused).toBeLessThan(count);
  });
});
