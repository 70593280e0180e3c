import type { Instruction, PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { atomName, printTerm, type Term } from '../erlang';
import { isUnknown, resolveChild, type SupervisorFacts, type Unknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, restartsAll, sectionsOf, type Section } from './section';

/**
 * The code change of a supervisor replaces the specifications of its children and touches no process
 * (`supervisor:code_change/3`): a child that is new is not started, and one that is gone goes on running. Instructions
 * of the appup have to start the one and stop the other.
 */
export function childrenChanged(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups).filter((section) => !restartsAll(section));
  return sections.flatMap((section) =>
    changedModules(section.application).flatMap(({ name, previous, next }) => {
      const [left, entered] = section.direction === 'up' ? [previous, next] : [next, previous];
      const [before, after] = [left.details().supervisors, entered.details().supervisors];
      if (isUnknown(before) || isUnknown(after)) {
        const reason = isUnknown(before) ? before : isUnknown(after) ? after : undefined;
        if (reason === undefined || moduleRole(next).kind !== 'supervisor') return [];
        return section.direction === 'up' ? [unknownChildren(section, name, reason)] : [];
      }
      return after.flatMap((supervisor) => {
        const old = before.find(
          (one) => one.function === supervisor.function && one.kind === supervisor.kind,
        );
        if (old === undefined || supervisor.kind === 'dynamic') return [];
        const [ids, youngIds] = [idsOf(old, section.left), idsOf(supervisor, section.entered)];
        if (isUnknown(ids) || isUnknown(youngIds)) {
          const reason = isUnknown(ids) ? ids : isUnknown(youngIds) ? youngIds : undefined;
          return reason === undefined || section.direction === 'down'
            ? []
            : [unknownChildren(section, name, reason)];
        }
        return inSection(section, name, supervisor, ids, youngIds);
      });
    }),
  );
}

function unknownChildren({ application }: Section, module: string, { unknown }: Unknown): Diagnostic {
  return {
    code: 'children-unknown',
    severity: 'warning',
    application: application.name,
    module,
    message: `the children of ${module} could not be found out (${unknown}), so nobody has checked whether some have to be started or stopped.`,
    fix: `Compare its children in ${application.previous.version} and ${application.next.version} yourself, and start those that are new and stop those that are gone in the appup.`,
  };
}

function inSection(
  { application, direction, keptIn, instructions }: Section,
  module: string,
  supervisor: SupervisorFacts,
  left: readonly string[],
  entered: readonly string[],
): Diagnostic[] {
  const { version } = application.previous;
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
    keptIn !== undefined
      ? keptIn
      : `rel/appups/${application.name}/${version}_to_${application.next.version}.appup`;
  return [
    {
      code: 'children-changed',
      severity: 'error',
      application: application.name,
      module,
      message: `from ${from} to ${to} the children of ${module} change, and the appup ${effects.join(' and ')}: the code change of a supervisor starts and stops no process.`,
      fix: `Write in ${file}, in the section ${direction} ${direction === 'up' ? 'from' : 'to'} "${version}": ${steps.join('; ')}.${whose}${why}`,
    },
  ];
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
function idsOf({ children, strategy }: SupervisorFacts, index: ModuleIndex): readonly string[] | Unknown {
  if (strategy === 'simple_one_for_one') return [];
  if (isUnknown(children)) return children;
  const ids: string[] = [];
  for (const child of children) {
    const resolved = resolveChild(child, (module) => index.get(module)?.facts.details());
    if (isUnknown(resolved)) return resolved;
    if (isUnknown(resolved.id)) return resolved.id;
    ids.push(resolved.id);
  }
  return ids;
}
