import { list } from '../erlang';
import type { ApplicationDiff, ModuleFacts } from '../diff';
import type { Instruction } from './instruction';
import { moduleRole } from './module-role';
import { moduleSteps, type Direction, type ModuleStep } from './module-step';
import { orderSteps } from './step-order';

/** An instruction, and why it is there and is the one it is. */
export interface PlannedInstruction {
  readonly instruction: Instruction;
  /** One sentence without a full stop. */
  readonly reason: string;
}

/**
 * Plans the instructions that take one application from one version to the other. Pure: it looks at the facts of the
 * modules that differ and at nothing else.
 *
 * @param direction `up` from `application.previous` to `application.next`, or `down`, the way back
 */
export function planInstructions(
  application: Pick<ApplicationDiff, 'modules'>,
  direction: Direction,
): PlannedInstruction[] {
  const groups = orderSteps(moduleSteps(application.modules, direction));
  return groups.flatMap(({ steps }) => {
    const modules = steps.map((step) => step.module);
    // systools loads the modules of a group backwards on the way up, in the order of the script on the way down.
    const written = direction === 'up' ? [...steps].reverse() : steps;
    return written.map((step) =>
      planStep(
        step,
        modules.filter((module) => module !== step.module),
      ),
    );
  });
}

/** @param together the other modules of the group, which call this one and are called by it in ways that change */
function planStep(step: ModuleStep, together: readonly string[]): PlannedInstruction {
  const { module } = step;
  if (step.left === undefined) {
    return {
      instruction: { kind: 'add_module', module, dependencies: together },
      reason: `${module} is only in the version that is entered`,
    };
  }
  if (step.entered === undefined) {
    return {
      instruction: { kind: 'delete_module', module, dependencies: together },
      reason: `${module} is not in the version that is entered`,
    };
  }
  return planReplacement(step, step.newer ?? step.entered, together);
}

function planReplacement(
  step: ModuleStep,
  newer: ModuleFacts,
  dependencies: readonly string[],
): PlannedInstruction {
  const { module } = step;
  const changed = step.attributesOnly ? 'only its attributes changed' : 'its code changed';
  const group = dependencies.length === 0 ? '' : `, together with ${dependencies.join(', ')}`;
  const role = moduleRole(newer);
  const purges = { prePurge: 'brutal_purge', postPurge: 'brutal_purge' } as const;
  switch (role.kind) {
    case 'supervisor':
      return {
        instruction: {
          kind: 'update',
          module,
          moduleType: 'static',
          timeout: 'default',
          change: { kind: 'advanced', extra: list([]) },
          ...purges,
          dependencies,
        },
        reason: `a supervisor, and ${changed}: its init/1 is read again${group}`,
      };
    case 'stateful':
      return {
        instruction: {
          kind: 'update',
          module,
          moduleType: 'dynamic',
          timeout: 'default',
          change: { kind: 'advanced', extra: list([]) },
          ...purges,
          dependencies,
        },
        reason: `a ${role.behaviour} with ${role.codeChange}, and ${changed}: its processes are suspended and convert their state${group}`,
      };
    case 'stateful-without-code-change':
      return {
        instruction: { kind: 'load_module', module, ...purges, dependencies },
        reason: `a ${role.behaviour} without ${role.codeChange}, and ${changed}: an update would call that function and fail${group}`,
      };
    case 'functional':
      return {
        instruction: { kind: 'load_module', module, ...purges, dependencies },
        reason: `no process keeps a state for it, and ${changed}${group}`,
      };
  }
}
