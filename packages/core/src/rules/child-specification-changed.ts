import type { Instruction, PlannedAppup } from '../appup';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { printTerm } from '../erlang';
import { isUnknown, resolveChild, sameSupervisor, type ChildFacts, type SupervisorFacts } from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, listed, quoted, restartsAll, sectionsOf } from './section';

/**
 * The code change of a supervisor takes over new specifications for children that it has, and they count when such a
 * child is started the next time. A supervisor that was given its children (`Supervisor.start_link(children, ...)`)
 * re-reads nothing.
 */
export function childSpecificationChanged(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups).filter((section) => !restartsAll(section));
  const hot = new Set(sections.map(({ application }) => application));
  const updated = new Set(
    sections.flatMap(({ instructions }) =>
      instructions.flatMap((instruction) =>
        instruction.kind === 'update'
          ? [instruction.module]
          : instruction.kind === 'code_change'
            ? instruction.changes.map(({ module }) => module)
            : [],
      ),
    ),
  );
  // A child that an instruction stops is started again by its new specification, or not at all.
  const stopped = new Set(sections.flatMap(({ instructions }) => instructions.flatMap(stoppedChild)));
  return [...hot].flatMap((application) =>
    changedModules(application).flatMap(({ name, previous, next }) => {
      const [before, after] = [previous.details().supervisors, next.details().supervisors];
      if (isUnknown(before) || isUnknown(after)) return [];
      return after.flatMap((supervisor): Diagnostic[] => {
        const old = sameSupervisor(supervisor, after, before);
        if (old === undefined || supervisor.kind === 'dynamic') return [];
        const earlier = childrenById(old, pair.modules.previous);
        const differing = [...childrenById(supervisor, pair.modules.next)].flatMap(([id, child]) => {
          const was = earlier.get(id);
          const isStopped = typeof old.name === 'string' && stopped.has(`${old.name} ${id}`);
          const fields = was === undefined || isStopped ? [] : changedFields(was, child);
          return fields.length === 0 ? [] : [`${id} (${fields.join(', ')})`];
        });
        if (differing.length === 0) return [];
        const isInline = supervisor.kind === 'inline';
        const isOnlyLoaded = !isInline && !updated.has(name);
        return [
          {
            code: 'child-specification-changed',
            severity: isInline || isOnlyLoaded ? 'warning' : 'info',
            application: application.name,
            module: name,
            message: isInline
              ? `the specifications of ${listed(differing)} in ${name} changed, and no update re-reads the children that a module hands to start_link: the supervisor goes on with the old ones, also when it restarts a child.`
              : isOnlyLoaded
                ? `the specifications of ${listed(differing)} in ${name} changed, and ${name} is only loaded: the supervisor goes on with the old ones, also when it restarts a child.`
                : `the specifications of ${listed(differing)} in ${name} changed: the children run on as they are, and the new specification counts when they are started the next time.`,
            fix: isInline
              ? 'Write {apply, ...} of terminate_child, delete_child and start_child with the whole specification, or leave it to the next restart of the application.'
              : isOnlyLoaded
                ? `Write {update, ${quoted(name)}, supervisor} in its place.`
                : supervisor.strategy === 'simple_one_for_one'
                  ? 'Where it must count at once, have whoever started the children stop them by their pids and start them anew.'
                  : 'Where it must count at once, write {apply, {supervisor, terminate_child, [SUPERVISOR, ID]}} and restart_child after the update.',
          },
        ];
      });
    }),
  );
}

/** The name of the supervisor and the id of the child that an instruction stops. */
function stoppedChild(instruction: Instruction): string[] {
  if (instruction.kind !== 'apply' || instruction.call.function !== 'terminate_child') return [];
  const named = instruction.call.args.map((term) => printTerm(term, { width: Infinity }));
  return named.length === 2 ? [named.join(' ')] : [];
}

function childrenById({ children }: SupervisorFacts, index: ModuleIndex): Map<string, ChildFacts> {
  const byId = new Map<string, ChildFacts>();
  if (isUnknown(children)) return byId;
  for (const child of children) {
    const resolved = resolveChild(child, (module) => index.get(module)?.facts.details());
    if (!isUnknown(resolved) && typeof resolved.id === 'string') byId.set(resolved.id, resolved);
  }
  return byId;
}

const fields = ['startModule', 'function', 'args', 'restart', 'shutdown', 'type', 'modules'] as const;
const ofStart: readonly string[] = ['startModule', 'function', 'args'];

/** The keys of the specification that differ, where both are known. */
function changedFields(before: ChildFacts, after: ChildFacts): string[] {
  const differing = fields.filter((field) => {
    const [old, young] = [before[field], after[field]];
    return !isUnknown(old) && !isUnknown(young) && JSON.stringify(old) !== JSON.stringify(young);
  });
  return [...new Set(differing.map((field) => (ofStart.includes(field) ? 'start' : field)))];
}
