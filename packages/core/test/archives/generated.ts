/** Seed and number of generated cases, to be set with `NAME_SEED` and `NAME_COUNT` in the environment. */
export function generated(name: string, count: number): { readonly seed: number; readonly count: number } {
  return {
    seed: Number(process.env[`${name}_SEED`] ?? 20260101),
    count: Number(process.env[`${name}_COUNT`] ?? count),
  };
}

/** Says how many mutants came to which end: a run in which nothing reaches a decoder proves nothing about it. */
export function report(what: string, outcomes: ReadonlyMap<string, number>): void {
  console.log(`${what}: ${[...outcomes].map(([outcome, number]) => `${outcome} ${number}`).join(', ')}`);
}
