import {
  assembleAppup,
  instructionToTerm,
  keptSection,
  noPolicy,
  planTransition,
  transitionOf,
  type Appup,
  type Direction,
  type Instruction,
  type PlannedAppup,
  type PlannedInstruction,
  type Transition,
  type UpgradePolicy,
} from '../appup';
import { circlesOf } from '../appup/order-nodes';
import type { Constraint } from '../appup/plan-node';
import type { ReleasePair } from '../diff';
import { printTerm } from '../erlang';
import { applicationOrder, joinApplications, startOrder, type JoinedScript, type RelupOrder } from '../relup';
import { sectionsDiffer, type Diagnostic } from '../rules';

export interface PlannedAppups {
  /** One for each application whose version differs from that in a base, sorted by name. */
  readonly appups: readonly PlannedAppup[];
  /** For each pair, in both directions. */
  readonly orders: readonly Readonly<Record<Direction, PlannedOrder>>[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlannedOrder {
  /** In which order the scripts of the applications stand in the relup. */
  readonly scripts: readonly string[];
  /** Whether two modules need each other, so that no order serves them. */
  readonly isCircle: (one: string, other: string) => boolean;
}

/**
 * Plans the appup of every application whose version differs, for each pair of releases and both ways. Pure.
 *
 * @param order the order of the applications in the relup that the appups are for
 */
export function planAppups(
  pairs: readonly ReleasePair[],
  keptAppups: ReadonlyMap<string, readonly Appup[]>,
  policy: UpgradePolicy,
  order: RelupOrder,
): PlannedAppups {
  const planned = pairs.map((pair) => ({
    up: planDirection(pair, 'up', keptAppups, policy, order),
    down: planDirection(pair, 'down', keptAppups, policy, order),
  }));
  const diagnostics: Diagnostic[] = [];
  const appups = changedApplications(pairs).map(({ name, version, bases }) =>
    assembleAppup(
      { name, version },
      [...new Set(bases.map(({ previous }) => previous))],
      keptAppups.get(name) ?? [],
      (direction, previous) => {
        // Bases may share a version of the application: a section serves them all.
        const sections = bases
          .filter((base) => base.previous === previous)
          .map(({ pair }) => ({
            base: pairs[pair]?.difference.previous.version ?? '',
            instructions: planned[pair]?.[direction].applications.get(name) ?? [],
          }));
        const [first] = sections;
        const other = sections.find(
          (section) => text(section.instructions) !== text(first?.instructions ?? []),
        );
        if (first !== undefined && other !== undefined) {
          diagnostics.push(...sectionsDiffer(name, direction, previous, [first.base, other.base]));
        }
        return first?.instructions ?? [];
      },
    ),
  );
  return {
    appups,
    orders: planned.map(({ up, down }) => ({ up: up.order, down: down.order })),
    diagnostics,
  };
}

/** Appups that were planned before, with the order of the applications for them. */
export function ordersFor(
  pairs: readonly ReleasePair[],
  appups: readonly PlannedAppup[],
  order: RelupOrder,
): PlannedAppups {
  const written = new Map(appups.map(({ application, appup }) => [application, [appup]]));
  return { ...planAppups(pairs, written, noPolicy, order), appups };
}

interface PlannedDirection {
  readonly applications: ReadonlyMap<string, readonly PlannedInstruction[]>;
  readonly order: PlannedOrder;
}

function planDirection(
  pair: ReleasePair,
  direction: Direction,
  keptAppups: ReadonlyMap<string, readonly Appup[]>,
  policy: UpgradePolicy,
  order: RelupOrder,
): PlannedDirection {
  const transition = transitionOf(pair, direction);
  const keptOf = new Map(
    transition.changed.flatMap(({ application }) => {
      const version = versions(pair, application);
      const kept = keptSection(keptAppups.get(application) ?? [], version.next, direction, version.previous);
      return kept === undefined ? [] : [[application, kept] as const];
    }),
  );
  const { applications, constraints } = planTransition(
    transition,
    policy,
    new Map(Array.from(keptOf, ([application, kept]) => [application, namedModules(kept.instructions)])),
  );
  const usual = usualOrder(pair, transition, order);
  const wanted = applicationOrder(transition, constraints, usual);
  const scriptOrder = order === 'otp' ? usual : wanted.order;
  const { previous, next } = pair.difference;
  const resources = new Map(
    (direction === 'up' ? [previous, next] : [next, previous])
      .flatMap(({ applications }) => applications)
      .map(({ name, resource }) => [name, resource]),
  );
  const scripts = scriptOrder.map((application): JoinedScript => {
    const modules = resources.get(application)?.modules ?? [];
    const instructions = applications.get(application);
    if (instructions === undefined) {
      const kind = transition.added.some((one) => one.application === application)
        ? ({ kind: 'add_application', application, startType: 'permanent' } as const)
        : ({ kind: 'remove_application', application } as const);
      return { application, instructions: [kind], planned: undefined, modules };
    }
    const kept = keptOf.get(application);
    return kept === undefined
      ? { application, instructions: [], planned: instructions, modules }
      : { application, instructions: kept.instructions, planned: undefined, modules };
  });
  const joined = joinApplications(scripts, constraints, direction);
  return {
    applications: new Map([...applications, ...joined]),
    order: {
      scripts: scriptOrder,
      isCircle: circlesIn(transition, constraints, wanted.isCircle, restartedIn(scripts)),
    },
  };
}

/**
 * Whether two modules need each other around a circle, or their applications do, one of which comes, goes or restarts as
 * a whole.
 */
function circlesIn(
  { left, entered, changed }: Transition,
  constraints: readonly Constraint[],
  areCircle: (one: string, other: string) => boolean,
  restarted: ReadonlySet<string>,
): PlannedOrder['isCircle'] {
  const { circleOf } = circlesOf(constraints);
  const circles = new Map(
    constraints
      .flatMap(({ before, after }) => [before, after])
      .flatMap((node) => (node.kind === 'module' ? [[node.step.module, circleOf(node)] as const] : [])),
  );
  const hot = new Set(changed.map(({ application }) => application).filter((name) => !restarted.has(name)));
  return (one, other) => {
    if (circles.has(one) && circles.get(one) === circles.get(other)) return true;
    const [mine, its] = [one, other].map((name) => (left.get(name) ?? entered.get(name))?.application ?? '');
    if (mine === undefined || its === undefined) return false;
    return areCircle(mine, its) && !(hot.has(mine) && hot.has(its));
  };
}

/** The applications whose script takes them out as a whole. */
function restartedIn(scripts: readonly JoinedScript[]): ReadonlySet<string> {
  return new Set(
    scripts.flatMap(({ application, planned, instructions }) =>
      (planned?.map(({ instruction }) => instruction) ?? instructions).some(
        (one) => one.kind === 'restart_application' && one.application === application,
      )
        ? [application]
        : [],
    ),
  );
}

/** The modules that an instruction of high level names: others may depend on them. */
function namedModules(instructions: readonly Instruction[]): ReadonlySet<string> {
  return new Set(
    instructions.flatMap((instruction) => ('dependencies' in instruction ? [instruction.module] : [])),
  );
}

function versions(
  { difference }: ReleasePair,
  name: string,
): { readonly previous: string; readonly next: string } {
  const application = difference.kept.find((one) => one.name === name);
  return {
    previous: application?.previous.version ?? '',
    next: application?.next.version ?? '',
  };
}

/** The order of `upgradeScripts`: what is added, what changes in the start order of the new release, what is removed. */
function usualOrder(
  { difference: { previous, next } }: ReleasePair,
  { direction, added, changed, removed }: Transition,
  order: RelupOrder,
): string[] {
  const [left, entered] = direction === 'up' ? [previous, next] : [next, previous];
  const names = (applications: readonly { readonly name: string }[]): string[] =>
    applications.map(({ name }) => name);
  const among = (all: readonly string[], wanted: Transition['added']): string[] =>
    all.filter((name) => wanted.some(({ application }) => application === name));
  const started = (release: typeof left): string[] => names(startOrder(release).applications);
  const arriving = order === 'otp' ? names(entered.applications) : started(entered);
  const leaving = order === 'otp' ? names(left.applications) : started(left).reverse();
  return [...among(arriving, added), ...among(started(next), changed), ...among(leaving, removed)];
}

interface ChangedApplication {
  readonly name: string;
  readonly version: string;
  /** The version in each base that has another one, with the index of the pair. */
  readonly bases: readonly { readonly pair: number; readonly previous: string }[];
}

function changedApplications(pairs: readonly ReleasePair[]): ChangedApplication[] {
  const changed = new Map<string, { version: string; bases: { pair: number; previous: string }[] }>();
  pairs.forEach(({ difference }, pair) => {
    for (const { name, previous, next } of difference.kept) {
      if (previous.version === next.version) continue;
      const { bases } = changed.get(name) ?? { bases: [] };
      changed.set(name, {
        version: next.version,
        bases: [...bases, { pair, previous: previous.version }],
      });
    }
  });
  return [...changed]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { version, bases }]) => ({ name, version, bases }));
}

function text(instructions: readonly PlannedInstruction[]): string {
  return instructions.map(({ instruction }) => printTerm(instructionToTerm(instruction))).join(' ');
}
