import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { isUnknown, type ChildFacts } from '../facts';
import type { Diagnostic } from './diagnostic';
import { nameOfChild, processTree, type ProcessTree, type SupervisedChild } from './process-tree';
import {
  changedModules,
  listed,
  looksProcessesUp,
  quoted,
  replacementOf,
  restartsAll,
  sectionsOf,
  suspendsTogether,
} from './section';
import { stateChange } from './state-change';

/**
 * release_handler finds the processes of a module by the `modules` of the child specifications
 * (`release_handler_1:get_supervised_procs/0`). What a specification does not name is loaded under a process that runs,
 * which is neither suspended nor asked to convert its state.
 */
export function childModulesWrong(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const { previous, next } = pair.difference;
  const trees = {
    up: processTree(pair.modules.previous, previous.applications),
    down: processTree(pair.modules.next, next.applications),
  };
  const seen = new Set<string>();
  const sections = sectionsOf(pair, appups);
  const misnamed = sections.flatMap((section) => {
    if (restartsAll(section)) return [];
    return changedModules(section.application).flatMap((module): Diagnostic[] => {
      const { name } = module;
      const role = moduleRole(module.next, pair.modules.next);
      if (role.kind === 'functional' || seen.has(name)) return [];
      const where = trees[section.direction].whereaboutsOf(name);
      if (where.kind !== 'misnamed') return [];
      const { child, owner } = where.child;
      // `dynamic` is worse than a wrong name, and found below.
      if (isUnknown(child.modules) || child.modules === 'dynamic') return [];
      const named = child.modules;
      if (named.some((one) => suspendsTogether(section, one, name))) return [];
      seen.add(name);
      const change = stateChange(module, pair.modules);
      const converts = replacementOf(section, name)?.how === 'advanced';
      const isError = (change !== undefined && !isUnknown(change)) || converts;
      return [
        {
          code: 'child-modules-wrong',
          severity: isError ? 'error' : 'warning',
          application: section.application.name,
          module: name,
          message: `${nameOfChild(child, owner)} runs ${name}, but its specification says modules => [${named.join(', ')}], so release_handler does not find the process: it is not suspended, and ${role.kind === 'supervisor' ? 'its init/1 is not read again' : 'no code change is called'}.`,
          fix: fixOf(where.child, name),
        },
      ];
    });
  });
  const asked = new Map<string, Diagnostic>();
  for (const { direction, instructions, left } of sections) {
    if (!instructions.some(looksProcessesUp)) continue;
    for (const finding of wrongDynamic(trees[direction], left)) asked.set(finding.message, finding);
  }
  return [...misnamed, ...asked.values()];
}

/**
 * Whoever says `dynamic` is asked for its modules before any process is suspended, of whatever application
 * (`release_handler_1:maybe_get_dynamic_mods/2`). Only gen_event answers; others let five seconds pass, and that ends
 * the installation.
 */
function wrongDynamic({ children }: ProcessTree, index: ModuleIndex): Diagnostic[] {
  return children.flatMap(({ child, owner, reach, runs: known }): Diagnostic[] => {
    if (child.modules !== 'dynamic' || reach !== 'reached') return [];
    const runs = known.length > 0 ? known : spawnedBy(child, index);
    if (runs.length === 0) return [];
    const isEventManager = runs.some(
      (module) =>
        module === 'gen_event' || (index.get(module)?.facts.behaviours.includes('gen_event') ?? false),
    );
    if (isEventManager) return [];
    const application = index.get(owner)?.application;
    return [
      {
        code: 'child-modules-wrong',
        severity: 'error',
        ...(application !== undefined && { application }),
        module: owner,
        message: `${nameOfChild(child, owner)} says modules => dynamic and runs ${listed(runs)}, which is no event manager: release_handler asks it for its modules before it suspends any process, gets no answer, and the node restarts in the middle of the upgrade.`,
        fix: `Write modules => [${runs.map(quoted).join(', ')}] in that specification; a node that runs the old one needs an ordinary restart, or an appup that only loads modules.`,
      },
    ];
  });
}

/** The modules of the process that a start function spawns, where it starts nothing else. */
function spawnedBy(
  { startModule, function: name, arity }: ChildFacts,
  index: ModuleIndex,
): readonly string[] {
  if (isUnknown(startModule) || isUnknown(name) || isUnknown(arity)) return [];
  const starts = index.get(startModule)?.facts.details().starts;
  if (starts === undefined || isUnknown(starts)) return [];
  const here = starts.filter((start) => start.function === `${name}/${arity}`);
  const spawns = here.every(({ starter }) => /^(erlang|proc_lib):(spawn|start)/.test(starter));
  return spawns ? here.flatMap(({ module }) => (isUnknown(module) ? [] : [module])) : [];
}

function fixOf({ child, owner }: SupervisedChild, module: string): string {
  const right = `Write modules => [${quoted(module)}] in the specification in ${owner}, which counts from the next upgrade on`;
  const named = isUnknown(child.modules) || child.modules === 'dynamic' ? undefined : child.modules[0];
  if (named === undefined || named === module) return `${right}.`;
  return `${right}; for this one write {update, ${quoted(named)}, {advanced, []}, soft_purge, soft_purge, [${quoted(module)}]} and {load_module, ${quoted(module)}, soft_purge, soft_purge, []} in the appup, which suspends the process by the module that is named.`;
}
