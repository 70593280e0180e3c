import type { ModuleFacts } from '../diff';
import type { ModuleIndex, ReleasePair } from '../diff/module-index';
import { isUnknown, type KeptFacts, type StateShape, type Unknown } from '../facts';
import type { ChangedModule } from './section';

/** The shapes that the processes of a module keep, before and after, in words. */
export interface StateChange {
  readonly before: string;
  readonly after: string;
  /** Whether the newer code still makes every shape that the older one makes, and others beside them. */
  readonly onlyAdds: boolean;
}

/**
 * How the states of a module differ between two releases; undefined where they do not.
 *
 * @param modules those of both releases, among them the ones whose structs a state may be
 */
export function stateChange(
  { previous, next }: Pick<ChangedModule, 'previous' | 'next'>,
  modules: ReleasePair['modules'],
): StateChange | undefined | Unknown {
  const [before, after] = [shapesOf(previous, modules.previous), shapesOf(next, modules.next)];
  const reasons = [before, after].flatMap((shapes) => ('unknown' in shapes ? [shapes.unknown] : []));
  if ('unknown' in before || 'unknown' in after) return { unknown: [...new Set(reasons)].join('; ') };
  if (sameShapes(before.shapes, after.shapes)) return undefined;
  return {
    before: before.shapes.join(' or '),
    after: after.shapes.join(' or '),
    onlyAdds: before.shapes.every((shape) => after.shapes.includes(shape)),
  };
}

/** Records and structs of the module itself that its functions use on both sides, and whose fields differ. */
export function usedRecordsChanged(previous: ModuleFacts, next: ModuleFacts): readonly string[] | Unknown {
  const [before, after] = [previous.details(), next.details()];
  const changed: string[] = [];
  if (isUnknown(before.usedRecords)) return before.usedRecords;
  if (isUnknown(after.usedRecords)) return after.usedRecords;
  for (const name of before.usedRecords) {
    if (!after.usedRecords.includes(name)) continue;
    // A struct goes by the name of its module, and so may a record.
    const [old, young] = [fieldsOf(previous.name, before, name), fieldsOf(next.name, after, name)];
    if (old === undefined || young === undefined) continue;
    if (isUnknown(old)) return old;
    if (isUnknown(young)) return young;
    if (old.join() !== young.join()) changed.push(name);
  }
  return changed;
}

function fieldsOf(
  module: string,
  { records, struct }: KeptFacts,
  name: string,
): readonly string[] | undefined | Unknown {
  if (isUnknown(records)) return records;
  // Records may be called `constructor`.
  const own = Object.hasOwn(records, name) ? records[name] : undefined;
  return own ?? (name === module && struct !== null ? struct : undefined);
}

type Shapes = { readonly shapes: readonly string[] } | Unknown;

/** The shapes that a process of the module may keep, in words that are equal when the shapes are. */
function shapesOf(module: ModuleFacts, index: ModuleIndex): Shapes {
  const details = module.details();
  const { states } = details;
  if (isUnknown(states)) return states;
  const shapes: string[] = [];
  for (const state of states) {
    const shape = isUnknown(state) ? state : shapeOf(state, details, module.name, index);
    if (typeof shape !== 'string') return shape;
    shapes.push(shape);
  }
  return shapes.length === 0
    ? { unknown: 'init/1 does not show it' }
    : { shapes: [...new Set(shapes)].sort() };
}

function shapeOf(
  state: StateShape,
  { records, struct: own }: KeptFacts,
  module: string,
  index: ModuleIndex,
): string | Unknown {
  if ('record' in state) {
    if (isUnknown(records)) return records;
    const fields = Object.hasOwn(records, state.record) ? records[state.record] : undefined;
    return fields === undefined
      ? { unknown: `the fields of #${state.record}{} are not known` }
      : `#${state.record}{${fields.join(', ')}}`;
  }
  if ('struct' in state) {
    const struct = state.struct === module ? own : index.get(state.struct)?.facts.details().struct;
    if (isUnknown(struct)) return struct;
    return struct === null || struct === undefined
      ? { unknown: `the fields of %${state.struct}{} are not known` }
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
