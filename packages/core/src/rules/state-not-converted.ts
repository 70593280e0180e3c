import { convertsState, moduleRole, specialProcess, type Conversion } from '../appup/module-role';
import { foundByAnother } from '../appup/supervised-processes';
import type { ReleasePair } from '../diff/module-index';
import type { PlannedAppup } from '../appup';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import {
  type ChangedModule,
  changedModules,
  listed,
  quoted,
  replacementOf,
  restartsAll,
  type Section,
  sectionsOf,
  suspendsTogether,
} from './section';
import { stateChange, usedRecordsChanged } from './state-change';
import { stateFunctionsGone } from './state-functions';

/**
 * A process keeps its state while its code changes. Where the new code expects another shape and nothing converts the
 * old one, the next message kills the process, or worse, is answered wrongly: a handler of gen_event stays registered
 * and does nothing.
 */
export function stateNotConverted(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const sections = sectionsOf(pair, appups);
  return pair.difference.kept.flatMap((application) => {
    const own = sections.filter((section) => section.application === application);
    const hot = own.filter((section) => !restartsAll(section));
    if (hot.length === 0) return [];
    const doubts: Doubt[] = [];
    const findings = changedModules(application).flatMap((module) =>
      stateOfModule(module, hot, pair.modules, doubts),
    );
    return [...findings, ...statesUnknown(application, doubts)];
  });
}

/** A module whose states are not known, and why. */
interface Doubt {
  readonly module: string;
  readonly codeChange: string;
  readonly reason: string;
}

/** One finding for each reason: where a release was stripped, all of its processes have the same. */
function statesUnknown(
  { name, previous, next }: Section['application'],
  doubts: readonly Doubt[],
): Diagnostic[] {
  return [...new Set(doubts.map(({ reason }) => reason))].map((reason): Diagnostic => {
    const alike = doubts.filter((doubt) => doubt.reason === reason);
    const modules = alike.map(({ module }) => module);
    const codeChanges = [...new Set(alike.map(({ codeChange }) => codeChange))].sort();
    const [only] = modules;
    return {
      code: 'state-unknown',
      severity: 'info',
      application: name,
      ...(modules.length === 1 && only !== undefined && { module: only }),
      message: `what the processes of ${listed(modules)} keep could not be found out (${reason}), so nobody has checked whether its shape changed.`,
      fix: `Compare the states of ${previous.version} and ${next.version} yourself, and convert one to the other in ${listed(codeChanges)} where they differ.`,
    };
  });
}

function stateOfModule(
  module: ChangedModule,
  sections: readonly Section[],
  modules: ReleasePair['modules'],
  doubts: Doubt[],
): Diagnostic[] {
  const { next, name } = module;
  const [first] = sections;
  if (first === undefined) return [];
  const { application } = first;
  const role = moduleRole(next, modules.next);
  if (role.kind !== 'process') return [];
  const finding = (what: string, fix: string): Diagnostic => ({
    code: 'state-not-converted',
    severity: 'error',
    application: application.name,
    module: name,
    message: `the state of ${name} ${what}`,
    fix,
  });
  const gone = stateFunctionsGone(module, sections, role.conversion);
  if (gone.length > 0) {
    return [
      finding(
        `may be one whose function is gone: ${gone.join(', ')}, and nothing converts it, so that its next event ends in undef.`,
        `Keep the function for one version, or answer the new state in ${role.codeChange}, both ways.`,
      ),
    ];
  }
  const differs = differenceOf(module, role.behaviour, modules);
  const held = heldRecords(module, role.conversion, differs);
  if (held.length > 0) {
    return [
      {
        ...finding(
          `may hold ${listed(held.map((record) => `#${record}{}`))}, whose fields changed, and ${withoutConversion(role)}: records that the older code made would not match any more.`,
          `Convert those that it holds in ${role.codeChange}, both ways; or allow this finding where they are only made and used on the spot.`,
        ),
        severity: 'warning',
      },
    ];
  }
  if (typeof differs === 'object') {
    doubts.push({ module: name, codeChange: role.codeChange, reason: differs.unknown });
    return [];
  }
  if (differs === undefined) return [];
  if (role.conversion === 'converts' || role.conversion === 'unknown') {
    return sections
      .filter((section) => leavesStateAlone(section, name) && !isConvertedByAnother(section, name))
      .map(({ place }) =>
        finding(
          `${differs}, but the instructions ${place} load its code without a code change, so ${role.codeChange} is never called.`,
          `Write {update, ${quoted(name)}, {advanced, []}} in the place of the instruction for ${name}.`,
        ),
      );
  }
  const why = withoutConversion(role);
  if (onlyAddsShapes(module, modules)) {
    const { before: older, after: newer } = versionsOf(first);
    return [
      {
        ...finding(
          `${differs}; ${newer} still starts with what ${older} has, but ${why}, so a process that has another state by then takes it back to ${older}, which does not expect it.`,
          `Convert the state in ${role.codeChange} for {down, Vsn}, or allow this finding where the older code can do with it.`,
        ),
        severity: 'warning',
      },
    ];
  }
  return [
    finding(
      `${differs}, but ${why}, so its processes go on with a state that the new code does not expect.`,
      `Convert the state in ${role.codeChange}, both ways: on the way down it is called with {down, Vsn}.`,
    ),
  ];
}

function withoutConversion({ conversion, codeChange }: ProcessRole): string {
  return conversion === 'missing' ? `there is no ${codeChange}` : `${codeChange} keeps it as it is`;
}

type ProcessRole = Extract<ReturnType<typeof moduleRole>, { readonly kind: 'process' }>;

/** Records that the module uses and whose fields changed, where the state by itself shows no difference. */
function heldRecords(
  { previous, next }: ChangedModule,
  conversion: Conversion,
  differs: ReturnType<typeof differenceOf>,
): readonly string[] {
  if (convertsState(conversion) || typeof differs === 'string') return [];
  const records = usedRecordsChanged(previous, next);
  // A struct is a map, and mostly bears other keys.
  return isUnknown(records) ? [] : records.filter((name) => !name.startsWith('Elixir.'));
}

function onlyAddsShapes(module: ChangedModule, modules: ReleasePair['modules']): boolean {
  const change = stateChange(module, modules);
  return change !== undefined && !isUnknown(change) && change.onlyAdds;
}

function versionsOf({ application: { previous, next } }: Section): {
  readonly before: string;
  readonly after: string;
} {
  return { before: previous.version, after: next.version };
}

/** How the state differs, in words that follow "the state of M". */
function differenceOf(
  { previous, next }: ChangedModule,
  behaviour: string,
  modules: ReleasePair['modules'],
): string | undefined | { readonly unknown: string } {
  const change = stateChange({ previous, next }, modules);
  if (change === undefined) return undefined;
  if (!isUnknown(change)) return `was ${change.before} and is ${change.after}`;
  // A special process has no init/1 that would show its state; what it keeps is a record of its own, if any.
  if (behaviour !== specialProcess) return change;
  const records = usedRecordsChanged(previous, next);
  if (isUnknown(records)) return change;
  return records.length === 0 ? change : `may be made of ${listed(records)}, whose fields changed`;
}

/** Whether its processes are found by the name of another module, and suspended and converted by that name. */
function isConvertedByAnother(section: Section, module: string): boolean {
  const named = foundByAnother(section.left).get(module);
  return (
    named !== undefined &&
    replacementOf(section, named)?.how === 'advanced' &&
    suspendsTogether(section, named, module)
  );
}

/** Whether the section loads the module and lets no process of it convert its state. */
function leavesStateAlone({ instructions }: Section, module: string): boolean {
  let loads = false;
  for (const instruction of instructions) {
    switch (instruction.kind) {
      case 'code_change':
        if (instruction.changes.some((change) => change.module === module)) return false;
        break;
      case 'stop':
        if (instruction.modules.includes(module)) return false;
        break;
      case 'update':
        if (instruction.module !== module) break;
        if (instruction.change.kind === 'advanced') return false;
        loads = true;
        break;
      case 'load_module':
      case 'load':
        loads ||= instruction.module === module;
        break;
      default:
        break;
    }
  }
  return loads;
}
