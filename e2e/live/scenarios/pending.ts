/** A scenario that planning does not pass yet, by name, and what it waits for. */
export interface Pending {
  readonly scenario: string;
  readonly awaits: string;
}

/** Not run with the others. Each is run with the appup of `by-hand.ts`, where it has one. */
export const pendingScenarios: readonly Pending[] = [
  {
    scenario: 'dependency, function exchanged',
    awaits: 'a group with a server that has no code_change/3 suspends it: {update, M, soft, DepMods}',
  },
  { scenario: 'child added', awaits: 'new children are started, and stopped on the way down' },
  { scenario: 'child removed', awaits: 'removed children are stopped, and started on the way down' },
  { scenario: 'child replaced by another', awaits: 'new children are started, removed ones stopped' },
  { scenario: 'child id that is no module', awaits: 'new children are started, by their id' },
  { scenario: 'child added deep in the tree', awaits: 'new children are started' },
  { scenario: 'subtree added', awaits: 'new children are started' },
  {
    scenario: 'new child that an old one needs',
    awaits: 'new children are started before their callers change, and stopped after them',
  },
  {
    scenario: 'function moves to another application',
    awaits: 'order across applications, by DepMods, in both directions',
  },
  {
    scenario: 'three applications in a chain',
    awaits: 'order across applications on the way down',
  },
  {
    scenario: 'module moves to another application',
    awaits: 'load_module in the application that has it now, and nothing in the one that had it',
  },
  {
    scenario: 'client blocked in a library',
    awaits: 'soft_purge of a module whose functions wait',
  },
  {
    scenario: 'gen_statem callback mode',
    awaits: 'a second code_change after the load on the way down, in the older code',
  },
  {
    scenario: 'code_change in a cycle',
    awaits: 'code_change in the order of what the code_change functions call',
  },
  {
    scenario: 'process that loops in another module',
    awaits: 'the module of the child specification is updated, with the loop among its DepMods',
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
];
