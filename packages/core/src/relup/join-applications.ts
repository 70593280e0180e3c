import type { Instruction } from '../appup/instruction';
import { circlesOf } from '../appup/order-nodes';
import type { PlannedInstruction } from '../appup/module-instruction';
import type { Direction } from '../appup/module-step';
import type { Constraint, PlanNode } from '../appup/plan-node';
import { scriptPositions, type ApplicationScript, type ScriptPositions } from './script-positions';

/** The planned or written script of one application, in the place it has in the relup. */
export interface JoinedScript extends ApplicationScript {
  /** What was planned may still be changed; what people wrote may not. */
  readonly planned: readonly PlannedInstruction[] | undefined;
}

/**
 * Gives modules of one application DepMods of another where no order of the applications serves, because each has
 * something that must change before something of the other. The modules become one component of the relup then, which
 * stands where its first member does, so that others may have to join it, until all is in order or nothing helps.
 *
 * On the way up a module is loaded after its DepMods, on the way down before them.
 *
 * @returns the scripts that changed, by application
 */
export function joinApplications(
  scripts: readonly JoinedScript[],
  constraints: readonly Constraint[],
  direction: Direction,
): ReadonlyMap<string, readonly PlannedInstruction[]> {
  const planned = new Map(
    scripts.flatMap(({ application, planned }) =>
      planned === undefined ? [] : [[application, planned] as const],
    ),
  );
  const changed = new Map<string, readonly PlannedInstruction[]>();
  const wanted = orderable(constraints);
  for (;;) {
    const positions = scriptPositions(
      scripts.map((script) => ({
        ...script,
        instructions:
          planned.get(script.application)?.map(({ instruction }) => instruction) ?? script.instructions,
      })),
      direction,
    );
    let helped = false;
    for (const { before, after, reason } of wanted) {
      if (!isViolated(positions, before, after)) continue;
      const [holder, dependency] = direction === 'up' ? [after, before] : [before, after];
      if (!positions.component.has(dependency.step.module)) continue;
      const script = planned.get(holder.application);
      const joined = script && withDependency(script, holder.step.module, dependency.step.module, reason);
      if (joined === undefined) continue;
      planned.set(holder.application, joined);
      changed.set(holder.application, joined);
      helped = true;
    }
    if (!helped) return changed;
  }
}

type ModuleNode = Extract<PlanNode, { kind: 'module' }>;

interface OrderOfModules {
  readonly before: ModuleNode;
  readonly after: ModuleNode;
  readonly reason: string;
}

/** What some order can meet: of modules that need each other around a circle, each comes before the others. */
function orderable(constraints: readonly Constraint[]): OrderOfModules[] {
  const { kept, groupOf } = circlesOf(constraints);
  return kept.flatMap(({ before, after, reason }) =>
    before.kind === 'module' && after.kind === 'module' && groupOf(before) !== groupOf(after)
      ? [{ before, after, reason }]
      : [],
  );
}

function isViolated({ ofModule }: ScriptPositions, before: ModuleNode, after: ModuleNode): boolean {
  const [first, second] = [ofModule.get(before.step.module), ofModule.get(after.step.module)];
  return first !== undefined && second !== undefined && first > second;
}

/** Undefined where the module has no instruction that could depend on another, or depends on it already. */
function withDependency(
  script: readonly PlannedInstruction[],
  module: string,
  dependency: string,
  reason: string,
): readonly PlannedInstruction[] | undefined {
  const at = script.findIndex(({ instruction }) => dependenciesOf(instruction, module) !== undefined);
  const found = script[at];
  if (found === undefined) return undefined;
  const { instruction } = found;
  if (!('dependencies' in instruction) || instruction.dependencies.includes(dependency)) return undefined;
  const joined: PlannedInstruction = {
    instruction: { ...instruction, dependencies: [...instruction.dependencies, dependency] },
    reason: `${found.reason}; together with ${dependency} of another application: ${reason}`,
  };
  return script.map((each, index) => (index === at ? joined : each));
}

function dependenciesOf(instruction: Instruction, module: string): readonly string[] | undefined {
  switch (instruction.kind) {
    case 'update':
    case 'load_module':
    case 'add_module':
    case 'delete_module':
      return instruction.module === module ? instruction.dependencies : undefined;
    default:
      return undefined;
  }
}
