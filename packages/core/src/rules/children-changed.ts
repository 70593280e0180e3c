import type { Instruction, PlannedAppup, PlannedSection } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ApplicationDiff } from '../diff';
import { atomName, printTerm, type Term } from '../erlang';
import { isUnknown, resolveChild, type KeptFacts, type SupervisorFacts, type Unknown } from '../facts';
import type { Diagnostic } from './diagnostic';

/**
 * The code change of a supervisor replaces the specifications of its children and touches no process
 * (`supervisor:code_change/3`): a child that is new is not started, and one that is gone goes on running. Instructions
 * of the appup have to start the one and stop the other.
 */
export function childrenChanged(application: ApplicationDiff, appup: PlannedAppup): Diagnostic[] {
  const sections = appup.sections.filter((section) => section.version === application.previous.version);
  return application.modules.flatMap((module) => {
    if (module.kind !== 'changed' || module.change !== 'code') return [];
    const [before, after] = [module.previous.details(), module.next.details()];
    const unknownChildren = ({ unknown }: Unknown): Diagnostic[] => [
      {
        code: 'children-unknown',
        severity: 'info',
        application: application.name,
        module: module.name,
        message: `the children of ${module.name} could not be found out (${unknown}), so nobody has checked whether some have to be started or stopped.`,
        fix: `Compare its children in ${application.previous.version} and ${application.next.version} yourself, and start those that are new and stop those that are gone in the appup.`,
      },
    ];
    const isSupervisor = moduleRole(module.next).kind === 'supervisor';
    if (isUnknown(before.supervisors)) return isSupervisor ? unknownChildren(before.supervisors) : [];
    if (isUnknown(after.supervisors)) return isSupervisor ? unknownChildren(after.supervisors) : [];
    const earlier = before.supervisors;
    return after.supervisors.flatMap((supervisor) => {
      const old = earlier.find((one) => one.function === supervisor.function && one.kind === supervisor.kind);
      if (old === undefined || supervisor.kind === 'dynamic') return [];
      const previous = idsOf(old, factsIn(application, 'previous'));
      const next = idsOf(supervisor, factsIn(application, 'next'));
      if (isUnknown(previous)) return unknownChildren(previous);
      if (isUnknown(next)) return unknownChildren(next);
      return sections.flatMap((section) => {
        const [left, entered] = section.direction === 'up' ? [previous, next] : [next, previous];
        return inSection(application, module.name, supervisor, section, left, entered);
      });
    });
  });
}

function inSection(
  application: ApplicationDiff,
  module: string,
  supervisor: SupervisorFacts,
  { direction, version, origin }: PlannedSection,
  left: readonly string[],
  entered: readonly string[],
): Diagnostic[] {
  const instructions = origin.instructions.map((planned) =>
    'reason' in planned ? planned.instruction : planned,
  );
  if (instructions.some((instruction) => restarts(instruction, application.name))) return [];
  const calls = (functions: readonly string[], id: string): boolean =>
    instructions.some((instruction) => callsFor(instruction, functions, id));
  const start = supervisor.kind === 'inline' ? ['start_child'] : ['restart_child', 'start_child'];
  const started = entered.filter((id) => !left.includes(id) && !calls(start, id));
  const gone = left.filter((id) => !entered.includes(id));
  const stops = gone.flatMap((id) =>
    ['terminate_child', 'delete_child'].filter((name) => !calls([name], id)).map((name) => ({ name, id })),
  );
  if (started.length === 0 && stops.length === 0) return [];

  const name = typeof supervisor.name === 'string' ? supervisor.name : 'NAME';
  const apply = (called: string, what: string): string =>
    `{apply, {supervisor, ${called}, [${name}, ${what}]}}`;
  const steps: string[] = [];
  if (stops.length > 0) {
    steps.push(`before the update ${stops.map(({ name: called, id }) => apply(called, id)).join(', ')}`);
  }
  if (started.length > 0) {
    const lines = started.map((id) =>
      supervisor.kind === 'inline'
        ? apply('start_child', `the specification of ${id}`)
        : apply('restart_child', id),
    );
    steps.push(`after the update ${lines.join(', ')}`);
  }
  const [from, to] =
    direction === 'up' ? [version, application.next.version] : [application.next.version, version];
  const stopped = [...new Set(stops.map(({ id }) => id))];
  const effects = [
    ...(started.length > 0 ? [`does not start ${started.join(', ')}`] : []),
    ...(stopped.length > 0 ? [`does not stop and forget ${stopped.join(', ')}`] : []),
  ];
  const whose = name === 'NAME' ? ' NAME is what the supervisor is registered as, or its pid.' : '';
  const why =
    supervisor.kind === 'inline'
      ? ` ${module} hands its children to start_link, and an update re-reads nothing of them: start_child needs the whole specification.`
      : '';
  // The appup is written for the way up, and its section for the way back lies in the same file.
  const file =
    origin.kind === 'kept'
      ? origin.file
      : `rel/appups/${application.name}/${version}_to_${application.next.version}.appup`;
  return [
    {
      code: 'children-changed',
      severity: 'warning',
      application: application.name,
      module,
      message: `from ${from} to ${to} the children of ${module} change, and the appup ${effects.join(' and ')}: the code change of a supervisor starts and stops no process.`,
      fix: `Write in ${file}, in the section ${direction} ${direction === 'up' ? 'from' : 'to'} "${version}": ${steps.join('; ')}.${whose}${why}`,
    },
  ];
}

function restarts(instruction: Instruction, application: string): boolean {
  return (
    instruction.kind === 'restart_new_emulator' ||
    instruction.kind === 'restart_emulator' ||
    (instruction.kind === 'restart_application' && instruction.application === application)
  );
}

function callsFor(instruction: Instruction, functions: readonly string[], id: string): boolean {
  if (instruction.kind !== 'apply') return false;
  const { module, function: called, args } = instruction.call;
  if (module !== 'supervisor' && module !== 'Elixir.Supervisor') return false;
  const child = args[1];
  if (child === undefined || !functions.includes(called)) return false;
  const named = called === 'start_child' ? idOfSpecification(child) : child;
  return named !== undefined && printTerm(named) === id;
}

function idOfSpecification(term: Term): Term | undefined {
  if (term.kind === 'tuple') return term.elements[0];
  if (term.kind !== 'map') return undefined;
  return term.entries.find(([key]) => atomName(key) === 'id')?.[1];
}

/** The ids of its children in their order; none where children are started one by one. */
function idsOf(
  { children, strategy }: SupervisorFacts,
  factsOfModule: (module: string) => KeptFacts | undefined,
): readonly string[] | Unknown {
  if (strategy === 'simple_one_for_one') return [];
  if (isUnknown(children)) return children;
  const ids: string[] = [];
  for (const child of children) {
    const resolved = resolveChild(child, factsOfModule);
    if (isUnknown(resolved)) return resolved;
    if (isUnknown(resolved.id)) return resolved.id;
    ids.push(resolved.id);
  }
  return ids;
}

function factsIn(
  application: ApplicationDiff,
  side: 'previous' | 'next',
): (module: string) => KeptFacts | undefined {
  return (name) => {
    for (const module of application.modules) {
      if (module.name !== name) continue;
      if (side === 'previous' && 'previous' in module) return module.previous.details();
      if (side === 'next' && 'next' in module) return module.next.details();
    }
    return undefined;
  };
}
