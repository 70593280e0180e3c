import type { ModuleFacts } from '../diff';
import { isUnknown } from '../facts';
import { callsOf, implementationsIn, type Calls } from './module-calls';
import type { ModuleStep } from './module-step';
import type { Constraint, PlanNode } from './plan-node';
import { sharersOfRecords, sharesItsState } from './shared-state';
import type { Transition } from './transition';

export type ModuleNode = Extract<PlanNode, { kind: 'module' }>;

/**
 * Which module must change before which, so that no call meets a function that is not there:
 *
 * - a call that is added (the caller that is entered uses a function that the callee that is left lacks) needs the
 *   callee first;
 * - a call that is removed (the caller that is left uses a function that the callee that is entered lacks) needs the
 *   caller first;
 * - a module that comes is called by nobody until its callers change, and one that goes by nobody after that: what it
 *   needs, its callers need;
 * - a process and the module that its state is handed to, where the shape of that state changes, need each other:
 *   neither order serves, so that they become one group; so do a process and what it reaches of the changed modules that
 *   use one record with it, whose fields change.
 *
 * A call that was broken before, or is broken afterwards, asks for no order.
 */
export function callConstraints(transition: Transition, nodes: readonly ModuleNode[]): Constraint[] {
  const nodeOf = new Map(nodes.map((node) => [node.step.module, node]));
  const calls = callsOfNodes(transition, nodes);
  const throughOthers = indirectCallers(nodes, calls);
  const calleesOf = (node: ModuleNode): ModuleNode[] => {
    const own = calls.get(node);
    return [...new Set([...(own?.left.keys() ?? []), ...(own?.entered.keys() ?? [])])]
      .sort()
      .flatMap((module) => nodeOf.get(module) ?? []);
  };
  const constraints: Constraint[] = [];
  const isNew = onceForEachPair();
  for (const node of nodes) {
    const { step } = node;
    const own = calls.get(node) ?? { left: noCalls, entered: noCalls };
    for (const module of [...new Set([...own.entered.keys(), ...own.left.keys()])].sort()) {
      const callee = nodeOf.get(module);
      if (callee === undefined || callee === node) continue;
      for (const constraint of between(node, callee, own)) {
        constraints.push(constraint);
        for (const caller of throughOthers(node)) {
          if (caller === callee) continue;
          const [before, after] =
            constraint.before === node ? [caller, constraint.after] : [constraint.before, caller];
          if (!isNew(before, after)) continue;
          const reason = `${constraint.reason}, and ${caller.step.module} calls ${step.module}`;
          constraints.push({ before, after, strength: 'must', reason, caller: caller.step.module });
        }
      }
      if (sharesItsState(step, callee.step)) {
        const reason = `${step.module} hands its state to ${module}, and the shape of the state changes`;
        constraints.push({ before: callee, after: node, strength: 'must', reason });
        constraints.push({ before: node, after: callee, strength: 'must', reason });
      }
    }
    for (const { node: sharer, record } of sharersOfRecords(node, calleesOf)) {
      const reason = `${step.module} and ${sharer.step.module} both use #${record}{}, whose fields change`;
      constraints.push({ before: sharer, after: node, strength: 'must', reason });
      constraints.push({ before: node, after: sharer, strength: 'must', reason });
    }
  }
  return constraints;
}

/**
 * Whether two nodes are asked for in this order for the first time: what comes with hundreds of others is called through
 * all of them, and one reason for an order is enough.
 */
function onceForEachPair(): (before: PlanNode, after: PlanNode) => boolean {
  const known = new Map<PlanNode, Set<PlanNode>>();
  return (before, after) => {
    const others = known.get(before) ?? new Set();
    known.set(before, others);
    if (others.has(after)) return false;
    others.add(after);
    return true;
  };
}

type CallsOfNodes = ReadonlyMap<ModuleNode, { readonly left: Calls; readonly entered: Calls }>;

function callsOfNodes({ left, entered }: Transition, nodes: readonly ModuleNode[]): CallsOfNodes {
  const [before, after] = [implementationsIn(left), implementationsIn(entered)];
  return new Map(
    nodes.map((node) => [
      node,
      {
        left: node.step.left === undefined ? noCalls : callsOf(node.step.left, left, before),
        entered: node.step.entered === undefined ? noCalls : callsOf(node.step.entered, entered, after),
      },
    ]),
  );
}

/** For a module that comes or goes, the modules in both versions by which it is called, also through others like it. */
function indirectCallers(
  nodes: readonly ModuleNode[],
  calls: CallsOfNodes,
): (node: ModuleNode) => readonly ModuleNode[] {
  const nodeOf = new Map(nodes.map((node) => [node.step.module, node]));
  const callers = { left: new Map<ModuleNode, ModuleNode[]>(), entered: new Map<ModuleNode, ModuleNode[]>() };
  for (const [node, own] of calls) {
    for (const side of ['left', 'entered'] as const) {
      for (const module of own[side].keys()) {
        const callee = nodeOf.get(module);
        // Only what comes or goes is asked for.
        if (callee === undefined || callee === node || !comesOrGoes(callee)) continue;
        callers[side].set(callee, [...(callers[side].get(callee) ?? []), node]);
      }
    }
  }
  return (node) => {
    if (!comesOrGoes(node)) return [];
    const side = node.step.left === undefined ? 'entered' : 'left';
    const reached = new Set([node]);
    const staying: ModuleNode[] = [];
    for (const one of reached) {
      for (const caller of callers[side].get(one) ?? []) {
        if (reached.has(caller)) continue;
        if (comesOrGoes(caller)) reached.add(caller);
        else if (!staying.includes(caller)) staying.push(caller);
      }
    }
    return staying;
  };
}

function comesOrGoes({ step }: ModuleNode): boolean {
  return step.left === undefined || step.entered === undefined;
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
  const strength = comesOrGoes(caller) ? 'should' : 'must';
  const added = first(usedAfter, (called) => appears(callee.step, called) && !usedBefore.has(called));
  const removed = first(usedBefore, (called) => disappears(callee.step, called) && !usedAfter.has(called));
  const constraints: Constraint[] = [];
  if (added !== undefined) {
    const reason = `${step.module} calls ${module}:${added}, which is new`;
    constraints.push({ before: callee, after: caller, strength, reason, caller: step.module });
  }
  if (removed !== undefined) {
    const reason = `${step.module} calls ${module}:${removed} until then, which goes`;
    constraints.push({ before: caller, after: callee, strength, reason, caller: step.module });
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
