import { digitValue } from './characters';
import { maxIntegerBits } from './term';

/** A number as written; `end` is the offset after it. */
export type NumberLiteral =
  | { readonly kind: 'integer'; readonly value: number | bigint; readonly end: number }
  | { readonly kind: 'float'; readonly value: number; readonly end: number }
  | { readonly kind: 'malformed'; readonly problem: string; readonly end: number };

/**
 * Reads the unsigned number that starts with a digit at `start`: `1_000`, `16#ff`, `1.5e-3`, and the floats with a
 * base of OTP 28 (`16#f.8#e2`, EEP 75).
 */
export function scanNumber(text: string, start: number): NumberLiteral {
  const whole = digits(text, start, 10);
  if (text[whole.end] === '#') return scanBased(text, start, whole);
  const fraction = fractionAfter(text, whole.end, 10);
  if (fraction === undefined) return integerLiteral(whole.text, 10, whole.end);
  if (!/[eE]/.test(text[fraction.end] ?? '')) {
    return floatLiteral(`${whole.text}.${fraction.text}`, fraction.end);
  }
  const exponent = exponentAt(text, fraction.end + 1);
  if (exponent.text === undefined)
    return { kind: 'malformed', problem: 'the exponent of this float has no digits', end: exponent.end };
  return floatLiteral(`${whole.text}.${fraction.text}e${exponent.text}`, exponent.end);
}

interface Digits {
  /** Without the underscores. */
  readonly text: string;
  readonly end: number;
}

/** The run of digits at `start`; single underscores may stand between two of them. */
function digits(text: string, start: number, base: number): Digits {
  const isDigitAt = (at: number): boolean => {
    const value = digitValue(text.charCodeAt(at));
    return value >= 0 && value < base;
  };
  let end = start;
  let underscores = false;
  while (isDigitAt(end) || (text[end] === '_' && end > start && isDigitAt(end + 1))) {
    underscores ||= text[end] === '_';
    end++;
  }
  const run = text.slice(start, end);
  return { text: underscores ? run.replaceAll('_', '') : run, end };
}

function fractionAfter(text: string, at: number, base: number): Digits | undefined {
  if (text[at] !== '.') return undefined;
  const fraction = digits(text, at + 1, base);
  return fraction.text === '' ? undefined : fraction;
}

function exponentAt(text: string, at: number): { readonly text: string | undefined; readonly end: number } {
  const signed = text[at] === '+' || text[at] === '-';
  const run = digits(text, signed ? at + 1 : at, 10);
  return { text: run.text === '' ? undefined : `${signed ? (text[at] ?? '') : ''}${run.text}`, end: run.end };
}

function scanBased(text: string, start: number, prefix: Digits): NumberLiteral {
  const base = Number(prefix.text);
  if (!(base >= 2 && base <= 36)) {
    return {
      kind: 'malformed',
      problem: `the base of a number is 2 to 36, not ${prefix.text.slice(0, 10)}`,
      end: prefix.end,
    };
  }
  const whole = digits(text, prefix.end + 1, base);
  if (whole.text === '') {
    return {
      kind: 'malformed',
      problem: `expected a digit in base ${base} after ${text.slice(start, prefix.end + 1)}`,
      end: whole.end,
    };
  }
  const fraction = fractionAfter(text, whole.end, base);
  if (fraction === undefined) return integerLiteral(whole.text, base, whole.end);
  if (text[fraction.end] !== '#' || !/[eE]/.test(text[fraction.end + 1] ?? '')) {
    return basedFloat(whole.text, fraction.text, base, 0, fraction.end);
  }
  const exponent = exponentAt(text, fraction.end + 2);
  if (exponent.text === undefined)
    return { kind: 'malformed', problem: 'the exponent of this float has no digits', end: exponent.end };
  return basedFloat(whole.text, fraction.text, base, Number(exponent.text), exponent.end);
}

function integerLiteral(run: string, base: number, end: number): NumberLiteral {
  const bits = run.length * Math.log2(base);
  if (bits > maxIntegerBits) {
    return {
      kind: 'malformed',
      problem: `an integer of ${run.length} digits is larger than OTP allows`,
      end,
    };
  }
  // Below 2^53 the double that parseInt gives is exact.
  return { kind: 'integer', value: bits < 53 ? parseInt(run, base) : bigInteger(run, base), end };
}

/** Halves the digits, so that the time stays close to that of one multiplication. */
function bigInteger(run: string, base: number): bigint {
  if (base === 10) return BigInt(run);
  if (base === 16) return BigInt(`0x${run}`);
  if (run.length <= 8) return BigInt(parseInt(run, base));
  const low = Math.floor(run.length / 2);
  return (
    bigInteger(run.slice(0, -low), base) * BigInt(base) ** BigInt(low) + bigInteger(run.slice(-low), base)
  );
}

function floatLiteral(decimal: string, end: number): NumberLiteral {
  const value = Number(decimal);
  return Number.isFinite(value)
    ? { kind: 'float', value, end }
    : { kind: 'malformed', problem: 'this float is larger than a double can be', end };
}

/** Most digits of a float with a base; more would cost time and not change the double. */
const maxBasedFloatDigits = 4096;
/** A decimal rendering this long, followed by a digit that stands for the rest, rounds to the nearest double. */
const decimalDigits = 800;

function basedFloat(
  whole: string,
  fraction: string,
  base: number,
  exponent: number,
  end: number,
): NumberLiteral {
  const run = whole + fraction;
  if (run.length > maxBasedFloatDigits || Math.abs(exponent) > maxBasedFloatDigits) {
    return {
      kind: 'malformed',
      problem: 'this float has more digits or a larger exponent than is accepted',
      end,
    };
  }
  const power = exponent - fraction.length;
  const scale = BigInt(base) ** BigInt(Math.abs(power));
  const numerator = power >= 0 ? bigInteger(run, base) * scale : bigInteger(run, base);
  const denominator = power >= 0 ? 1n : scale;
  const shift = Math.max(0, decimalDigits + denominator.toString().length - numerator.toString().length);
  const scaled = numerator * 10n ** BigInt(shift);
  const rest = scaled % denominator === 0n ? '0' : '1';
  return floatLiteral(`${(scaled / denominator).toString()}${rest}e-${shift + 1}`, end);
}
