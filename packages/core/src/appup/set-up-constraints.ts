import type { ModuleFacts } from '../diff';
import { isUnknown } from '../facts';
import { codeChangeCalls, type ModuleNode } from './call-constraints';
import { splitCall } from './module-calls';
import { roleOf } from './module-instruction';
import { convertsState } from './module-role';
import type { ModuleStep } from './module-step';
import type { Constraint } from './plan-node';
import type { Transition } from './transition';

/**
 * What a supervisor's `init/1` sets up in a module, others find there: the code change of a process, as ranch's connection
 * supervisors look for the counters that the supervisor above them makes; and whoever begins to call that module when
 * `init/1` does. When a node boots, the supervisor is first; so it is on the way up, and on the way back it goes last.
 */
export function setUpConstraints(transition: Transition, nodes: readonly ModuleNode[]): Constraint[] {
  const kept = nodes.filter(({ step }) => step.left !== undefined && step.entered !== undefined);
  const supervisors = kept.flatMap((node) => {
    if (roleOf(node.step, transition).kind !== 'supervisor') return [];
    const effects = effectsOfInit(node.step.newer);
    const before = new Set(effectsOfInit(olderOf(node.step)));
    return [
      { node, sets: modulesOf(effects), begins: modulesOf(effects.filter((call) => !before.has(call))) },
    ];
  });
  if (supervisors.length === 0) return [];
  return kept.flatMap((node) =>
    supervisors.flatMap(({ node: supervisor, sets, begins }): Constraint[] => {
      if (node === supervisor) return [];
      const reads = [...sets].filter((module) => convertsBy(node.step, module, transition)).sort()[0];
      const calls = [...begins].filter((module) => beginsToCall(node.step, module)).sort()[0];
      if (reads === undefined && calls === undefined) return [];
      const [before, after] = transition.direction === 'up' ? [supervisor, node] : [node, supervisor];
      const what = `init/1 of ${supervisor.step.module} sets up in ${reads ?? calls ?? ''} what`;
      const reason =
        reads === undefined
          ? `${what} ${node.step.module} may look for there`
          : `${what} the code change of ${node.step.module} may look for there`;
      return [{ before, after, strength: 'should', reason }];
    }),
  );
}

function convertsBy(step: ModuleStep, module: string, transition: Transition): boolean {
  const role = roleOf(step, transition);
  return role.kind === 'process' && convertsState(role.conversion) && codeChangeCalls(step, module);
}

function beginsToCall(step: ModuleStep, module: string): boolean {
  const before = olderOf(step)?.calls.get(module);
  return [...(step.newer?.calls.get(module) ?? [])].some((called) => before?.has(called) !== true);
}

function olderOf({ left, entered, newer }: ModuleStep): ModuleFacts | undefined {
  return newer === entered ? left : entered;
}

/** What its `init/1` calls that does not only compute; nothing where that is not known. */
function effectsOfInit(module: ModuleFacts | undefined): readonly string[] {
  const supervisors = module?.details().supervisors ?? [];
  if (isUnknown(supervisors)) return [];
  return supervisors.flatMap(({ kind, sideEffects }) =>
    kind === 'inline' || isUnknown(sideEffects) ? [] : sideEffects,
  );
}

/** Built-in functions are left out: what they set up is their process's own, mostly. */
function modulesOf(calls: readonly string[]): ReadonlySet<string> {
  return new Set(calls.map((call) => splitCall(call).module).filter((module) => module !== 'erlang'));
}
