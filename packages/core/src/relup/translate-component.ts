import type { AfterInstruction, Direction, ModuleInstruction } from './script';

/**
 * The low-level instructions that change the modules of one component (`systools_rc:translate_dep_to_low/3`).
 *
 * All its processes are suspended while code is loaded and state converted. An upgrade loads what others depend on
 * first, then converts state with the new code. A downgrade converts the state of dynamic modules first, as only the
 * newer code knows both forms, and loads dependents first; a static module, such as a supervisor, is converted after.
 *
 * @param component dependents before what they depend on
 */
export function translateComponent(
  direction: Direction,
  component: readonly ModuleInstruction[],
): AfterInstruction[] {
  const updates = component.filter((instruction) => instruction.kind === 'update');
  const suspend: AfterInstruction = {
    kind: 'suspend',
    modules: updates.map(({ module, timeout }) => (timeout === 'default' ? { module } : { module, timeout })),
  };
  const resume: AfterInstruction = { kind: 'resume', modules: updates.map(({ module }) => module).reverse() };
  const codeChange = (of: typeof updates): AfterInstruction[] => {
    const changes = of.flatMap(({ module, change }) =>
      change.kind === 'advanced' ? [{ module, extra: change.extra }] : [],
    );
    return changes.length === 0 ? [] : [{ kind: 'code_change', mode: direction, changes }];
  };
  const loads = component.map((instruction) => changeCode(instruction));
  const inBetween =
    direction === 'up'
      ? [...loads.reverse().flat(), ...codeChange(updates)]
      : [
          ...codeChange(updates.filter(({ moduleType }) => moduleType === 'dynamic')),
          ...loads.flat(),
          ...codeChange(updates.filter(({ moduleType }) => moduleType === 'static')),
        ];
  return updates.length === 0 ? inBetween : [suspend, ...inBetween, resume];
}

function changeCode(instruction: ModuleInstruction): AfterInstruction[] {
  const { module } = instruction;
  switch (instruction.kind) {
    case 'update':
    case 'load_module': {
      const { prePurge, postPurge } = instruction;
      return [{ kind: 'load', module, prePurge, postPurge }];
    }
    case 'delete_module':
      return [
        { kind: 'remove', module, prePurge: 'brutal_purge', postPurge: 'brutal_purge' },
        { kind: 'purge', modules: [module] },
      ];
  }
}
