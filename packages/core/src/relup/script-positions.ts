import type { Instruction } from '../appup/instruction';
import type { Direction } from '../appup/module-step';
import { orderedComponents } from './component-order';

/** The script of one application, in the place it has in the relup. */
export interface ApplicationScript {
  readonly application: string;
  readonly instructions: readonly Instruction[];
  /** What an instruction for the whole application loads or removes, in the order of its `.app`. */
  readonly modules: readonly string[];
}

/** When things happen in the relup that the scripts become: of two, the one with the smaller number comes first. */
export interface ScriptPositions {
  readonly ofModule: ReadonlyMap<string, number>;
  readonly ofInstruction: ReadonlyMap<Instruction, number>;
  /** The component of instructions that are carried out together, by module. */
  readonly component: ReadonlyMap<string, number>;
}

/** Where `translateComponents` puts every instruction: a component stands where the first of its members does. */
export function scriptPositions(
  scripts: readonly ApplicationScript[],
  direction: Direction,
): ScriptPositions {
  const vertices: {
    readonly module: string;
    readonly place: number;
    readonly dependencies: readonly string[];
  }[] = [];
  const ofModule = new Map<string, number>();
  const ofInstruction = new Map<Instruction, number>();
  let place = 0;
  for (const { instructions, modules } of scripts) {
    for (const instruction of instructions) {
      place++;
      ofInstruction.set(instruction, place);
      switch (instruction.kind) {
        case 'update':
        case 'load_module':
        case 'add_module':
        case 'delete_module':
          vertices.push({ module: instruction.module, place, dependencies: instruction.dependencies });
          break;
        case 'load':
        case 'remove':
          ofModule.set(instruction.module, place);
          break;
        case 'add_application':
          // `systools_rc` writes them out before it looks at dependencies.
          for (const module of modules) vertices.push({ module, place: place++, dependencies: [] });
          break;
        case 'remove_application':
        case 'restart_application':
          for (const module of modules) ofModule.set(module, place);
          break;
        default:
          break;
      }
    }
  }
  const indexOf = new Map(
    [...vertices].reverse().map(({ module }, at) => [module, vertices.length - 1 - at]),
  );
  const graph = vertices.map(({ dependencies }) =>
    dependencies.flatMap((dependency) => indexOf.get(dependency) ?? []),
  );
  const component = new Map<string, number>();
  for (const members of orderedComponents(graph)) {
    const first = vertices[Math.min(...members)]?.place ?? 0;
    const inOrder = direction === 'up' ? [...members].reverse() : members;
    inOrder.forEach((member, at) => {
      const module = vertices[member]?.module;
      if (module === undefined) return;
      component.set(module, first);
      ofModule.set(module, first + at / (members.length + 1));
    });
  }
  return { ofModule, ofInstruction, component };
}
