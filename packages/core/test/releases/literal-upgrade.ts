import { parseInstruction, type PlannedAppup } from '../../src/appup';
import type { ApplicationDiff, FileDiff, ModuleDiff, ModuleFacts, ReleaseDiff } from '../../src/diff';
import type { IndexedModule, ReleasePair } from '../../src/diff/module-index';
import { readFirstTerm } from '../../src/erlang';
import type { ChildFacts, SupervisorFacts } from '../../src/facts';
import type { Release } from '../../src/release';
import { facts, type LiteralFacts } from './literal-facts';

export interface LiteralPair {
  /** What differs in the application `x`, which goes from version 1 to version 2. */
  readonly modules?: readonly ModuleDiff[];
  /** Modules of `x` that are the same in both releases. */
  readonly unchanged?: Readonly<Record<string, LiteralFacts>>;
  readonly files?: readonly FileDiff[];
  readonly resource?: ApplicationDiff['resource'];
  /** The callback module of the application. */
  readonly mod?: string;
  readonly difference?: Partial<ReleaseDiff>;
}

/** Release 0.1 with `x` 1 and release 0.2 with `x` 2. */
export function pairOf({
  modules = [],
  unchanged = {},
  files = [],
  resource = {},
  mod,
  difference = {},
}: LiteralPair): ReleasePair {
  const application = (version: string): ApplicationDiff['previous'] =>
    ({
      name: 'x',
      version,
      resource: mod === undefined ? {} : { mod: { module: mod, args: { kind: 'list', elements: [] } } },
    }) as unknown as ApplicationDiff['previous'];
  const [previous, next] = [application('1'), application('2')];
  const release = (version: string, one: ApplicationDiff['previous']): Release =>
    ({
      name: 'r',
      version,
      versionPath: `releases/${version}`,
      applications: [one],
      configuration: { sysConfig: { kind: 'absent' } },
    }) as unknown as Release;
  const kept: ApplicationDiff[] = [{ name: 'x', previous, next, modules, files, resource }];
  const same = Object.entries(unchanged).map(([name, literal]) => facts(name, literal));
  const index = (of: readonly ModuleFacts[]): Map<string, IndexedModule> =>
    new Map([...same, ...of].map((one) => [one.name, { application: 'x', facts: one }]));
  return {
    difference: {
      previous: release('0.1', previous),
      next: release('0.2', next),
      added: [],
      removed: [],
      stripped: [],
      startScripts: [],
      configuration: [],
      protocols: [],
      configProviders: { previous: [], next: [] },
      placeholders: [],
      kept,
      ...difference,
    },
    modules: {
      previous: index(modules.flatMap((one) => ('previous' in one ? [one.previous] : []))),
      next: index(modules.flatMap((one) => ('next' in one ? [one.next] : []))),
    },
  };
}

/** The appup of `x`, as a person wrote it in `x.appup`: instructions as they stand between the brackets of a list. */
export function appupOf(directions: { readonly up?: string; readonly down?: string }): PlannedAppup[] {
  const sections = (['up', 'down'] as const).flatMap((direction) => {
    const text = directions[direction];
    if (text === undefined) return [];
    const { term } = readFirstTerm(`[${text}].`, 'x.appup');
    const elements = term.kind === 'list' ? term.elements : [];
    const instructions = elements.map((element) => parseInstruction(element));
    return [{ direction, version: '1', origin: { kind: 'kept', file: 'x.appup', instructions } } as const];
  });
  return [
    {
      application: 'x',
      version: '2',
      appup: { file: 'x.appup', version: '2', up: [], down: [] },
      sections,
      stale: [],
    },
  ];
}

/** A child `m` that `m:start_link/0` starts. */
export function child(id: string, more: Partial<ChildFacts> = {}): ChildFacts {
  return {
    id,
    startModule: id,
    function: 'start_link',
    arity: 0,
    restart: 'permanent',
    shutdown: '5000',
    type: 'worker',
    modules: [id],
    args: '[]',
    ...more,
  };
}

/** A module that is a supervisor registered under its name, and starts itself in `start_link/0`. */
export function supervisor(
  name: string,
  children: SupervisorFacts['children'],
  more: Partial<SupervisorFacts> = {},
): LiteralFacts {
  return {
    behaviours: ['supervisor'],
    exports: ['start_link/0', 'init/1'],
    details: {
      starts: [{ starter: 'supervisor:start_link/3', module: name, function: 'start_link/0' }],
      supervisors: [
        {
          kind: 'callback',
          function: 'init/1',
          name,
          strategy: 'one_for_one',
          children,
          sideEffects: [],
          ...more,
        },
      ],
    },
  };
}

/** A gen_server that starts itself in `start_link/0`. */
export function server(name: string, more: LiteralFacts = {}): LiteralFacts {
  return {
    behaviours: ['gen_server'],
    exports: ['start_link/0', 'init/1', 'code_change/3'],
    ...more,
    details: {
      starts: [{ starter: 'gen_server:start_link/3', module: name, function: 'start_link/0' }],
      supervisors: [],
      states: [{ tuple: 1 }],
      codeChange: { 'code_change/3': 'trivial' },
      ...more.details,
    },
  };
}

/** The callback module of an application whose top supervisor is `x_sup`. */
export const callbackModule: LiteralFacts = {
  behaviours: ['application'],
  exports: ['start/2', 'stop/1'],
  details: { startResult: 'x_sup:start_link/0', supervisors: [], starts: [] },
};
