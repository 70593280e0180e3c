import type { ModuleFacts, ModuleIndex } from '../diff';
import type { ModuleNode } from './call-constraints';
import { moduleRole } from './module-role';
import type { ModuleStep } from './module-step';
import { groupsOf } from './order-nodes';
import type { Constraint, PlanNode } from './plan-node';
import type { Transition } from './transition';

/** Processes that must wait while modules change that they reach and that no order serves. */
export interface WaitingProcesses {
  /** For modules of such processes that do not change themselves. */
  readonly nodes: readonly ModuleNode[];
  readonly constraints: readonly Constraint[];
}

/** More of them are not stopped for the sake of one call: who writes the appup has to decide that. */
const maxWaiting = 8;

/**
 * Where a function is exchanged for another and the module that calls it has no processes of its own, the processes that
 * reach this module join the group and are suspended, changed or not.
 */
export function waitingProcesses(
  transition: Transition,
  nodes: readonly PlanNode[],
  constraints: readonly Constraint[],
): WaitingProcesses {
  const nodeOf = new Map(
    nodes.flatMap((node) => (node.kind === 'module' ? [[node.step.module, node] as const] : [])),
  );
  const extra = new Map<string, ModuleNode>();
  const joined: Constraint[] = [];
  let processesReaching: ReturnType<typeof processesIn> | undefined;
  for (const { nodes: group } of groupsOf(nodes, constraints).groups) {
    if (group.length < 2) continue;
    const members = new Set(group);
    for (const caller of exchangingCallers(group, constraints, transition)) {
      processesReaching ??= processesIn(transition);
      const processes = processesReaching(caller.step.module);
      if (processes === undefined) continue;
      for (const module of processes) {
        const process = nodeOf.get(module) ?? extra.get(module) ?? unchangedNode(module, caller, transition);
        if (process === undefined || members.has(process)) continue;
        if (!nodeOf.has(module)) extra.set(module, process);
        const reason = `${module} reaches ${caller.step.module}, which calls another function from now on`;
        joined.push({ before: process, after: caller, strength: 'must', reason });
        joined.push({ before: caller, after: process, strength: 'must', reason });
      }
    }
  }
  return { nodes: [...extra.values()], constraints: joined };
}

/** The modules of a group that call others of it and that no process of their own runs. */
function exchangingCallers(
  group: readonly PlanNode[],
  constraints: readonly Constraint[],
  transition: Transition,
): ModuleNode[] {
  const members = new Set(group);
  const callers = new Set(
    constraints
      .filter(
        ({ before, after, strength }) => strength === 'must' && members.has(before) && members.has(after),
      )
      .flatMap(({ caller }) => caller ?? []),
  );
  return group.flatMap((node) =>
    node.kind === 'module' && callers.has(node.step.module) && !isProcess(node.step, transition)
      ? [node]
      : [],
  );
}

function isProcess({ newer, entered, left }: ModuleStep, transition: Transition): boolean {
  const facts = newer ?? entered ?? left;
  return facts !== undefined && roleIn(transition.entered, facts) === 'process';
}

function roleIn(index: ModuleIndex, facts: ModuleFacts): 'process' | 'functional' | 'supervisor' {
  return moduleRole(facts, index).kind;
}

/**
 * For a module, those of processes that call it, themselves or through modules without processes; sorted. Undefined for
 * more than `maxWaiting`, which nobody needs to know by name.
 */
function processesIn({ left, entered }: Transition): (module: string) => readonly string[] | undefined {
  const callers = [left, entered].map(callersIn);
  return (module) => {
    const processes = new Set<string>();
    const reached = new Set([module]);
    for (const callee of reached) {
      for (const { callersOf, roleOf } of callers) {
        for (const name of callersOf(callee)) {
          if (reached.has(name) || processes.has(name)) continue;
          const role = roleOf(name);
          if (role === 'process') processes.add(name);
          else if (role === 'functional') reached.add(name);
        }
        if (processes.size > maxWaiting) return undefined;
      }
    }
    return [...processes].sort();
  };
}

/** Who calls whom in a release, and what they are: looked at once, since a release has thousands of modules. */
function callersIn(index: ModuleIndex): {
  readonly callersOf: (module: string) => readonly string[];
  readonly roleOf: (module: string) => ReturnType<typeof roleIn> | undefined;
} {
  const callers = new Map<string, string[]>();
  for (const [name, { facts }] of index) {
    for (const callee of facts.calls.keys()) {
      const known = callers.get(callee);
      if (known === undefined) callers.set(callee, [name]);
      else known.push(name);
    }
  }
  const roles = new Map<string, ReturnType<typeof roleIn>>();
  return {
    callersOf: (module) => callers.get(module) ?? [],
    roleOf: (module) => {
      const facts = index.get(module)?.facts;
      const known = roles.get(module);
      if (known !== undefined || facts === undefined) return known;
      const role = roleIn(index, facts);
      roles.set(module, role);
      return role;
    },
  };
}

/** It is named in the appup of the application for whose sake it waits. */
function unchangedNode(
  module: string,
  { application }: ModuleNode,
  { direction, left, entered }: Transition,
): ModuleNode | undefined {
  const [before, after] = [left.get(module)?.facts, entered.get(module)?.facts];
  if (before === undefined || after === undefined) return undefined;
  const newer = direction === 'up' ? after : before;
  return {
    kind: 'module',
    application,
    step: { module, application, left: before, entered: after, newer, difference: 'nothing' },
  };
}
