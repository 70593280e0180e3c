import type { ApplicationInRelease } from '../release/model';
import type { Graph } from './component-order';
import { problemAt, written, type RelupProblem } from './problem';
import { isModuleInstruction, type ModuleInstruction, type Placed, type ReleaseInstruction } from './script';

/**
 * The dependencies between the instructions for modules (`systools_rc:make_dependency_graph/1`): an edge from an
 * instruction to each instruction for one of its DepMods.
 *
 * The problems are `muldef_module` for a module with two instructions, of which the first stays in the graph, and
 * `undef_module` for a DepMod without one.
 */
export function dependencyGraph(
  script: readonly Placed<ReleaseInstruction>[],
  left: readonly ApplicationInRelease[],
  unread: ReadonlySet<string>,
): {
  /** In the order of the script; edges are indexes into it. */
  readonly vertices: readonly Placed<ModuleInstruction>[];
  readonly graph: Graph;
  readonly problems: readonly RelupProblem[];
} {
  const problems: RelupProblem[] = [];
  const vertices: Placed<ModuleInstruction>[] = [];
  const vertexOf = new Map<string, number>();
  for (const { instruction, origin } of script) {
    if (!isModuleInstruction(instruction)) continue;
    const { module } = instruction;
    const first = vertices[vertexOf.get(module) ?? -1];
    if (first === undefined) {
      vertexOf.set(module, vertices.length);
      vertices.push({ instruction, origin });
      continue;
    }
    const where = first.origin.file === undefined ? '' : ` of ${first.origin.file}`;
    problems.push(
      problemAt(
        origin,
        'muldef_module',
        `module ${module} has another instruction already, ${written(first.origin)}${where}.`,
        'Leave one of them; restart_application and add_application load every module of their application.',
      ),
    );
  }
  const graph = vertices.map(({ instruction, origin }) =>
    instruction.dependencies.flatMap((dependency) => {
      const vertex = vertexOf.get(dependency);
      if (vertex !== undefined) return [vertex];
      if (!unread.has(dependency)) problems.push(undefinedModule(dependency, origin, left));
      return [];
    }),
  );
  return { vertices, graph, problems };
}

function undefinedModule(
  module: string,
  origin: Placed['origin'],
  left: readonly ApplicationInRelease[],
): RelupProblem {
  const owner = left.find(({ resource }) => resource.modules.includes(module));
  const isIn = owner === undefined ? '' : ` (it is a module of ${owner.name} ${owner.version})`;
  return problemAt(
    origin,
    'undef_module',
    `the instruction depends on module ${module}${isIn}, for which there is no instruction.`,
    `Take ${module} out of the DepMods, or add an instruction for it to some script of the upgrade.`,
  );
}
