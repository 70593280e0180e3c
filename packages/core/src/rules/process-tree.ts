import { readFirstTerm, atomName, listElements, type Term } from '../erlang';
import { OtpError } from '../error';
import { isUnknown, resolveChild, type ChildFacts, type SupervisorFacts } from '../facts';
import type { ModuleFacts } from '../diff';
import type { IndexedModule, ModuleIndex } from '../diff/module-index';
import type { Application } from '../release';

/** A child of a supervisor, as its specification says. */
export interface SupervisedChild {
  /** The module that makes the supervisor. */
  readonly owner: string;
  readonly supervisor: SupervisorFacts;
  readonly child: ChildFacts;
  /**
   * Whether release_handler gets there from the top of an application: it asks the supervisors, and below a child that
   * is not of `type => supervisor` it does not look. `unknown` where it could not be found out who starts the supervisor.
   */
  readonly reach: 'reached' | 'unknown' | { readonly hiddenBy: string };
  /** The callback modules of the process it starts; none where that is not known. */
  readonly runs: readonly string[];
}

/** Where release_handler finds the processes that run a module. */
export type Whereabouts =
  /** Under a specification that names the module. */
  | { readonly kind: 'found' }
  /** Nowhere: the specification that starts them names other modules. */
  | { readonly kind: 'misnamed'; readonly child: SupervisedChild }
  /** Nowhere: under a supervisor that is a child of another type. */
  | { readonly kind: 'hidden'; readonly child: SupervisedChild; readonly hiddenBy: string }
  /** Nowhere: no supervisor of the release starts them. */
  | { readonly kind: 'unsupervised' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The supervision trees of a release, without those of OTP and Elixir. */
export interface ProcessTree {
  readonly children: readonly SupervisedChild[];
  readonly whereaboutsOf: (module: string) => Whereabouts;
}

export function processTree(index: ModuleIndex, applications: readonly Application[]): ProcessTree {
  const children: SupervisedChild[] = [];
  const seen = new Set<SupervisorFacts>();
  const tops = new Set<string>();
  /** Why some process may be where nobody saw it. */
  const gaps: string[] = [];

  const visit = (owner: string, supervisor: SupervisorFacts, reach: SupervisedChild['reach']): void => {
    if (seen.has(supervisor)) return;
    seen.add(supervisor);
    if (supervisor.kind === 'dynamic') gaps.push(`the children of ${owner} are started one by one`);
    if (isUnknown(supervisor.children)) {
      gaps.push(`the children of ${owner} are not known (${supervisor.children.unknown})`);
      return;
    }
    for (const given of supervisor.children) {
      const child = resolveChild(given, (module) => index.get(module)?.facts.details());
      if (isUnknown(child)) {
        gaps.push(`a child of ${owner} is not known (${child.unknown})`);
        continue;
      }
      if (isUnknown(child.modules)) gaps.push(`the modules of a child of ${owner} are not known`);
      children.push({ owner, supervisor, child, reach, runs: processModules(index, child) });
      const below = hides(child) && reach === 'reached' ? { hiddenBy: nameOfChild(child, owner) } : reach;
      for (const [module, started] of startedSupervisors(index, child)) visit(module, started, below);
    }
  };

  for (const { resource } of applications) {
    const start = resource.mod && index.get(resource.mod.module);
    if (start === undefined) continue;
    const { startResult } = start.facts.details();
    if (typeof startResult !== 'string') continue;
    const result = splitFunction(startResult);
    const { module, called } = followed(index, result.module, result.called);
    const top = index.get(module);
    // Elixir's Supervisor itself, which is given the children or a callback module.
    const [from, within] = top === undefined ? [start, 'start/2'] : [top, called];
    for (const [owner, supervisor] of supervisorsStartedIn(index, from, within)) {
      if (supervisor.kind !== 'inline') tops.add(owner);
      visit(owner, supervisor, 'reached');
    }
  }
  for (const [module, { facts }] of index) {
    if (!maySupervise(facts)) continue;
    const { supervisors } = facts.details();
    if (isUnknown(supervisors)) {
      gaps.push(`the children of ${module} are not known (${supervisors.unknown})`);
      continue;
    }
    for (const supervisor of supervisors) visit(module, supervisor, 'unknown');
  }
  // The template of a simple_one_for_one supervisor is among the children, but others may be started beside it.
  const starter = [...index.values()].find(({ facts }) => callsStartChild(facts.calls));
  if (starter !== undefined) gaps.push(`${starter.facts.name} starts children at run time`);

  return { children, whereaboutsOf: (module) => whereabouts(module) };

  function whereabouts(module: string): Whereabouts {
    if (tops.has(module)) return { kind: 'found' };
    const isHandler = index.get(module)?.facts.behaviours.includes('gen_event') ?? false;
    const naming = children.filter(
      ({ child: { modules } }) =>
        !isUnknown(modules) && (modules === 'dynamic' ? isHandler : modules.includes(module)),
    );
    if (naming.some(({ reach }) => reach === 'reached')) return { kind: 'found' };
    for (const child of naming) {
      if (typeof child.reach === 'object') return { kind: 'hidden', child, hiddenBy: child.reach.hiddenBy };
    }
    const [unsure] = naming;
    if (unsure !== undefined) {
      return { kind: 'unknown', reason: `who starts the supervisor ${unsure.owner} is not known` };
    }
    const misnamed = children.find(
      ({ child: { modules }, runs }) => runs.includes(module) && !isUnknown(modules),
    );
    if (misnamed !== undefined) return { kind: 'misnamed', child: misnamed };
    const [gap] = gaps;
    return gap === undefined ? { kind: 'unsupervised' } : { kind: 'unknown', reason: gap };
  }
}

/** Most modules do not, and their details need not be computed. */
function maySupervise({ behaviours, calls, hasAttributes }: ModuleFacts): boolean {
  const isSupervisor = (name: string): boolean => /^(supervisor|Elixir\.(Dynamic)?Supervisor)$/.test(name);
  return !hasAttributes || behaviours.some(isSupervisor) || [...calls.keys()].some(isSupervisor);
}

/** A supervisor below a child of another type is invisible to whoever walks the tree. */
function hides({ type }: ChildFacts): boolean {
  return type === 'worker';
}

export function nameOfChild({ id }: ChildFacts, owner: string): string {
  return isUnknown(id) ? `a child of ${owner}` : `the child ${id} of ${owner}`;
}

/** The supervisors that a child is or starts. */
export function startedSupervisors(
  index: ModuleIndex,
  { startModule, function: name, arity }: ChildFacts,
): [string, SupervisorFacts][] {
  if (typeof startModule !== 'string' || typeof name !== 'string') return [];
  const { module, called } = followed(
    index,
    startModule,
    `${name}/${typeof arity === 'number' ? arity : ''}`,
  );
  const start = index.get(module);
  return start === undefined ? [] : supervisorsStartedIn(index, start, called);
}

function supervisorsStartedIn(
  index: ModuleIndex,
  { facts }: IndexedModule,
  called: string,
): [string, SupervisorFacts][] {
  const { starts, supervisors } = facts.details();
  const inline = isUnknown(supervisors)
    ? []
    : supervisors.filter((supervisor) => supervisor.kind === 'inline' && supervisor.function === called);
  const names = isUnknown(starts)
    ? [facts.name]
    : starts.flatMap(({ module }) => (typeof module === 'string' ? [module] : []));
  const here = isUnknown(starts)
    ? []
    : starts.flatMap((start) =>
        start.function === called && typeof start.module === 'string' ? [start.module] : [],
      );
  const callbacks = (here.length > 0 ? here : inline.length > 0 ? [] : names).flatMap((name) => {
    const found = index.get(name)?.facts.details().supervisors;
    if (found === undefined || isUnknown(found)) return [];
    return found.flatMap((supervisor): [string, SupervisorFacts][] =>
      supervisor.function === 'init/1' ? [[name, supervisor]] : [],
    );
  });
  return [...inline.map((one): [string, SupervisorFacts] => [facts.name, one]), ...callbacks];
}

/** OTP's modules that may stand in a specification themselves, and where their callback module stands by arity. */
const directStarts: ReadonlyMap<string, Readonly<Record<number, number>>> = new Map<
  string,
  Readonly<Record<number, number>>
>([
  ['gen_server', { 3: 0, 4: 1 }],
  ['gen_statem', { 3: 0, 4: 1 }],
  ['gen_fsm', { 3: 0, 4: 1 }],
  ['supervisor', { 2: 0, 3: 1 }],
  ['Elixir.GenServer', { 2: 0, 3: 0 }],
  ['Elixir.Supervisor', { 2: 0, 3: 0 }],
]);

/** The callback modules of the process that a child specification starts; none where they are not known. */
function processModules(index: ModuleIndex, child: ChildFacts): string[] {
  const { startModule, function: name, arity, args } = child;
  if (typeof startModule !== 'string' || typeof name !== 'string') return [];
  const place = typeof arity === 'number' ? directStarts.get(startModule)?.[arity] : undefined;
  if (place !== undefined) {
    const text = typeof args === 'string' ? `${args}.` : '[].';
    const module = argumentsOf(text)[place];
    const found = module && atomName(module);
    return found === undefined ? [] : [found];
  }
  const { module, called } = followed(
    index,
    startModule,
    `${name}/${typeof arity === 'number' ? arity : ''}`,
  );
  const starts = index.get(module)?.facts.details().starts;
  if (starts === undefined || isUnknown(starts)) return [];
  // Who adds a handler to gen_event, or spawns something on the way, does not become it.
  const linked = starts.filter(({ starter }) => /:start(_link)?\//.test(starter));
  const here = linked.filter((start) => start.function === called);
  const names = new Set((here.length > 0 ? here : linked).map((start) => start.module));
  const [only] = names;
  return names.size === 1 && typeof only === 'string' ? [only] : [];
}

/** None where kept facts were edited by hand, so that the text is no term. */
function argumentsOf(text: string): readonly Term[] {
  try {
    return listElements(readFirstTerm(text, 'a child specification').term) ?? [];
  } catch (error) {
    if (error instanceof OtpError) return [];
    throw error;
  }
}

/** Goes on to the function that really starts something, where functions only hand on to another's result. */
function followed(
  index: ModuleIndex,
  module: string,
  called: string,
): { readonly module: string; readonly called: string } {
  let at = { module, called };
  // Nobody hands on further, and two functions may hand on to each other.
  for (let steps = 0; steps < 8; steps++) {
    const facts = index.get(at.module)?.facts.details();
    if (facts === undefined || isUnknown(facts.handsOn)) return at;
    const next = Object.hasOwn(facts.handsOn, at.called) ? facts.handsOn[at.called] : undefined;
    if (next === undefined) return at;
    at = splitFunction(next);
  }
  return at;
}

function callsStartChild(calls: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  return ['supervisor', 'Elixir.Supervisor', 'Elixir.DynamicSupervisor'].some(
    (module) => calls.get(module)?.has('start_child/2') ?? false,
  );
}

export function splitFunction(text: string): { readonly module: string; readonly called: string } {
  const colon = text.lastIndexOf(':');
  return { module: text.slice(0, colon), called: text.slice(colon + 1) };
}
