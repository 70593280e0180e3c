import type { ApplicationDiff, IndexedModule, ModuleIndex, ReleasePair } from '../diff';
import { moduleSteps, type Direction, type ModuleStep } from './module-step';

/** One release is left and another is entered: everything that planning looks at, in the direction of travel. */
export interface Transition {
  readonly direction: Direction;
  /** The modules of both releases, those that stay the same included. */
  readonly left: ModuleIndex;
  readonly entered: ModuleIndex;
  /** The applications that both releases have in different versions: those that have an appup. */
  readonly changed: readonly ApplicationSteps[];
  /** The applications that only the release entered has, with their modules. */
  readonly added: readonly ApplicationSteps[];
  /** The applications that only the release left has. */
  readonly removed: readonly ApplicationSteps[];
}

export interface ApplicationSteps {
  readonly application: string;
  /** Of the application that is entered; of one that is removed, the one that is left. */
  readonly version: string;
  readonly steps: readonly ModuleStep[];
}

/** A pair of releases, seen in one direction. */
export function transitionOf({ difference, modules }: ReleasePair, direction: Direction): Transition {
  const { kept, added, removed } = difference;
  const [left, entered] =
    direction === 'up' ? [modules.previous, modules.next] : [modules.next, modules.previous];
  const [arriving, leaving] = direction === 'up' ? [added, removed] : [removed, added];
  const changed = kept.filter(({ previous, next }) => previous.version !== next.version);
  const modulesOf = (index: ModuleIndex, application: string): [string, IndexedModule][] =>
    [...index].filter(([, module]) => module.application === application);
  return {
    direction,
    left,
    entered,
    changed: withMovedModules(
      changed.map(({ name, modules, previous, next }) => ({
        application: name,
        version: direction === 'up' ? next.version : previous.version,
        steps: moduleSteps(name, modules, direction),
      })),
      { direction, left, entered },
    ),
    added: arriving.map(({ name: application, version }) => ({
      application,
      version,
      steps: modulesOf(entered, application).map(([module, { facts }]) => ({
        module,
        application,
        left: left.get(module)?.facts,
        entered: facts,
        newer: direction === 'up' ? facts : left.get(module)?.facts,
        difference: left.has(module) ? 'moved' : 'code',
      })),
    })),
    removed: leaving.map(({ name: application, version }) => ({
      application,
      version,
      steps: modulesOf(left, application).flatMap(([module, { facts }]): ModuleStep[] =>
        // What another application has from now on is a step of that one.
        entered.has(module)
          ? []
          : [
              {
                module,
                application,
                left: facts,
                entered: undefined,
                newer: direction === 'up' ? undefined : facts,
                difference: 'code',
              },
            ],
      ),
    })),
  };
}

/** What is looked at of an application by itself. */
export type SingleApplication = Pick<ApplicationDiff, 'name' | 'modules'> &
  Partial<Pick<ApplicationDiff, 'previous' | 'next'>>;

/** One application for itself, without what surrounds it. */
export function transitionOfApplication(
  { name, modules, previous, next }: SingleApplication,
  direction: Direction,
): Transition {
  const index = (side: 'left' | 'entered'): ModuleIndex =>
    new Map(
      moduleSteps(name, modules, direction).flatMap((step): [string, IndexedModule][] => {
        const facts = step[side];
        return facts === undefined ? [] : [[step.module, { application: name, facts }]];
      }),
    );
  const steps = moduleSteps(name, modules, direction);
  return {
    direction,
    left: index('left'),
    entered: index('entered'),
    changed: [{ application: name, version: (direction === 'up' ? next : previous)?.version ?? '', steps }],
    added: [],
    removed: [],
  };
}

/**
 * A module that moves to another application has one instruction, in the application that has it from now on: two
 * would be one too many for `systools_rc` (`muldef_module`), and a `delete_module` would take it from its new owner.
 */
function withMovedModules(
  applications: readonly ApplicationSteps[],
  { direction, left, entered }: Pick<Transition, 'direction' | 'left' | 'entered'>,
): ApplicationSteps[] {
  return applications.map(({ application, version, steps }) => ({
    application,
    version,
    steps: steps.flatMap((step): ModuleStep[] => {
      if (step.entered === undefined) {
        const owner = entered.get(step.module)?.application;
        return owner === undefined || owner === application ? [step] : [];
      }
      const before = left.get(step.module);
      if (step.left !== undefined || before === undefined) return [step];
      const newer = direction === 'up' ? step.entered : before.facts;
      return [{ ...step, left: before.facts, newer, difference: 'moved' }];
    }),
  }));
}
