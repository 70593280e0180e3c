import type { Instruction, PlannedAppup } from '../appup';
import type { Direction } from '../appup/module-step';
import type { ApplicationDiff, ModuleDiff } from '../diff';
import { atom, printTerm } from '../erlang';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';

/** The instructions that take one application from one of its versions to the other, and what lies on both sides. */
export interface Section {
  readonly application: ApplicationDiff;
  readonly direction: Direction;
  /** The file of a person; absent where the instructions were generated. */
  readonly keptIn: string | undefined;
  readonly instructions: readonly Instruction[];
  /** For messages: `up from "1"`, or `down to "1" of FILE`. */
  readonly place: string;
  /** The modules of the release that is left, and of the one that is entered. */
  readonly left: ModuleIndex;
  readonly entered: ModuleIndex;
}

/** The sections that are carried out between the two releases of a pair. */
export function sectionsOf({ difference, modules }: ReleasePair, appups: readonly PlannedAppup[]): Section[] {
  const byName = new Map(difference.kept.map((application) => [application.name, application]));
  return appups.flatMap((appup) => {
    const application = byName.get(appup.application);
    if (application === undefined) return [];
    return appup.sections
      .filter(({ version }) => version === application.previous.version)
      .map(({ direction, version, origin }): Section => {
        const keptIn = origin.kind === 'kept' ? origin.file : undefined;
        const [left, entered] =
          direction === 'up' ? [modules.previous, modules.next] : [modules.next, modules.previous];
        return {
          application,
          direction,
          keptIn,
          instructions: origin.instructions.map((planned) =>
            'reason' in planned ? planned.instruction : planned,
          ),
          place: `${direction === 'up' ? 'up from' : 'down to'} "${version}"${keptIn === undefined ? '' : ` of ${keptIn}`}`,
          left,
          entered,
        };
      });
  });
}

/** Whether nothing of the application lives on: all its processes are started anew. */
export function restartsAll({ instructions, application }: Section): boolean {
  return instructions.some(
    (instruction) =>
      instruction.kind === 'restart_new_emulator' ||
      instruction.kind === 'restart_emulator' ||
      (instruction.kind === 'restart_application' && instruction.application === application.name),
  );
}

/** How a section brings a module's code to the processes that run it. */
export interface Replacement {
  /** `advanced` calls `code_change`, `soft` only suspends, `load` does neither. */
  readonly how: 'advanced' | 'soft' | 'load';
  /** What happens to processes in old code, before or after. */
  readonly purges: readonly ('soft_purge' | 'brutal_purge')[];
}

/** What the section does with a module that both versions have; undefined where it does not load it. */
export function replacementOf({ instructions }: Section, module: string): Replacement | undefined {
  let found: Replacement | undefined;
  let lowLevel: 'advanced' | 'soft' | undefined;
  for (const instruction of instructions) {
    switch (instruction.kind) {
      case 'update':
        if (instruction.module !== module) break;
        return { how: instruction.change.kind, purges: [instruction.prePurge, instruction.postPurge] };
      case 'load_module':
      case 'load':
        if (instruction.module !== module) break;
        found = { how: 'load', purges: [instruction.prePurge, instruction.postPurge] };
        break;
      case 'add_module':
        if (instruction.module === module) found = { how: 'load', purges: ['brutal_purge', 'brutal_purge'] };
        break;
      case 'suspend':
        if (instruction.modules.some((one) => one.module === module)) lowLevel ??= 'soft';
        break;
      case 'code_change':
        if (instruction.changes.some((change) => change.module === module)) lowLevel = 'advanced';
        break;
      default:
        break;
    }
  }
  return found && { ...found, how: lowLevel ?? found.how };
}

/** Whether the section suspends processes or looks them up for another reason, which asks every supervisor. */
export function looksProcessesUp({ kind }: Instruction): boolean {
  return kind === 'update' || kind === 'suspend' || kind === 'stop' || kind === 'start';
}

/** The processes that are found by `named` are suspended while `module` is loaded, where one is a DepMod of the other. */
export function suspendsTogether({ instructions }: Section, named: string, module: string): boolean {
  return instructions.some(
    (instruction) =>
      instruction.kind === 'update' &&
      instruction.module === named &&
      (instruction.dependencies.includes(module) ||
        instructions.some(
          (other) =>
            (other.kind === 'load_module' || other.kind === 'update') &&
            other.module === module &&
            other.dependencies.includes(named),
        )),
  );
}

export type ChangedModule = Extract<ModuleDiff, { readonly kind: 'changed' }>;

/** The modules of the application whose code differs, not only their attributes. */
export function changedModules({ modules }: ApplicationDiff): ChangedModule[] {
  return modules.flatMap((module) => (module.kind === 'changed' && module.change === 'code' ? [module] : []));
}

/** An atom as it is written in an appup: `'Elixir.Counter'` for the module of that name. */
export function quoted(name: string): string {
  return printTerm(atom(name));
}

/** `a`, `a and b`, `a, b and c`; of many the first five and how many more. */
export function listed(names: readonly string[]): string {
  if (names.length > 6) return `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
