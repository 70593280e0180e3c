import { nil } from '../erlang';
import type { ModuleNode } from './call-constraints';
import type { Instruction } from './instruction';
import type { PlannedInstruction } from './module-instruction';
import type { Direction } from './module-step';
import type { Constraint } from './plan-node';
import type { ModulePolicy, UpgradePolicy } from './policy';

/** The order that the configuration wants: on the way down it is the other way round. */
export function policyConstraints(
  policy: UpgradePolicy,
  nodes: readonly ModuleNode[],
  direction: Direction,
): Constraint[] {
  const nodeOf = new Map(nodes.map((node) => [node.step.module, node]));
  return [...policy.applications.values()].flatMap(({ modules }) =>
    [...modules].flatMap(([module, { loadAfter = [] }]) =>
      loadAfter.flatMap((earlier): Constraint[] => {
        const [node, other] = [nodeOf.get(module), nodeOf.get(earlier)];
        if (node === undefined || other === undefined) return [];
        const [before, after] = direction === 'up' ? [other, node] : [node, other];
        return [
          { before, after, strength: 'must', reason: `the configuration loads ${module} after ${earlier}` },
        ];
      }),
    ),
  );
}

/** The planned instruction of a module with what the configuration wants otherwise. */
export function applyModulePolicy(
  planned: PlannedInstruction,
  wanted: ModulePolicy | undefined,
): PlannedInstruction {
  if (wanted === undefined) return planned;
  const instruction = override(planned.instruction, wanted);
  if (instruction === planned.instruction) return planned;
  return { instruction, reason: `${planned.reason}; changed by the configuration` };
}

function override(instruction: Instruction, wanted: ModulePolicy): Instruction {
  switch (instruction.kind) {
    case 'add_module':
    case 'delete_module':
      return wanted.dependencies === undefined
        ? instruction
        : { ...instruction, dependencies: withAll(instruction.dependencies, wanted.dependencies) };
    case 'update':
    case 'load_module': {
      const { module, prePurge, postPurge, dependencies } = instruction;
      const common = {
        module,
        prePurge: wanted.prePurge ?? prePurge,
        postPurge: wanted.postPurge ?? postPurge,
        dependencies: withAll(dependencies, wanted.dependencies ?? []),
      };
      const isUpdate =
        wanted.instruction === undefined
          ? instruction.kind === 'update' || wanted.change !== undefined
          : wanted.instruction === 'update';
      if (!isUpdate) return { kind: 'load_module', ...common };
      const before = instruction.kind === 'update' ? instruction : undefined;
      const advanced = (wanted.change ?? before?.change.kind ?? 'soft') === 'advanced';
      const extra = wanted.extra ?? (before?.change.kind === 'advanced' ? before.change.extra : nil);
      return {
        kind: 'update',
        ...common,
        moduleType: before?.moduleType ?? 'dynamic',
        timeout: wanted.timeout ?? before?.timeout ?? 'default',
        change: advanced || wanted.extra !== undefined ? { kind: 'advanced', extra } : { kind: 'soft' },
      };
    }
    default:
      return instruction;
  }
}

function withAll(modules: readonly string[], others: readonly string[]): readonly string[] {
  return [...modules, ...others.filter((module) => !modules.includes(module))];
}
