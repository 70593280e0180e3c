import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { isUnknown, resolveChild, type ChildFacts, type SupervisorFacts } from '../facts';
import type { Diagnostic } from './diagnostic';
import { nameOfChild, processTree, startedSupervisors } from './process-tree';
import { changedModules, listed, looksProcessesUp, restartsAll, sectionsOf } from './section';

/**
 * The code change of a supervisor takes over new specifications for children that it has, and they count when such a
 * child is started the next time. A supervisor that was given its children (`Supervisor.start_link(children, ...)`)
 * re-reads nothing.
 */
export function childSpecificationChanged(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const hot = new Set(
    sectionsOf(pair, appups)
      .filter((section) => !restartsAll(section))
      .map(({ application }) => application),
  );
  return [...hot].flatMap((application) =>
    changedModules(application).flatMap(({ name, previous, next }) => {
      const [before, after] = [previous.details().supervisors, next.details().supervisors];
      if (isUnknown(before) || isUnknown(after)) return [];
      return after.flatMap((supervisor): Diagnostic[] => {
        const old = before.find(
          (one) => one.function === supervisor.function && one.kind === supervisor.kind,
        );
        if (old === undefined || supervisor.kind === 'dynamic') return [];
        const earlier = childrenById(old, pair.modules.previous);
        const differing = [...childrenById(supervisor, pair.modules.next)].flatMap(([id, child]) => {
          const was = earlier.get(id);
          const fields = was === undefined ? [] : changedFields(was, child);
          return fields.length === 0 ? [] : [`${id} (${fields.join(', ')})`];
        });
        if (differing.length === 0) return [];
        const isInline = supervisor.kind === 'inline';
        return [
          {
            code: 'child-specification-changed',
            severity: isInline ? 'warning' : 'info',
            application: application.name,
            module: name,
            message: isInline
              ? `the specifications of ${listed(differing)} in ${name} changed, and no update re-reads the children that a module hands to start_link: the supervisor goes on with the old ones, also when it restarts a child.`
              : `the specifications of ${listed(differing)} in ${name} changed: the children run on as they are, and the new specification counts when they are started the next time.`,
            fix: isInline
              ? 'Write {apply, ...} of terminate_child, delete_child and start_child with the whole specification, or leave it to the next restart of the application.'
              : 'Where it must count at once, write {apply, {supervisor, terminate_child, [SUPERVISOR, ID]}} and restart_child after the update.',
          },
        ];
      });
    }),
  );
}

/**
 * release_handler walks on below a child of `type => supervisor` and nowhere else: below a supervisor that says worker
 * it sees nothing, and a worker that says supervisor is asked for children.
 */
export function childTypeWrong(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups);
  const looksUp = sections.some(({ instructions }) => instructions.some(looksProcessesUp));
  const differing = new Set(
    sections.flatMap(({ application }) => application.modules.map((module) => module.name)),
  );
  const { children } = processTree(pair.modules.next, pair.difference.next.applications);
  return children.flatMap(({ child, owner, runs }): Diagnostic[] => {
    const application = pair.modules.next.get(owner)?.application;
    const about = { ...(application !== undefined && { application }), module: owner };
    const below = startedSupervisors(pair.modules.next, child);
    if (child.type === 'worker' && below.length > 0) {
      // What did not change this time is the next upgrade's business.
      const hidden = below.flatMap(([module, supervisor]) => [
        module,
        ...(isUnknown(supervisor.children)
          ? []
          : supervisor.children.flatMap((one) => modulesOf(one, pair.modules.next))),
      ]);
      if (![owner, ...hidden].some((module) => differing.has(module))) return [];
      return [
        {
          code: 'child-type-wrong',
          severity: 'warning',
          ...about,
          message: `${nameOfChild(child, owner)} is a supervisor and its specification does not say type => supervisor, so release_handler sees no process below it and would suspend none.`,
          fix: `Write type => supervisor and shutdown => infinity in that specification; it counts for release_handler once ${owner} has read it.`,
        },
      ];
    }
    if (child.type !== 'supervisor' || below.length > 0 || !looksUp) return [];
    const plain = runs.filter((module) => {
      const facts = pair.modules.next.get(module)?.facts;
      return (
        facts !== undefined &&
        facts.hasAttributes &&
        moduleRole(facts).kind !== 'supervisor' &&
        facts.behaviours.some((behaviour) => /^(gen_(server|statem|fsm)|Elixir\.GenServer)$/.test(behaviour))
      );
    });
    if (plain.length === 0 || plain.length < runs.length) return [];
    return [
      {
        code: 'child-type-wrong',
        severity: 'error',
        ...about,
        message: `${nameOfChild(child, owner)} says type => supervisor and runs ${listed(plain)}, which is none: release_handler asks it for its children before it suspends any process, and the node restarts in the middle of the upgrade unless it answers as a supervisor does.`,
        fix: 'Write type => worker in that specification, and install it by an ordinary restart once, or allow this finding where the process answers which_children.',
      },
    ];
  });
}

function modulesOf(child: Parameters<typeof resolveChild>[0], index: ModuleIndex): readonly string[] {
  const resolved = resolveChild(child, (module) => index.get(module)?.facts.details());
  if (isUnknown(resolved) || isUnknown(resolved.modules)) return [];
  return resolved.modules === 'dynamic' ? [] : resolved.modules;
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
