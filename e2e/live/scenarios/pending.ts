/** A scenario that planning does not pass yet, by name, and what it waits for. */
export interface Pending {
  readonly scenario: string;
  readonly awaits: string;
}

/** Not run with the others. Each is run with the appup of `by-hand.ts`. */
export const pendingScenarios: readonly Pending[] = [];
