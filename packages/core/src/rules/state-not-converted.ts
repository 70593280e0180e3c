import { moduleRole, specialProcess } from '../appup/module-role';
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
  const differs = differenceOf(module, role.behaviour);
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
  const why =
    role.conversion === 'missing' ? `there is no ${role.codeChange}` : `${role.codeChange} keeps it as it is`;
  return [
    finding(
      `${differs}, but ${why}, so its processes go on with a state that the new code does not expect.`,
      `Convert the state in ${role.codeChange}, both ways: on the way down it is called with {down, Vsn}.`,
    ),
  ];
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
