import type { ModuleFacts } from '../diff';
import { isUnknown } from '../facts';
import { moduleRole } from './module-role';
import type { ModuleStep } from './module-step';

/**
 * Whether a process hands a state whose shape changes to another module that changes with it: a record or a struct that
 * the state of the process is made of, with other fields in the version that is entered, that the other module makes or
 * matches, too. Between two instructions one of them would meet the other's shape.
 */
export function sharesItsState(process: ModuleStep, helper: ModuleStep): boolean {
  const { left, entered } = process;
  if (left === undefined || entered === undefined) return false;
  if (moduleRole(process.newer ?? entered).kind !== 'process') return false;
  return [...stateNames(left), ...stateNames(entered)].some(
    (name) =>
      uses(helper.left, name) &&
      uses(helper.entered, name) &&
      mayBeOne(left, helper.left, name) &&
      mayBeOne(entered, helper.entered, name) &&
      (shapeChanges(process, name) || shapeChanges(helper, name)),
  );
}

/**
 * The changed modules that a process reaches by calls among modules that all make or match one record, whose fields
 * change: what the one makes the other would not match until it changes, too. The state may hold such records at any
 * depth, and so may what the calls are given.
 *
 * @param callees the modules with a step that a step calls
 */
export function sharersOfRecords<Node extends { readonly step: ModuleStep }>(
  process: Node,
  callees: (node: Node) => readonly Node[],
): { readonly node: Node; readonly record: string }[] {
  const { left, entered, newer } = process.step;
  if (left === undefined || entered === undefined) return [];
  if (moduleRole(newer ?? entered).kind !== 'process') return [];
  return [...new Set([...recordsOf(left), ...recordsOf(entered)])].flatMap((record) => {
    const reached = new Set([process]);
    for (const node of reached) {
      for (const callee of callees(node)) {
        const isOne =
          mayBeOne(left, callee.step.left, record) && mayBeOne(entered, callee.step.entered, record);
        if (isOne && sharesRecord(callee.step, record)) reached.add(callee);
      }
    }
    reached.delete(process);
    return [...reached].map((node) => ({ node, record }));
  });
}

/** Records of Erlang: a struct is a map, of which old and new code mostly bear more or fewer keys. */
function recordsOf(module: ModuleFacts): readonly string[] {
  const { usedRecords } = module.details();
  return isUnknown(usedRecords) ? [] : usedRecords.filter((name) => !name.startsWith('Elixir.'));
}

/** A code change uses what the older code may only have held. */
function sharesRecord(step: ModuleStep, record: string): boolean {
  return (uses(step.left, record) || uses(step.entered, record)) && shapeChanges(step, record);
}

/** The records and structs that its state may be. */
function stateNames(module: ModuleFacts): string[] {
  const { states } = module.details();
  if (isUnknown(states)) return [];
  return states.flatMap((state) => {
    if (isUnknown(state)) return [];
    if ('record' in state) return [state.record];
    return 'struct' in state ? [state.struct] : [];
  });
}

function uses(module: ModuleFacts | undefined, name: string): boolean {
  const used = module?.details().usedRecords;
  if (used === undefined) return false;
  // The struct of a module is its own business in any case.
  return module?.name === name || (!isUnknown(used) && used.includes(name));
}

/** Almost everybody's record is called `state`: only those with the same fields come from one header. */
function mayBeOne(process: ModuleFacts, helper: ModuleFacts | undefined, name: string): boolean {
  const [mine, its] = [fieldsOf(process, name), fieldsOf(helper, name)];
  return mine === undefined || its === undefined || mine.join(' ') === its.join(' ');
}

function shapeChanges({ left, entered }: ModuleStep, name: string): boolean {
  const [before, after] = [fieldsOf(left, name), fieldsOf(entered, name)];
  return before !== undefined && after !== undefined && before.join(' ') !== after.join(' ');
}

function fieldsOf(module: ModuleFacts | undefined, name: string): readonly string[] | undefined {
  if (module === undefined) return undefined;
  const { records, struct } = module.details();
  if (module.name === name) return struct === null || isUnknown(struct) ? undefined : struct;
  return isUnknown(records) || !Object.hasOwn(records, name) ? undefined : records[name];
}
