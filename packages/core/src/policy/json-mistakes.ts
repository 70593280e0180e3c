import { OtpError } from '../error';
import { nearestName } from '../nearest-name';

/** The entries of a JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads JSON that a person wrote, and gathers what is wrong with it, so that all of it can be said at once. A value that
 * is wrong reads as undefined. Places are written as `applications.dummy.modules["a b"].timeout`.
 */
export class JsonMistakes {
  readonly #found: string[] = [];

  constructor(
    readonly file: string,
    readonly code: string,
  ) {}

  add(place: string, problem: string): void {
    this.#found.push(`${place === '' ? 'the file' : place}: ${problem}`);
  }

  expected(place: string, expected: string, found: unknown): void {
    this.add(place, `expected ${expected}, found ${excerpt(found)}.`);
  }

  /** @param keys those it may have; any when absent */
  object(value: unknown, place: string, keys?: readonly string[]): JsonObject | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.expected(place, 'an object', value);
      return undefined;
    }
    const entries = Object.fromEntries(Object.entries(value));
    if (keys === undefined) return entries;
    for (const key of Object.keys(entries)) {
      if (keys.includes(key)) continue;
      const nearest = nearestName(key, keys);
      const hint = nearest === undefined ? `It may have ${keys.join(', ')}.` : `Did you mean ${nearest}?`;
      this.add(inside(place, key), `there is no such setting. ${hint}`);
    }
    return entries;
  }

  /** An absent list is empty. */
  list(value: unknown, place: string, elements: string): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    this.expected(place, `a list of ${elements}`, value);
    return [];
  }

  text(value: unknown, place: string, what: string): string | undefined {
    if (typeof value === 'string' && value.trim() !== '') return value;
    this.expected(place, what, value);
    return undefined;
  }

  /** A list of texts; undefined when absent. */
  texts(value: unknown, place: string, elements: string): string[] | undefined {
    if (value === undefined) return undefined;
    return this.list(value, place, elements).flatMap(
      (element, at) => this.text(element, `${place}[${at}]`, `one of the ${elements}`) ?? [],
    );
  }

  oneOf<Choice extends string>(
    value: unknown,
    place: string,
    choices: readonly Choice[],
  ): Choice | undefined {
    if (value === undefined) return undefined;
    const choice = choices.find((one) => one === value);
    if (choice === undefined) this.expected(place, choices.join(' or '), value);
    return choice;
  }

  /** @throws OtpError with all that was found */
  throwIfAny(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const all =
      this.#found.length === 1
        ? first
        : [`${this.#found.length} mistakes:`, ...this.#found.map((mistake) => `  ${mistake}`)].join('\n');
    throw new OtpError(all, { code: this.code, file: this.file });
  }
}

/** The place of an entry. */
export function inside(place: string, key: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `${place}[${JSON.stringify(key)}]`;
  return place === '' ? key : `${place}.${key}`;
}

function excerpt(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
