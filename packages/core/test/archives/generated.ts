/** Seed and number of generated cases, to be set with `NAME_SEED` and `NAME_COUNT` in the environment. */
export function generated(name: string, count: number): { readonly seed: number; readonly count: number } {
  return {
    seed: Number(process.env[`${name}_SEED`] ?? 20260101),
    count: Number(process.env[`${name}_COUNT`] ?? count),
  };
}
