import { nil } from '../erlang';
import type { ModuleFacts, ModuleIndex } from '../diff';
import { isUnknown, type Linger, type SupervisorFacts } from '../facts';
import { childrenOf } from './child-nodes';
import { failingAgain } from './init-side-effects';
import type { Instruction, Purge } from './instruction';
import { convertsState, moduleRole, specialProcess, type ModuleRole } from './module-role';
import { callbackModeChanges } from './callback-mode';
import type { ModuleStep } from './module-step';
import type { Transition } from './transition';

/** A step of a module that both versions have. */
export type ReplacedStep = ModuleStep & { readonly left: ModuleFacts; readonly entered: ModuleFacts };

/** An instruction, and why it is there and is the one it is. */
export interface PlannedInstruction {
  readonly instruction: Instruction;
  /** One sentence without a full stop. */
  readonly reason: string;
}

/** What else is known of a step when its instruction is chosen. */
export interface StepPlace {
  /** The modules that it must change together with; those of its processes are suspended meanwhile. */
  readonly dependencies: readonly string[];
  /** All modules of its group. */
  readonly group: readonly string[];
  /** The module that a child specification names in its place: processes of this one are found by that one only. */
  readonly runsFor?: readonly string[];
  /** Modules whose processes are found by this one's name. */
  readonly runs?: readonly string[];
}

/** The instruction for one module. */
export function moduleInstruction(
  step: ModuleStep,
  transition: Transition,
  place: StepPlace,
): PlannedInstruction {
  const { module, left, entered } = step;
  const { dependencies } = place;
  if (left === undefined) {
    return {
      instruction: { kind: 'add_module', module, dependencies },
      reason: `${module} is only in the version that is entered`,
    };
  }
  if (entered === undefined) {
    return {
      instruction: { kind: 'delete_module', module, dependencies },
      reason: `${module} is not in the version that is entered`,
    };
  }
  return replacement({ ...step, left, entered }, transition, place);
}

function replacement(step: ReplacedStep, transition: Transition, place: StepPlace): PlannedInstruction {
  const { module } = step;
  const purge = isEnteredByOthers(step) ? 'soft_purge' : purgeOf(step);
  const changed = differenceText(step);
  const together = place.group.filter((name) => name !== module);
  const held =
    purge === 'soft_purge'
      ? '; processes may stay in its code or keep its funs: old code is purged softly, and the way back is refused while they are in it'
      : '';
  const group = together.length === 0 ? '' : `, together with ${together.join(', ')}`;
  const load = (why: string): PlannedInstruction => ({
    instruction: {
      kind: 'load_module',
      module,
      prePurge: purge,
      postPurge: purge,
      dependencies: place.dependencies,
    },
    reason: `${why}, and ${changed}${group}${held}`,
  });
  const update = (
    kind: 'soft' | 'advanced',
    moduleType: 'static' | 'dynamic',
    why: string,
    what: string,
  ): PlannedInstruction => ({
    instruction: {
      kind: 'update',
      module,
      moduleType,
      timeout: 'default',
      change: kind === 'soft' ? { kind } : { kind, extra: nil },
      prePurge: purge,
      postPurge: purge,
      dependencies: place.dependencies,
    },
    reason: `${why}, and ${changed}: ${what}${group}${held}`,
  });

  if (place.runsFor !== undefined && place.runsFor.length > 0) {
    const by = place.runsFor.join(', ');
    return load(`its processes are found by ${by}, which their child specification names`);
  }
  if (place.runs !== undefined && place.runs.length > 0) {
    const others = place.runs.join(', ');
    const why = `the child specification of the processes of ${others} names it`;
    return place.runs.some((name) => converts(name, transition))
      ? update('advanced', 'dynamic', why, 'they are suspended and convert their state')
      : update('soft', 'dynamic', why, 'they are suspended and go on in the new code');
  }
  const role = roleOf(step, transition);
  switch (role.kind) {
    case 'supervisor': {
      const effects = sideEffectsOf(step.entered);
      if (effects.length > 0 && sameChildren(step, transition)) {
        const fails = failingAgain(effects).length > 0;
        if (sameFlags(step) || fails) {
          return load(
            `a supervisor whose children stay the same, and whose init/1 calls ${effects.join(', ')}`,
          );
        }
      }
      return update('advanced', 'static', 'a supervisor', 'its init/1 is read again');
    }
    case 'process':
      return processReplacement(step, role, together.length > 0, load, update);
    case 'functional':
      return load('no process keeps a state for it');
  }
}

/** Whether the processes of a module that changes convert their state. */
function converts(module: string, transition: Transition): boolean {
  return transition.changed.some(({ steps }) =>
    steps.some((step) => {
      const role = step.module === module ? roleOf(step, transition) : undefined;
      return role?.kind === 'process' && convertsState(role.conversion);
    }),
  );
}

function processReplacement(
  step: ReplacedStep,
  { behaviour, codeChange, conversion }: Extract<ModuleRole, { kind: 'process' }>,
  inGroup: boolean,
  load: (why: string) => PlannedInstruction,
  update: (
    kind: 'soft' | 'advanced',
    moduleType: 'static' | 'dynamic',
    why: string,
    what: string,
  ) => PlannedInstruction,
): PlannedInstruction {
  // As its own sources name it: GenServer.
  const a = `a ${behaviour.replace(/^Elixir\./, '')}`;
  const converts = `${a} with ${codeChange}`;
  if (step.difference === 'attributes' && behaviour !== specialProcess) return load(a);
  if (convertsState(conversion)) {
    return update('advanced', 'dynamic', converts, 'its processes are suspended and convert their state');
  }
  if (conversion !== 'missing' && callbackModeChanges(step)) {
    return update(
      'advanced',
      'dynamic',
      converts,
      'its callback_mode/0 is asked again after a code change only',
    );
  }
  const keeps =
    conversion === 'missing' ? `${a} without ${codeChange}` : `${a} whose ${codeChange} keeps the state`;
  if (behaviour === specialProcess) {
    return update('soft', 'dynamic', keeps, 'its loop goes on in the new code when it was suspended');
  }
  if (inGroup)
    return update('soft', 'dynamic', keeps, 'its processes wait until all of the group has changed');
  return load(conversion === 'missing' ? `${keeps}, which an update would call` : keeps);
}

function differenceText({ difference }: ModuleStep): string {
  switch (difference) {
    case 'code':
      return 'its code changed';
    case 'attributes':
      return 'only its attributes changed';
    case 'nothing':
      return 'it did not change itself';
    case 'moved':
      return 'it comes from another application';
  }
}

/** The role in the release that runs the code change. */
export function roleOf(step: ModuleStep, { direction, left, entered }: Transition): ModuleRole {
  const newer = step.newer ?? step.entered ?? step.left;
  if (newer === undefined) return { kind: 'functional' };
  return moduleRole(newer, direction === 'up' ? entered : left);
}

/**
 * A brutal purge kills whoever is in the old code: now, what an earlier upgrade has left, and when the release is made
 * permanent, what this one leaves. Soft, the one is refused and the other waits.
 */
function purgeOf({ left, entered }: ReplacedStep): Purge {
  return [left, entered].some((module) => {
    const { lingers } = module.details();
    if (isUnknown(lingers)) return false;
    // A loop in the module of a behaviour is not that of the process, and ends.
    const stays = (kind: Linger['kind']): boolean =>
      kind === 'loop' ? moduleRole(module).kind === 'process' : kind !== 'answered-fun';
    return lingers.some(({ kind }) => stays(kind));
  })
    ? 'soft_purge'
    : 'brutal_purge';
}

/**
 * Whether it is a special process that starts none itself. A process that others take to it may go on to a further
 * module and keep a frame of this one, as websockets do in cowboy; where it was not found, it was not even suspended.
 */
function isEnteredByOthers({ module, entered }: ReplacedStep): boolean {
  const { starts } = entered.details();
  return (
    entered.exports.has('system_continue/3') &&
    !isUnknown(starts) &&
    !starts.some((start) => start.module === module)
  );
}

/** Calls in its `init/1` that have effects, as far as they are known. */
function sideEffectsOf(module: ModuleFacts): readonly string[] {
  const { supervisors } = module.details();
  if (isUnknown(supervisors)) return [];
  return supervisors.flatMap(({ kind, sideEffects }) =>
    kind === 'inline' || isUnknown(sideEffects) ? [] : sideEffects,
  );
}

/** Whether the supervisor has the same flags and the same children with the same specifications, all of it known. */
function sameChildren({ left, entered }: ReplacedStep, transition: Transition): boolean {
  const before = describe(left, transition.left);
  return before !== undefined && before === describe(entered, transition.entered);
}

/** Whether it allows as many restarts in the same time, as far as that is known. */
function sameFlags({ left, entered }: ReplacedStep): boolean {
  const [before, after] = [left, entered].map((module) => {
    const { supervisors } = module.details();
    return isUnknown(supervisors) ? undefined : JSON.stringify(supervisors.map(({ flags }) => flags));
  });
  return before !== undefined && before === after && !before.includes('"unknown"');
}

function describe(module: ModuleFacts, index: ModuleIndex): string | undefined {
  const { supervisors } = module.details();
  if (isUnknown(supervisors)) return undefined;
  const described = supervisors.map((supervisor) => describeSupervisor(supervisor, index));
  return described.includes(undefined) ? undefined : described.join('\n');
}

function describeSupervisor(supervisor: SupervisorFacts, index: ModuleIndex): string | undefined {
  const children = childrenOf(supervisor, index);
  if (children === undefined || isUnknown(supervisor.strategy)) return undefined;
  const text = JSON.stringify([supervisor.strategy, children]);
  return text.includes('"unknown"') ? undefined : text;
}
