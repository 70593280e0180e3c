import { atom, binary, codePoints, integer, list, map, tuple, type AtomTerm, type Term } from '../erlang';

/** What is asked of a node: texts become binaries, keys and `AtomTerm`s atoms. */
export type RequestValue =
  | string
  | number
  | boolean
  | Uint8Array
  | AtomTerm
  | readonly RequestValue[]
  | { readonly [key: string]: RequestValue };

export function toTerm(value: RequestValue): Term {
  switch (typeof value) {
    case 'string':
      return binary(new TextEncoder().encode(value));
    case 'number':
      return integer(value);
    case 'boolean':
      return atom(String(value));
    default:
  }
  if (value instanceof Uint8Array) return binary(value);
  if (isList(value)) return list(value.map(toTerm));
  if (isAtomTerm(value)) return value;
  return map(Object.entries(value).map(([key, inside]) => [atom(key), toTerm(inside)] as const));
}

function isList(value: RequestValue): value is readonly RequestValue[] {
  return Array.isArray(value);
}

function isAtomTerm(value: object): value is AtomTerm {
  return 'kind' in value && value.kind === 'atom' && 'name' in value;
}

export function request(id: number, name: string, args: readonly RequestValue[]): Term {
  return tuple(integer(id), atom(name), toTerm(args));
}

/** What a node tells: binaries are texts, atoms texts but for `true`, `false` and `undefined`, maps objects. */
export function fromTerm(term: Term): unknown {
  switch (term.kind) {
    case 'atom':
      if (term.name === 'true' || term.name === 'false') return term.name === 'true';
      return term.name === 'undefined' ? undefined : term.name;
    case 'integer':
    case 'float':
      return Number(term.value);
    case 'binary':
      return new TextDecoder().decode(term.bytes);
    case 'string':
      return codePoints(term.value);
    case 'list':
    case 'tuple':
      return term.elements.map(fromTerm);
    case 'map':
      return Object.fromEntries(
        term.entries.map(([key, value]) => [String(fromTerm(key)), fromTerm(value)] as const),
      );
    case 'fun':
    case 'identifier':
      return undefined;
  }
}

/** What an event of the node says under a key, as text; empty where it says nothing. */
export function textOf(event: Readonly<Record<string, unknown>>, key: string): string {
  const value = event[key];
  return typeof value === 'string' ? value : '';
}
