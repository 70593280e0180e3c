import { convertsState, type Conversion } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import { listed, type ChangedModule, type Section } from './section';

/**
 * Functions of states that one version of a `state_functions` machine has and the other lacks, in words; what other
 * modules call is part of its interface. A state that only the newer has is met on the way down.
 */
export function stateFunctionsGone(
  { previous, next }: ChangedModule,
  sections: readonly Section[],
  conversion: Conversion,
): string[] {
  if (convertsState(conversion)) return [];
  const isFunctions = [previous, next].every((facts) => {
    const { callbackMode } = facts.details();
    return typeof callbackMode === 'string' && callbackMode.includes('state_functions');
  });
  if (!isFunctions) return [];
  return sections.flatMap(({ left, entered, place }) => {
    const exports = left.get(next.name)?.facts.exports ?? [];
    const called = [...exports].filter(
      (name) =>
        /^[^/]+\/3$/.test(name) &&
        !otherCallbacks.has(name) &&
        !(entered.get(next.name)?.facts.exports.has(name) ?? false) &&
        ![...left.values()].some(({ facts }) => facts.calls.get(next.name)?.has(name) ?? false),
    );
    // A state that is only new has old ones beside it; where one took the place of another, both ways lose one.
    return called.length === 0 || !losesStates(previous, next) ? [] : [`${listed(called.sort())}, ${place}`];
  });
}

const otherCallbacks: ReadonlySet<string> = new Set([
  'terminate/3',
  'format_status/3',
  'start_link/3',
  'start/3',
]);

/** Whether the newer code lacks a function with three arguments that the older has. */
function losesStates(previous: ModuleFacts, next: ModuleFacts): boolean {
  return [...previous.exports].some((name) => /^[^/]+\/3$/.test(name) && !next.exports.has(name));
}
