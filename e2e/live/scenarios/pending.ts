/** What planning does not pass yet, by the name of the scenario, and what it waits for. */
export interface Pending {
  readonly scenario: string;
  readonly awaits: string;
}

/** Not run with the others. Each is run with the appup of `by-hand.ts`. */
export const pendingScenarios: readonly Pending[] = [
  {
    scenario: 'client blocked in a library',
    awaits: 'soft_purge of a module whose functions wait',
  },
  {
    scenario: 'gen_statem callback mode',
    awaits: 'a second code_change after the load on the way down, in the older code',
  },
  {
    scenario: 'process that loops in another module',
    awaits:
      'the module of the child specification is updated, with the loop among its DepMods, softly purged',
  },
  {
    scenario: 'callback added to a behaviour',
    awaits: 'calls from a behaviour to its callback modules count in the order',
  },
  {
    scenario: 'callback removed from a behaviour',
    awaits: 'calls from a behaviour to its callback modules count in the order, on the way down',
  },
  {
    scenario: 'record shared with a helper',
    awaits: 'a module that takes the state of a process apart changes in one group with it',
  },
  {
    scenario: 'a module that comes back on the way down',
    awaits:
      'the server is suspended while the two modules change that it reaches, also through one that goes',
  },
];
