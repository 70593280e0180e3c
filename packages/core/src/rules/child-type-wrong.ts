import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { isUnknown, resolveChild } from '../facts';
import type { Diagnostic } from './diagnostic';
import { nameOfChild, processTree, startedSupervisors } from './process-tree';
import { listed, looksProcessesUp, sectionsOf } from './section';

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
