import type { ModuleDiff, ModuleFacts } from '../diff';

export type Direction = 'up' | 'down';

/**
 * What happens to one module when one version is left and another is entered: the same difference, seen in the
 * direction of travel. Planning looks at steps only, so that the downgrade is planned like any upgrade and not by
 * reading the upgrade backwards.
 */
export interface ModuleStep {
  readonly module: string;
  /** The application whose appup names the module. */
  readonly application: string;
  /** Absent where the module is new in the version that is entered. */
  readonly left: ModuleFacts | undefined;
  /** Absent where the version that is entered does not have the module. */
  readonly entered: ModuleFacts | undefined;
  /** The module in the newer release, whichever way we go; it is the one that converts state. */
  readonly newer: ModuleFacts | undefined;
  /**
   * - `code`, `attributes`: what differs of a module that both versions have;
   * - `nothing`: it is the same, and is named for the sake of processes that run another module;
   * - `moved`: it comes from another application, whether its code changed or not.
   */
  readonly difference: 'code' | 'attributes' | 'nothing' | 'moved';
}

/** The steps of one application, in the order of the differences; equivalent modules need none. */
export function moduleSteps(
  application: string,
  modules: readonly ModuleDiff[],
  direction: Direction,
): ModuleStep[] {
  const steps: ModuleStep[] = [];
  for (const module of modules) {
    if (module.kind === 'equivalent') continue;
    const previous = module.kind === 'added' ? undefined : module.previous;
    const next = module.kind === 'removed' ? undefined : module.next;
    steps.push({
      module: module.name,
      application,
      left: direction === 'up' ? previous : next,
      entered: direction === 'up' ? next : previous,
      newer: next,
      difference: module.kind === 'changed' && module.change === 'attributes' ? 'attributes' : 'code',
    });
  }
  return steps;
}
