/** A scenario that planning does not pass yet, by name, and what it waits for. */
export interface Pending {
  readonly scenario: string;
  readonly awaits: string;
}

/** Not run with the others. Each is run with the appup of `by-hand.ts`. */
export const pendingScenarios: readonly Pending[] = [
  {
    scenario: 'exchange between applications',
    awaits: 'a group of modules of two applications suspends the server: {update, M, soft, DepMods}',
  },
  {
    scenario: 'exchange behind a module without processes',
    awaits: 'a server is suspended that reaches the exchanged function through a module without processes',
  },
  {
    scenario: 'exchange behind an unchanged server',
    awaits: 'the same for a server that did not change',
  },
];
