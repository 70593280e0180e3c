import { convertsState, moduleRole, specialProcess, type Conversion } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import type { PlannedAppup } from '../appup';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import {
  type ChangedModule,
  changedModules,
  listed,
  quoted,
  restartsAll,
  type Section,
  sectionsOf,
} from './section';
import { stateChange, usedRecordsChanged } from './state-change';

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
    return changedModules(application).flatMap((module) => stateOfModule(module, hot, pair.modules.next));
  });
}

function stateOfModule(
  module: ChangedModule,
  sections: readonly Section[],
  surroundings: ModuleIndex,
): Diagnostic[] {
  const { next, name } = module;
  const [first] = sections;
  if (first === undefined) return [];
  const { application } = first;
  const role = moduleRole(next, surroundings);
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
  const differs = differenceOf(module, role.behaviour);
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
    return [
      {
        code: 'state-unknown',
        severity: 'info',
        application: application.name,
        module: name,
        message: `what the processes of ${name} keep could not be found out (${differs.unknown}), so nobody has checked whether its shape changed.`,
        fix: `Compare the states of ${application.previous.version} and ${application.next.version} yourself, and convert one to the other in ${role.codeChange} where they differ.`,
      },
    ];
  }
  if (differs === undefined) return [];
  if (role.conversion === 'converts' || role.conversion === 'unknown') {
    return sections
      .filter((section) => leavesStateAlone(section, name))
      .map(({ place }) =>
        finding(
          `${differs}, but the instructions ${place} load its code without a code change, so ${role.codeChange} is never called.`,
          `Write {update, ${quoted(name)}, {advanced, []}} in the place of the instruction for ${name}.`,
        ),
      );
  }
  const why = withoutConversion(role);
  if (onlyAddsShapes(module)) {
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

/**
 * Functions of states that one version of a `state_functions` machine has and the other lacks, in words; what other
 * modules call is part of its interface. A state that only the newer has is met on the way down.
 */
function stateFunctionsGone(
  { previous, next }: ChangedModule,
  sections: readonly Section[],
  conversion: Conversion,
): string[] {
  if (convertsState(conversion)) return [];
  const isFunctions = [previous, next].every((facts) => {
    const { callbackMode } = facts.details();
    return typeof callbackMode === 'string' && callbackMode.includes('state_functions');
  });
  if (!isFunctions) return [];
  return sections.flatMap(({ left, entered, place }) => {
    const exports = left.get(next.name)?.facts.exports ?? [];
    const called = [...exports].filter(
      (name) =>
        /^[^/]+\/3$/.test(name) &&
        !otherCallbacks.has(name) &&
        !(entered.get(next.name)?.facts.exports.has(name) ?? false) &&
        ![...left.values()].some(({ facts }) => facts.calls.get(next.name)?.has(name) ?? false),
    );
    // A state that is only new has old ones beside it; where one took the place of another, both ways lose one.
    return called.length === 0 || !losesStates(previous, next) ? [] : [`${listed(called.sort())}, ${place}`];
  });
}

const otherCallbacks: ReadonlySet<string> = new Set([
  'terminate/3',
  'format_status/3',
  'start_link/3',
  'start/3',
]);

/** Whether the newer code lacks a function with three arguments that the older has. */
function losesStates(previous: ModuleFacts, next: ModuleFacts): boolean {
  return [...previous.exports].some((name) => /^[^/]+\/3$/.test(name) && !next.exports.has(name));
}

function onlyAddsShapes({ previous, next }: ChangedModule): boolean {
  const change = stateChange(previous, next);
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
): string | undefined | { readonly unknown: string } {
  const change = stateChange(previous, next);
  if (change === undefined) return undefined;
  if (!isUnknown(change)) return `was ${change.before} and is ${change.after}`;
  // A special process has no init/1 that would show its state; what it keeps is a record of its own, if any.
  if (behaviour !== specialProcess) return change;
  const records = usedRecordsChanged(previous, next);
  if (isUnknown(records)) return change;
  return records.length === 0 ? change : `may be made of ${listed(records)}, whose fields changed`;
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
