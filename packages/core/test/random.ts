/** A stream of pseudo-random choices that a seed determines (mulberry32). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** From 0 up to 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  some<T>(from: readonly T[], probability: number): T[] {
    return from.filter(() => this.chance(probability));
  }

  shuffled<T>(from: readonly T[]): T[] {
    const left = [...from];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.below(left.length), 1));
    return shuffled;
  }
}

/** The seed and number of cases of a generated test, from the environment when set there; the seed is to be printed on failure. */
export function generated(name: string, count: number): { readonly seed: number; readonly count: number } {
  return {
    seed: Number(process.env[`${name}_SEED`] ?? 20240229),
    count: Number(process.env[`${name}_COUNT`] ?? count),
  };
}

/** Says how many mutants came to which end: a run in which nothing reaches a decoder proves nothing about it. */
export function report(what: string, outcomes: ReadonlyMap<string, number>): void {
  console.log(`${what}: ${[...outcomes].map(([outcome, number]) => `${outcome} ${number}`).join(', ')}`);
}
