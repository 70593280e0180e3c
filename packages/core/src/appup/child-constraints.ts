import type { ModuleNode } from './call-constraints';
import type { ChildNode, Constraint, PlanNode } from './plan-node';
import type { Transition } from './transition';

/**
 * A new child is started when its supervisor knows it, its code is there, and before others begin to call it; a child
 * that goes is stopped when the others have left it, before its supervisor forgets it and its code goes. So of one
 * supervisor, whatever goes is stopped before anything new is started: both may be registered under one name.
 */
export function childConstraints(
  children: readonly ChildNode[],
  nodes: readonly ModuleNode[],
  { left, entered }: Transition,
): Constraint[] {
  const nodeOf = new Map(nodes.map((node) => [node.step.module, node]));
  return children.flatMap((child) => {
    const { id, startModule } = child;
    const starts = child.kind === 'start-child';
    const inOrder = (
      before: PlanNode | undefined,
      after: PlanNode | undefined,
      strength: Constraint['strength'],
      reason: string,
    ): Constraint[] =>
      before === undefined || after === undefined ? [] : [{ before, after, strength, reason }];
    const supervisor = nodeOf.get(child.supervisor);
    const own = startModule === undefined ? undefined : nodeOf.get(startModule);
    const callers = nodes.filter((node) => {
      const { step } = node;
      if (startModule === undefined || node === supervisor || node === own) return false;
      const calls = (side: 'left' | 'entered'): boolean => step[side]?.calls.has(startModule) ?? false;
      return starts ? calls('entered') && !calls('left') : calls('left') && !calls('entered');
    });
    if (starts) {
      return [
        ...inOrder(supervisor, child, 'must', `${child.supervisor} must know the child ${id}`),
        ...inOrder(own, child, 'must', `the child ${id} runs ${startModule ?? ''}`),
        ...callers.flatMap((caller) =>
          inOrder(child, caller, 'wish', `${caller.step.module} begins to call the child ${id}`),
        ),
        // What its supervisor's process tree needs of modules that both versions have is there already.
        ...neededBy(startModule, entered, nodeOf).flatMap((needed) =>
          inOrder(needed, child, 'wish', `the child ${id} calls ${needed.step.module}`),
        ),
      ];
    }
    return [
      ...inOrder(child, supervisor, 'must', `${child.supervisor} must still know the child ${id}`),
      ...inOrder(child, own, 'must', `the child ${id} runs ${startModule ?? ''}`),
      ...callers.flatMap((caller) =>
        inOrder(caller, child, 'wish', `${caller.step.module} calls the child ${id} until then`),
      ),
      ...neededBy(startModule, left, nodeOf).flatMap((needed) =>
        inOrder(child, needed, 'wish', `the child ${id} calls ${needed.step.module}`),
      ),
    ];
  });
}

/** The modules with a step that a module calls. */
function neededBy(
  module: string | undefined,
  index: Transition['left'],
  nodeOf: ReadonlyMap<string, ModuleNode>,
): ModuleNode[] {
  const calls = module === undefined ? undefined : index.get(module)?.facts.calls;
  return [...(calls?.keys() ?? [])].sort().flatMap((name) => {
    const node = nodeOf.get(name);
    return node === undefined || name === module ? [] : [node];
  });
}
