import type { SupervisorFacts } from './model';

/**
 * The supervisor that another version of a module makes in the place of this one: in the same function, and where that
 * makes several, under the same name. Undefined where there is none, and where nobody can tell which one it is.
 *
 * @param own all that its own version of the module makes
 * @param others all that the other version makes
 */
export function sameSupervisor(
  supervisor: SupervisorFacts,
  own: readonly SupervisorFacts[],
  others: readonly SupervisorFacts[],
): SupervisorFacts | undefined {
  const isInItsPlace = (one: SupervisorFacts): boolean =>
    one.function === supervisor.function && one.kind === supervisor.kind;
  const hasItsName = (one: SupervisorFacts): boolean =>
    typeof one.name === 'string' && one.name === supervisor.name;
  const [mine, its] = [own.filter(isInItsPlace), others.filter(isInItsPlace)];
  if (mine.length === 1 && its.length === 1) return its[0];
  const [named, itsNamed] = [mine.filter(hasItsName), its.filter(hasItsName)];
  return named.length === 1 && itsNamed.length === 1 ? itsNamed[0] : undefined;
}
