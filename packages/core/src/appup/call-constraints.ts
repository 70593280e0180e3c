import type { ModuleFacts } from '../diff';
import { isUnknown } from '../facts';
import { callsOf, implementationsIn, type Calls } from './module-calls';
import type { ModuleStep } from './module-step';
import type { Constraint, PlanNode } from './plan-node';
import { sharesItsState } from './shared-state';
import type { Transition } from './transition';

export type ModuleNode = Extract<PlanNode, { kind: 'module' }>;

/**
 * Which module must change before which, so that no call meets a function that is not there:
 *
 * - a call that is added (the caller that is entered uses a function that the callee that is left lacks) needs the
 *   callee first;
 * - a call that is removed (the caller that is left uses a function that the callee that is entered lacks) needs the
 *   caller first;
 * - a process and the module that its state is handed to, where the shape of that state changes, need each other:
 *   neither order serves, so that they become one group.
 *
 * A call that was broken before, or is broken afterwards, asks for no order.
 */
export function callConstraints(transition: Transition, nodes: readonly ModuleNode[]): Constraint[] {
  const nodeOf = new Map(nodes.map((node) => [node.step.module, node]));
  const [left, entered] = [transition.left, transition.entered];
  const [before, after] = [implementationsIn(left), implementationsIn(entered)];
  const constraints: Constraint[] = [];
  for (const node of nodes) {
    const { step } = node;
    const calls = {
      left: step.left === undefined ? noCalls : callsOf(step.left, left, before),
      entered: step.entered === undefined ? noCalls : callsOf(step.entered, entered, after),
    };
    for (const module of [...new Set([...calls.entered.keys(), ...calls.left.keys()])].sort()) {
      const callee = nodeOf.get(module);
      if (callee === undefined || callee === node) continue;
      for (const constraint of between(node, callee, calls)) constraints.push(constraint);
      if (sharesItsState(step, callee.step)) {
        const reason = `${step.module} hands its state to ${module}, and the shape of the state changes`;
        constraints.push({ before: callee, after: node, strength: 'must', reason });
        constraints.push({ before: node, after: callee, strength: 'must', reason });
      }
    }
  }
  return constraints;
}

const noCalls: Calls = new Map();
const none: ReadonlySet<string> = new Set();

function between(
  caller: ModuleNode,
  callee: ModuleNode,
  calls: { readonly left: Calls; readonly entered: Calls },
): Constraint[] {
  const { module } = callee.step;
  const usedBefore = calls.left.get(module) ?? none;
  const usedAfter = calls.entered.get(module) ?? none;
  const { step } = caller;
  const strength = step.left === undefined || step.entered === undefined ? 'should' : 'must';
  const added = first(usedAfter, (called) => appears(callee.step, called) && !usedBefore.has(called));
  const removed = first(usedBefore, (called) => disappears(callee.step, called) && !usedAfter.has(called));
  const constraints: Constraint[] = [];
  if (added !== undefined) {
    const reason = `${step.module} calls ${module}:${added}, which is new`;
    constraints.push({ before: callee, after: caller, strength, reason });
  }
  if (removed !== undefined) {
    const reason = `${step.module} calls ${module}:${removed} until then, which goes`;
    constraints.push({ before: caller, after: callee, strength, reason });
  }
  return constraints;
}

function first(functions: ReadonlySet<string>, holds: (called: string) => boolean): string | undefined {
  return [...functions].filter(holds).sort()[0];
}

function appears({ left, entered }: ModuleStep, called: string): boolean {
  return exportsOf(entered).has(called) && !exportsOf(left).has(called);
}

function disappears({ left, entered }: ModuleStep, called: string): boolean {
  return exportsOf(left).has(called) && !exportsOf(entered).has(called);
}

function exportsOf(module: ModuleFacts | undefined): ReadonlySet<string> {
  return module?.exports ?? none;
}

/** Whether the code change of one calls the other: what that one converts may have to be there. */
export function codeChangeCalls(step: ModuleStep, module: string): boolean {
  const called = step.newer?.details().codeChangeCalls;
  return called !== undefined && !isUnknown(called) && called.some((call) => call.startsWith(`${module}:`));
}

/** Whether one calls the other in either version. */
export function callsModule({ left, entered }: ModuleStep, module: string): boolean {
  return (left?.calls.has(module) ?? false) || (entered?.calls.has(module) ?? false);
}
