import type { ApplicationInRelease } from '../release/model';
import { orderedComponents } from './component-order';
import { dependencyGraph } from './dependency-graph';
import { problemAt, type Origin, type RelupProblem } from './problem';
import {
  isModuleInstruction,
  type AfterInstruction,
  type Direction,
  type LoadObjectCode,
  type ModuleInstruction,
  type Placed,
  type ReleaseInstruction,
} from './script';
import { translateComponent } from './translate-component';

/**
 * Translates the instructions for modules (`systools_rc:translate_dependent_instrs/4`). Modules that depend on each
 * other, in whichever application, are changed together: all instructions of such a component move to the place of
 * the first of them. Every other instruction stays where it is.
 *
 * A module to load whose application is not in `entered` is the problem `no_such_module`.
 */
export function translateComponents(
  script: readonly Placed<ReleaseInstruction>[],
  context: {
    readonly direction: Direction;
    readonly entered: readonly ApplicationInRelease[];
    readonly left: readonly ApplicationInRelease[];
    readonly unread: ReadonlySet<string>;
  },
): {
  /** One for each module that is loaded, in the order of the components. */
  readonly objectCode: readonly Placed<LoadObjectCode>[];
  readonly after: readonly AfterInstruction[];
  readonly problems: readonly RelupProblem[];
} {
  const { direction, entered, left, unread } = context;
  const { vertices, graph, problems } = dependencyGraph(script, left, unread);
  const componentOf = new Map<string, readonly Placed<ModuleInstruction>[]>();
  for (const members of orderedComponents(graph)) {
    const component = members.flatMap((member) => vertices[member] ?? []);
    for (const { instruction } of component) componentOf.set(instruction.module, component);
  }
  const libraries = librariesOf(entered);
  const objectCode: Placed<LoadObjectCode>[] = [];
  const after: AfterInstruction[] = [];
  const unknown: RelupProblem[] = [];
  const done = new Set<unknown>();
  for (const { instruction } of script) {
    if (!isModuleInstruction(instruction)) {
      after.push(instruction);
      continue;
    }
    const component = componentOf.get(instruction.module);
    if (component === undefined || done.has(component)) continue;
    done.add(component);
    after.push(
      ...translateComponent(
        direction,
        component.map(({ instruction }) => instruction),
      ),
    );
    for (const { instruction, origin } of component) {
      if (instruction.kind === 'delete_module') continue;
      const { module } = instruction;
      const library = libraries.get(module);
      if (library === undefined) unknown.push(noSuchModule(module, origin, left));
      else
        objectCode.push({ origin, instruction: { kind: 'load_object_code', ...library, modules: [module] } });
    }
  }
  return { objectCode, after, problems: [...problems, ...unknown] };
}

/** For each module the first application that has it. */
function librariesOf(
  applications: readonly ApplicationInRelease[],
): ReadonlyMap<string, { readonly application: string; readonly version: string }> {
  const libraries = new Map<string, { application: string; version: string }>();
  for (const { name, version, resource } of applications) {
    for (const module of resource.modules) {
      if (!libraries.has(module)) libraries.set(module, { application: name, version });
    }
  }
  return libraries;
}

function noSuchModule(module: string, origin: Origin, left: readonly ApplicationInRelease[]): RelupProblem {
  const owner = left.find(({ resource }) => resource.modules.includes(module));
  return problemAt(
    origin,
    'no_such_module',
    `no .app file of the release that is entered lists module ${module}.`,
    owner === undefined
      ? `Add ${module} to the modules of its .app file, or correct the name.`
      : `It is a module of ${owner.name} ${owner.version}, which is left: write {delete_module, ${module}}.`,
  );
}
