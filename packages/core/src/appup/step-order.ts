import type { ModuleFacts } from '../diff';
import type { ModuleStep } from './module-step';

/** Steps that must happen one after the other; several in one group call each other in both versions' new ways. */
export interface StepGroup {
  readonly steps: readonly ModuleStep[];
}

/**
 * Orders steps so that no call meets a function that is not there:
 *
 * - a call that is added (the caller that is entered uses a function that the callee that is left lacks) needs the
 *   callee first;
 * - a call that is removed (the caller that is left uses a function that the callee that is entered lacks) needs the
 *   caller first.
 *
 * Where both hold between the same modules, directly or around a cycle, no order serves; those steps come back as one
 * group. Otherwise modules arrive before they change and change before they go, and names decide the rest.
 */
export function orderSteps(steps: readonly ModuleStep[]): StepGroup[] {
  const sorted = [...steps].sort((a, b) => phase(a) - phase(b) || compareNames(a.module, b.module));
  const before = predecessors(sorted);
  return stronglyConnected(sorted, before);
}

/** New modules first, those that go last: what nothing else decides should read like that. */
function phase(step: ModuleStep): number {
  if (step.left === undefined) return 0;
  return step.entered === undefined ? 2 : 1;
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** For each step, the steps that must come before it. */
function predecessors(steps: readonly ModuleStep[]): Map<ModuleStep, Set<ModuleStep>> {
  const stepOf = new Map(steps.map((step) => [step.module, step]));
  const before = new Map(steps.map((step) => [step, new Set<ModuleStep>()]));
  for (const caller of steps) {
    for (const [module, functions] of caller.entered?.calls ?? []) {
      const callee = stepOf.get(module);
      if (callee === undefined || callee === caller) continue;
      if (lacksOneOf(callee.left, functions)) before.get(caller)?.add(callee);
    }
    for (const [module, functions] of caller.left?.calls ?? []) {
      const callee = stepOf.get(module);
      if (callee === undefined || callee === caller) continue;
      if (lacksOneOf(callee.entered, functions)) before.get(callee)?.add(caller);
    }
  }
  return before;
}

function lacksOneOf(callee: ModuleFacts | undefined, functions: ReadonlySet<string>): boolean {
  for (const called of functions) if (!(callee?.exports.has(called) ?? false)) return true;
  return false;
}

/**
 * Tarjan's algorithm over "must come before", which yields a component only after all that must precede it; since the
 * steps are visited in the wanted order, that order is kept wherever the constraints leave it free. With a stack of its
 * own: chains are as long as an application has modules.
 */
function stronglyConnected(
  steps: readonly ModuleStep[],
  before: ReadonlyMap<ModuleStep, ReadonlySet<ModuleStep>>,
): StepGroup[] {
  const rank = new Map(steps.map((step, index) => [step, index]));
  const byRank = (a: ModuleStep, b: ModuleStep): number => (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
  const visits = new Map<ModuleStep, Visit>();
  const open: ModuleStep[] = [];
  const groups: StepGroup[] = [];
  for (const start of steps) {
    const path: Visit[] = [];
    const enter = (step: ModuleStep): void => {
      const others = [...(before.get(step) ?? [])].sort(byRank).values();
      const visit: Visit = { step, number: visits.size, low: visits.size, isOpen: true, others };
      visits.set(step, visit);
      open.push(step);
      path.push(visit);
    };
    if (!visits.has(start)) enter(start);
    for (let visit = path.at(-1); visit !== undefined; visit = path.at(-1)) {
      const other = visit.others.next();
      if (other.done !== true) {
        const seen = visits.get(other.value);
        if (seen === undefined) enter(other.value);
        else if (seen.isOpen) visit.low = Math.min(visit.low, seen.number);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) parent.low = Math.min(parent.low, visit.low);
      if (visit.low === visit.number) groups.push({ steps: close(open, visit.step, visits).sort(byRank) });
    }
  }
  return groups;
}

interface Visit {
  readonly step: ModuleStep;
  readonly number: number;
  low: number;
  isOpen: boolean;
  /** What must come before it and has not been looked at. */
  readonly others: IterableIterator<ModuleStep>;
}

/** Takes the component off the stack, down to the step it was entered by. */
function close(open: ModuleStep[], first: ModuleStep, visits: ReadonlyMap<ModuleStep, Visit>): ModuleStep[] {
  const component: ModuleStep[] = [];
  for (let step = open.pop(); step !== undefined; step = step === first ? undefined : open.pop()) {
    const visit = visits.get(step);
    if (visit !== undefined) visit.isOpen = false;
    component.push(step);
  }
  return component;
}
