import type { Instruction, PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { atomName, printTerm, type Term } from '../erlang';
import {
  isUnknown,
  resolveChild,
  sameSupervisor,
  unknown,
  type ChildFacts,
  type KeptFacts,
  type SupervisorFacts,
  type Unknown,
} from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, restartsAll, sectionsOf, type Section } from './section';
import { specificationText } from './specification-text';

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
        if (reason === undefined || !mayHaveChildren(next)) return [];
        return section.direction === 'up' ? [unknownChildren(section, name, reason)] : [];
      }
      return after.flatMap((supervisor) => {
        if (supervisor.kind === 'dynamic') return [];
        const old = sameSupervisor(supervisor, after, before);
        if (old === undefined) {
          const { function: made, kind } = supervisor;
          const several = before.some((one) => one.function === made && one.kind === kind);
          if (!several || section.direction === 'down') return [];
          return [unknownChildren(section, name, { unknown: `${made} makes several supervisors` })];
        }
        const [present, wanted] = [
          childrenById(old, section.left),
          childrenById(supervisor, section.entered),
        ];
        if (isUnknown(present) || isUnknown(wanted)) {
          const reason = isUnknown(present) ? present : isUnknown(wanted) ? wanted : undefined;
          return reason === undefined || section.direction === 'down'
            ? []
            : [unknownChildren(section, name, reason)];
        }
        return inSection(section, name, supervisor, present, wanted);
      });
    }),
  );
}

/** Of a supervisor, and of a module that hands children to Elixir's: nobody knows what its debug info would have told. */
function mayHaveChildren(module: ModuleFacts): boolean {
  return (
    moduleRole(module).kind === 'supervisor' ||
    (module.calls.get('Elixir.Supervisor')?.has('start_link/2') ?? false)
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
  { application, direction, keptIn, instructions, entered: surroundings }: Section,
  module: string,
  supervisor: SupervisorFacts,
  left: ReadonlyMap<string, ChildFacts>,
  entered: ReadonlyMap<string, ChildFacts>,
): Diagnostic[] {
  const { version } = application.previous;
  const calls = (functions: readonly string[], id: string): boolean =>
    instructions.some((instruction) => callsFor(instruction, functions, id, surroundings));
  const start = supervisor.kind === 'inline' ? ['start_child'] : ['restart_child', 'start_child'];
  const started = [...entered].filter(([id]) => !left.has(id) && !calls(start, id));
  const gone = [...left.keys()].filter((id) => !entered.has(id));
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
    const lines = started.map(([id, child]) =>
      supervisor.kind === 'inline'
        ? apply('start_child', specificationText(child))
        : apply('restart_child', id),
    );
    steps.push(`after the update ${lines.join(', ')}`);
  }
  const [from, to] =
    direction === 'up' ? [version, application.next.version] : [application.next.version, version];
  const stopped = [...new Set(stops.map(({ id }) => id))];
  const effects = [
    ...(started.length > 0 ? [`does not start ${started.map(([id]) => id).join(', ')}`] : []),
    ...(stopped.length > 0 ? [`does not stop and forget ${stopped.join(', ')}`] : []),
  ];
  const isComputed = started.some(([, child]) => Object.values(child).some(isUnknown));
  const completed = isComputed ? ', with what is computed in the place of the words in capitals' : '';
  const why =
    supervisor.kind === 'inline'
      ? ` ${module} hands its children to start_link, and an update re-reads nothing of them: start_child needs the whole specification${completed}.`
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
      fix: `Write in ${file}, in the section ${direction} ${direction === 'up' ? 'from' : 'to'} "${version}": ${steps.join('; ')}.${whose(supervisor)}${why}`,
    },
  ];
}

/** What to write for the name that is not known; a pid can't be written into an appup. */
function whose({ name }: SupervisorFacts): string {
  if (typeof name === 'string') return '';
  return name === null
    ? ' The supervisor has no name, and an appup can address no pid: start it with a name from this release on; this time, restart the application, or write {apply, {MODULE, FUNCTION, ARGUMENTS}} of a function of yours that finds it.'
    : ' NAME is what the supervisor is registered as.';
}

function callsFor(
  instruction: Instruction,
  functions: readonly string[],
  id: string,
  surroundings: ModuleIndex,
): boolean {
  if (instruction.kind !== 'apply') return false;
  const { module, function: called, args } = instruction.call;
  if (module !== 'supervisor' && module !== 'Elixir.Supervisor') return false;
  const child = args[1];
  if (child === undefined || !functions.includes(called)) return false;
  if (called !== 'start_child') return printTerm(child) === id;
  return idOfSpecification(child, module === 'Elixir.Supervisor' ? surroundings : undefined) === id;
}

/** @param askable the modules that Elixir's `Supervisor` asks for their specification; OTP's asks none */
function idOfSpecification(term: Term, askable: ModuleIndex | undefined): string | undefined {
  if (term.kind === 'map') {
    const id = term.entries.find(([key]) => atomName(key) === 'id')?.[1];
    return id && printTerm(id);
  }
  const elements = term.kind === 'tuple' ? term.elements : [term];
  const [first] = elements;
  if (first === undefined) return undefined;
  const childSpecOf = elements.length <= 2 ? atomName(first) : undefined;
  if (askable === undefined || childSpecOf === undefined) return printTerm(first);
  const asked = resolveChild({ childSpecOf, arg: unknown('not looked at') }, factsIn(askable));
  return isUnknown(asked) || isUnknown(asked.id) ? printTerm(first) : asked.id;
}

/** Its children by their ids, in their order; none where children are started one by one. */
function childrenById(
  { children, strategy }: SupervisorFacts,
  index: ModuleIndex,
): ReadonlyMap<string, ChildFacts> | Unknown {
  const byId = new Map<string, ChildFacts>();
  if (strategy === 'simple_one_for_one') return byId;
  if (isUnknown(children)) return children;
  for (const child of children) {
    const resolved = resolveChild(child, factsIn(index));
    if (isUnknown(resolved)) return resolved;
    if (isUnknown(resolved.id)) return resolved.id;
    byId.set(resolved.id, resolved);
  }
  return byId;
}

function factsIn(index: ModuleIndex): (module: string) => KeptFacts | undefined {
  return (module) => index.get(module)?.facts.details();
}
