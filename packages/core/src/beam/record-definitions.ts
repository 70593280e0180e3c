import { atomName, isAtom, listElements, type Term, tupleOf } from '../erlang';
import type { DebugInfo } from './debug-info';

/**
 * The records that an Erlang module knows, its headers' included: name to the names of the fields, in their order.
 * A record without fields is an empty list. Empty for every other kind of debug info: Elixir's `defrecord` leaves
 * macros behind, not a definition.
 */
export function recordDefinitions(debugInfo: DebugInfo): ReadonlyMap<string, readonly string[]> {
  const records = new Map<string, readonly string[]>();
  if (debugInfo.kind !== 'erlang-forms') return records;
  for (const form of listElements(debugInfo.forms) ?? []) {
    const [, , kind, definition] = tupleOf(form, 'attribute', 4)?.elements ?? [];
    if (kind === undefined || definition === undefined || !isAtom(kind, 'record')) continue;
    const [name, fields] = tupleOf(definition, undefined, 2)?.elements ?? [];
    if (name?.kind !== 'atom' || fields === undefined) continue;
    records.set(name.name, (listElements(fields) ?? []).flatMap(fieldName));
  }
  return records;
}

/**
 * The fields of the struct that an Elixir module defines, in the order of its `defstruct`; `undefined` when it defines
 * none, or when the debug info does not tell. Where it holds the struct itself instead of a list of its fields (older
 * Elixir), they are sorted by name.
 */
export function structFields(debugInfo: DebugInfo): readonly string[] | undefined {
  if (debugInfo.kind !== 'elixir') return undefined;
  const struct = mapValue(debugInfo.module, 'struct');
  if (struct?.kind === 'map') {
    return struct.entries.flatMap(([key]) => atomName(key) ?? []).filter((name) => name !== '__struct__');
  }
  if (struct === undefined || struct.kind === 'atom') return undefined;
  return listElements(struct)?.flatMap((entry) => {
    const field = mapValue(entry, 'field');
    return field === undefined ? [] : (atomName(field) ?? []);
  });
}

/** `{record_field, Anno, {atom, Anno, Name}}`, the same with a default, and `{typed_record_field, Field, Type}`. */
function fieldName(field: Term): readonly string[] {
  const untyped = tupleOf(field, 'typed_record_field', 3)?.elements[1] ?? field;
  const nameForm = tupleOf(untyped, 'record_field')?.elements[2];
  const name = nameForm === undefined ? undefined : tupleOf(nameForm, 'atom', 3)?.elements[2];
  return name?.kind === 'atom' ? [name.name] : [];
}

function mapValue(term: Term, key: string): Term | undefined {
  if (term.kind !== 'map') return undefined;
  return term.entries.find(([name]) => isAtom(name, key))?.[1];
}
