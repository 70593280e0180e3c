import type { IndexedModule, ModuleFacts, ModuleIndex } from '../diff';
import { isUnknown, resolveChild, type ChildFacts } from '../facts';
import { splitCall } from './module-calls';

/** A child of some supervisor of the release, and the modules that its process really runs. */
export interface SupervisedChild {
  /** The module in which the supervisor is made. */
  readonly supervisor: string;
  readonly facts: ChildFacts;
  /** The callback modules that its start function starts processes with; undefined where that is not known. */
  readonly runs: readonly string[] | undefined;
}

/**
 * Every child in the supervision trees of a release whose specification is known. `release_handler` finds processes by
 * nothing but the `modules` of these.
 */
export function supervisedChildren(index: ModuleIndex): SupervisedChild[] {
  const children: SupervisedChild[] = [];
  for (const [supervisor, { facts }] of index) {
    if (!maySupervise(facts)) continue;
    const { supervisors } = facts.details();
    if (isUnknown(supervisors)) continue;
    for (const { children: specifications } of supervisors) {
      if (isUnknown(specifications)) continue;
      for (const specification of specifications) {
        const child = resolveChild(specification, (name) => index.get(name)?.facts.details());
        if (!isUnknown(child)) children.push({ supervisor, facts: child, runs: modulesRunBy(child, index) });
      }
    }
  }
  return children;
}

/** What asks for the debug info of a module is dear, and few modules make supervisors. */
function maySupervise({ behaviours, calls, exports }: ModuleFacts): boolean {
  return (
    behaviours.some((name) => /^(Elixir\.)?(Dynamic)?[Ss]upervisor$/.test(name)) ||
    calls.has('Elixir.Supervisor') ||
    (calls.has('supervisor') && exports.has('init/1'))
  );
}

/** Follows functions that hand on to a start function of another module. */
function modulesRunBy(
  { startModule, function: name, arity }: ChildFacts,
  index: ModuleIndex,
): readonly string[] | undefined {
  if (isUnknown(startModule) || isUnknown(name) || isUnknown(arity)) return undefined;
  let [module, called] = [startModule, `${name}/${arity}`];
  for (let steps = 0; steps < maxHandedOn; steps++) {
    const facts = index.get(module)?.facts.details();
    if (facts === undefined || isUnknown(facts.starts)) return undefined;
    const here = called;
    const started = facts.starts.filter((start) => start.function === here).map((start) => start.module);
    if (started.length > 0) {
      return started.some(isUnknown) ? undefined : started.filter((one) => typeof one === 'string');
    }
    const next =
      isUnknown(facts.handsOn) || !Object.hasOwn(facts.handsOn, called) ? undefined : facts.handsOn[called];
    if (next === undefined) return undefined;
    ({ module, called } = splitCall(next));
  }
  return undefined;
}

/** Nobody hands on further. */
const maxHandedOn = 8;

/**
 * For each module whose processes are found under another module's name only, that module: the child specification
 * names the module with the start function, and the process runs another one's loop.
 */
export function foundByAnother(index: ModuleIndex): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const foundByItself = new Set<string>();
  for (const { facts, runs } of supervisedChildren(index)) {
    const { modules } = facts;
    if (modules === 'dynamic' || isUnknown(modules)) continue;
    for (const module of modules) foundByItself.add(module);
    const [named] = modules;
    for (const module of runs ?? []) {
      if (named !== undefined && !modules.includes(module) && index.has(named)) found.set(module, named);
    }
  }
  for (const module of foundByItself) found.delete(module);
  return found;
}

/**
 * The modules by whose names the processes of a special process are found that starts none itself: those that start a
 * process in their own code and go on in its, as in `cowboy_clear`, whose connections run `cowboy_http`. A supervisor
 * knows a process by what it was started with.
 *
 * Computed calls are looked for in the application of the module only: they cost debug info.
 */
export function enteredFrom(module: string, index: ModuleIndex): readonly string[] {
  const own = index.get(module);
  if (own === undefined || !isEntered(own.facts)) return [];
  const found = startersOf(module, own, index);
  if (found.length > 0) return found;
  // Nobody is seen to enter it, as what a request asks for decides: who enters the others of its application may.
  const others = [...index].filter(
    ([name, other]) => name !== module && other.application === own.application && isEntered(other.facts),
  );
  return [...new Set(others.flatMap(([name, other]) => startersOf(name, other, index)))].sort();
}

/** Whether it is a special process that starts none itself. */
function isEntered(facts: ModuleFacts): boolean {
  return facts.exports.has('system_continue/3') && startsItself(facts) === false;
}

function startersOf(module: string, own: IndexedModule, index: ModuleIndex): readonly string[] {
  const found = new Set<string>();
  // A set is walked in the order of insertion, what is added on the way included.
  const through = new Set([module]);
  for (const entered of through) {
    for (const [name, { application, facts }] of index) {
      if (name === entered) continue;
      const calls =
        facts.calls.has(entered) || (application === own.application && callsComputed(facts, entered));
      if (!calls) continue;
      const starts = startsItself(facts);
      if (starts === true) found.add(name);
      else if (isEntered(facts)) through.add(name);
    }
  }
  return [...found].sort();
}

/** Whether it starts processes in its own code; undefined where that is not known. */
function startsItself({ name, details }: ModuleFacts): boolean | undefined {
  const { starts } = details();
  if (isUnknown(starts)) return undefined;
  return starts.some(({ module }) => module === name);
}

function callsComputed({ details }: ModuleFacts, module: string): boolean {
  const { otherCalls } = details();
  return !isUnknown(otherCalls) && otherCalls.some((call) => splitCall(call).module === module);
}
