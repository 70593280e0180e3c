import type { PlannedAppup, PlannedSection } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ApplicationDiff, ModuleFacts } from '../diff';
import { isUnknown, type KeptFacts, type StateShape } from '../facts';
import type { Diagnostic } from './diagnostic';

/**
 * A process keeps its state while its code changes. Where the new code expects another shape and nothing converts the
 * old one, the next message kills the process, or worse, is answered wrongly.
 */
export function stateNotConverted(application: ApplicationDiff, appup: PlannedAppup): Diagnostic[] {
  const sections = appup.sections.filter((section) => section.version === application.previous.version);
  return application.modules.flatMap((module) =>
    module.kind === 'changed' && module.change === 'code'
      ? stateOfModule(application, module.previous, module.next, sections)
      : [],
  );
}

function stateOfModule(
  application: ApplicationDiff,
  previous: ModuleFacts,
  next: ModuleFacts,
  sections: readonly PlannedSection[],
): Diagnostic[] {
  const { name } = next;
  const role = moduleRole(next);
  if (role.kind !== 'process') return [];
  const [before, after] = [shapesOf(previous), shapesOf(next)];
  if ('unknown' in before || 'unknown' in after) {
    const reasons = [before, after].flatMap((shapes) => ('unknown' in shapes ? [shapes.unknown] : []));
    const why = `what the processes of ${name} keep could not be found out (${[...new Set(reasons)].join('; ')})`;
    const keeps = role.conversion !== 'converts' && role.conversion !== 'unknown';
    const records = keeps ? changedRecords(previous, next) : [];
    return [
      {
        code: 'state-unknown',
        severity: records.length > 0 ? 'warning' : 'info',
        application: application.name,
        module: name,
        message:
          records.length > 0
            ? `${why}, but ${records.join(' and ')}, and ${role.conversion === 'missing' ? `there is no ${role.codeChange}` : `${role.codeChange} keeps what it gets`}: processes that keep it go on with what the new code does not expect.`
            : `${why}, so nobody has checked whether its shape changed.`,
        fix: `Compare the states of ${application.previous.version} and ${application.next.version} yourself, and convert one to the other in ${role.codeChange} where they differ.`,
      },
    ];
  }
  if (sameShapes(before.shapes, after.shapes)) return [];
  if (role.conversion === 'converts' || role.conversion === 'unknown') {
    return sections
      .filter((section) => leavesStateAlone(section, application.name, name))
      .map(({ direction, version, origin }) => ({
        code: 'state-not-converted',
        severity: 'warning',
        application: application.name,
        module: name,
        message: `the state of ${name} was ${before.shapes.join(' or ')} and is ${after.shapes.join(' or ')}, but the instructions ${direction === 'up' ? 'up from' : 'down to'} "${version}"${origin.kind === 'kept' ? ` of ${origin.file}` : ''} load its code without a code change, so ${role.codeChange} is never called.`,
        fix: `Write {update, ${name}, {advanced, []}} in the place of the instruction for ${name}.`,
      }));
  }
  const why =
    role.conversion === 'missing' ? `there is no ${role.codeChange}` : `${role.codeChange} keeps it as it is`;
  return [
    {
      code: 'state-not-converted',
      severity: 'warning',
      application: application.name,
      module: name,
      message: `the state of ${name} was ${before.shapes.join(' or ')} and is ${after.shapes.join(' or ')}, but ${why}, so its processes go on with a state that the new code does not expect.`,
      fix: `Convert the state in ${role.codeChange}, both ways: on the way down it is called with {down, Vsn}.`,
    },
  ];
}

/** The records that the functions of both versions make or match, with other fields in the newer one. */
function changedRecords(previous: ModuleFacts, next: ModuleFacts): string[] {
  const [before, after] = [previous.details(), next.details()];
  if (isUnknown(before.records) || isUnknown(after.records)) return [];
  if (isUnknown(before.usedRecords) || isUnknown(after.usedRecords)) return [];
  const [old, now] = [before.records, after.records];
  const used = new Set(before.usedRecords);
  return after.usedRecords.flatMap((record) => {
    if (!used.has(record) || !Object.hasOwn(old, record) || !Object.hasOwn(now, record)) return [];
    const [was, is] = [old[record]?.join(', ') ?? '', now[record]?.join(', ') ?? ''];
    return was === is ? [] : [`#${record}{${was}} is #${record}{${is}} now`];
  });
}

/** Whether the section loads the module and lets no process of it convert its state; a restart makes a new state. */
function leavesStateAlone({ origin }: PlannedSection, application: string, module: string): boolean {
  let loads = false;
  for (const planned of origin.instructions) {
    const instruction = 'reason' in planned ? planned.instruction : planned;
    switch (instruction.kind) {
      case 'restart_new_emulator':
      case 'restart_emulator':
        return false;
      case 'restart_application':
        if (instruction.application === application) return false;
        break;
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

type Shapes = { readonly shapes: readonly string[] } | { readonly unknown: string };

/** The shapes that a process of the module may keep, in words that are equal when the shapes are. */
function shapesOf(module: ModuleFacts): Shapes {
  const details = module.details();
  const { states } = details;
  if (isUnknown(states)) return states;
  const shapes: string[] = [];
  for (const state of states) {
    const shape = isUnknown(state) ? state : shapeOf(state, details);
    if (typeof shape !== 'string') return shape;
    shapes.push(shape);
  }
  return shapes.length === 0
    ? { unknown: 'init/1 does not show it' }
    : { shapes: [...new Set(shapes)].sort() };
}

function shapeOf(state: StateShape, { records, struct }: KeptFacts): string | { readonly unknown: string } {
  if ('record' in state) {
    if (isUnknown(records)) return records;
    const fields = records[state.record];
    return fields === undefined
      ? { unknown: `the fields of #${state.record}{} are not known` }
      : `#${state.record}{${fields.join(', ')}}`;
  }
  if ('struct' in state) {
    if (isUnknown(struct)) return struct;
    return struct === null
      ? { unknown: `the fields of %${state.struct}{} are those of another module` }
      : `%${state.struct}{${struct.join(', ')}}`;
  }
  if ('tuple' in state)
    return `a tuple of ${state.tuple}${state.tag === undefined ? '' : ` tagged ${state.tag}`}`;
  if ('map' in state) return `#{${state.map.join(', ')}${state.open ? ', ...' : ''}}`;
  return `a value of type ${state.type}`;
}

function sameShapes(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((shape, index) => shape === b[index]);
}
