import { circlesAmong, groupsOf, type Precedence } from '../appup/order-nodes';
import type { Constraint } from '../appup/plan-node';
import type { Transition } from '../appup/transition';

/**
 * In which order the applications of a transition change, so that calls between them meet functions that are there:
 * a library before those that begin to use it, and after those that cease to. Applications that need each other both
 * ways stay in the order that is given; `joinApplications` sees to their modules.
 *
 * `systools` keeps the start order in both directions (`systools_relup:foreach_baserel_dn/7`), so that on the way down a
 * library loses its functions before their users do.
 *
 * @param usual the applications in the order that holds where nothing else decides
 * @returns the order, and which applications need each other both ways, so that none serves them
 */
export function applicationOrder(
  { added, changed, removed, left }: Transition,
  constraints: readonly Constraint[],
  usual: readonly string[],
): { readonly order: readonly string[]; readonly isCircle: (one: string, other: string) => boolean } {
  const edges: Precedence<string>[] = constraints.flatMap(({ before, after, strength }) =>
    before.application === after.application
      ? []
      : [{ before: before.application, after: after.application, strength }],
  );
  // What `remove_application` takes away must not have been loaded for its new owner already.
  const leaving = new Set(removed.map(({ application }) => application));
  for (const { application, steps } of [...changed, ...added]) {
    for (const { module, difference } of steps) {
      const before = difference === 'moved' ? left.get(module)?.application : undefined;
      if (before !== undefined && leaving.has(before)) {
        edges.push({ before, after: application, strength: 'must' });
      }
    }
  }
  const circles = circlesAmong(
    usual,
    edges.filter(({ strength }) => strength !== 'wish'),
  );
  return {
    order: groupsOf(usual, edges).groups.flatMap(({ nodes }) => nodes),
    isCircle: (one, other) => circles.has(one) && circles.get(one) === circles.get(other),
  };
}
