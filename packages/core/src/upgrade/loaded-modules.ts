import type { Direction, Instruction, PlannedAppup } from '../appup';
import type { ReleaseDiff } from '../diff';
import type { Application } from '../release';

/** The modules that the applications' scripts load from the applications of the release that is entered. */
export function loadedModules(
  { previous, next, kept, added, removed }: ReleaseDiff,
  direction: Direction,
  appups: readonly PlannedAppup[],
): ReadonlySet<string> {
  const entered = direction === 'up' ? next : previous;
  const loaded = new Set<string>();
  const loadAll = (application: Application | undefined): void => {
    for (const module of application?.resource.modules ?? []) loaded.add(module);
  };
  const versions = new Map(kept.map((application) => [application.name, application.previous.version]));
  for (const application of direction === 'up' ? added : removed) loadAll(application);
  for (const { application, sections } of appups) {
    for (const section of sections) {
      if (section.direction !== direction || section.version !== versions.get(application)) continue;
      for (const planned of section.origin.instructions) {
        const instruction: Instruction = 'reason' in planned ? planned.instruction : planned;
        switch (instruction.kind) {
          case 'update':
          case 'load_module':
          case 'add_module':
          case 'load':
            loaded.add(instruction.module);
            break;
          case 'add_application':
          case 'restart_application':
            loadAll(entered.applications.find(({ name }) => name === instruction.application));
            break;
          default:
            break;
        }
      }
    }
  }
  return loaded;
}
