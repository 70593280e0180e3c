import type { Script } from './script';

/**
 * What a release does once, beside its applications: `first` stands right behind the point of no return, before the
 * scripts of all applications; `last` after them, before the emulator restarts where it does.
 */
export interface SurroundingScripts {
  readonly first: readonly Script[];
  readonly last: readonly Script[];
}

export const noSurroundingScripts: SurroundingScripts = { first: [], last: [] };
