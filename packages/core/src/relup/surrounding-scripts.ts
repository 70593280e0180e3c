import type { Script } from './script';

/**
 * What a release does once, beside its applications: `first` stands before the scripts of all applications, right behind
 * the point of no return unless it names that itself; `last` after them, before the emulator restarts where it does.
 */
export interface SurroundingScripts {
  readonly first: readonly Script[];
  readonly last: readonly Script[];
}

export const noSurroundingScripts: SurroundingScripts = { first: [], last: [] };

/** One around the other: what comes first of the outer one comes first of all, and its last things last. */
export function around(outer: SurroundingScripts, inner: SurroundingScripts): SurroundingScripts {
  return { first: [...outer.first, ...inner.first], last: [...inner.last, ...outer.last] };
}
