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
 * steps are visited in the wanted order, that order is kept wherever the constraints leave it free.
 */
function stronglyConnected(
  steps: readonly ModuleStep[],
  before: ReadonlyMap<ModuleStep, ReadonlySet<ModuleStep>>,
): StepGroup[] {
  const rank = new Map(steps.map((step, index) => [step, index]));
  const byRank = (a: ModuleStep, b: ModuleStep): number => (rank.get(a) ?? 0) - (rank.get(b) ?? 0);
  const number = new Map<ModuleStep, number>();
  const low = new Map<ModuleStep, number>();
  const open: ModuleStep[] = [];
  const groups: StepGroup[] = [];
  const visit = (step: ModuleStep): void => {
    const own = number.size;
    number.set(step, own);
    low.set(step, own);
    open.push(step);
    for (const other of [...(before.get(step) ?? [])].sort(byRank)) {
      const seen = number.get(other);
      if (seen === undefined) {
        visit(other);
        low.set(step, Math.min(low.get(step) ?? own, low.get(other) ?? own));
      } else if (open.includes(other)) {
        low.set(step, Math.min(low.get(step) ?? own, seen));
      }
    }
    if (low.get(step) === own) {
      groups.push({ steps: open.splice(open.indexOf(step)).sort(byRank) });
    }
  };
  for (const step of steps) if (!number.has(step)) visit(step);
  return groups;
}
