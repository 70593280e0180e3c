/** What was expected, and what was found. */
export class ShapeError extends Error {}

/** A JSON object of a file that we have written once, whose values are asked for by key and type. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(
    value: unknown,
    private readonly place: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ShapeError(`${place} to be an object; found ${shown(value)}`);
    }
    this.#values = new Map(Object.entries(value));
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  text(key: string): string {
    const value = this.#values.get(key);
    if (typeof value !== 'string') throw this.wrong(key, 'a string');
    return value;
  }

  number(key: string): number {
    const value = this.#values.get(key);
    if (typeof value !== 'number') throw this.wrong(key, 'a number');
    return value;
  }

  boolean(key: string): boolean {
    const value = this.#values.get(key);
    if (typeof value !== 'boolean') throw this.wrong(key, 'true or false');
    return value;
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    const found = values.find((value) => value === this.#values.get(key));
    if (found === undefined) throw this.wrong(key, values.join(' or '));
    return found;
  }

  record(key: string): Fields {
    return new Fields(this.#values.get(key), `${key} in ${this.place}`);
  }

  records(key: string): Fields[] {
    const value = this.#values.get(key);
    if (!Array.isArray(value)) throw this.wrong(key, 'a list');
    return value.map((element: unknown, index) => new Fields(element, `${key}[${index}] in ${this.place}`));
  }

  textList(key: string): string[] {
    const value = this.#values.get(key);
    if (!Array.isArray(value)) throw this.wrong(key, 'a list of strings');
    return value.map((element: unknown) => {
      if (typeof element !== 'string') throw this.wrong(key, 'a list of strings');
      return element;
    });
  }

  /** An object whose values are all strings. */
  texts(key: string): ReadonlyMap<string, string> {
    const record = this.record(key);
    return new Map(Array.from(record.#values.keys(), (name) => [name, record.text(name)]));
  }

  private wrong(key: string, expected: string): ShapeError {
    return new ShapeError(`${key} in ${this.place} to be ${expected}; found ${shown(this.#values.get(key))}`);
  }
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
