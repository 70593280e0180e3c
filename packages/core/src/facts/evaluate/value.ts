import { OtpError } from '../../error';
import {
  atom,
  codePoints,
  integer,
  list,
  map,
  printTerm,
  type Term,
  termsEqual,
  tupleFrom,
} from '../../erlang';

/** What is known of a value before the program runs. Parts of a compound value may be unknown one by one. */
export type Value =
  /** No tuple, list or map, except for a string. */
  | { readonly kind: 'scalar'; readonly term: Term }
  | { readonly kind: 'tuple'; readonly elements: readonly Value[] }
  /** With a `tail`, the list goes on with what is not known. */
  | { readonly kind: 'list'; readonly elements: readonly Value[]; readonly tail: Value | undefined }
  /** An open map may have further keys. */
  | {
      readonly kind: 'map';
      readonly entries: readonly (readonly [Term, Value])[];
      readonly isOpen: boolean;
    }
  /** An argument of the function that is evaluated, counted from 0, as it was given. */
  | { readonly kind: 'argument'; readonly index: number }
  /** Two with one `id` are the same function. */
  /** `isOwn` for one whose code is in the module: it is bound to that version of it. */
  | {
      readonly kind: 'function';
      readonly isOwn: boolean;
      readonly id: string;
      readonly call: (args: readonly Value[]) => Value;
    }
  /** What Elixir's `Module.child_spec/1` will answer, with some of its keys replaced. */
  | {
      readonly kind: 'child-spec-of';
      readonly module: string;
      readonly arg: Value;
      readonly overrides: readonly (readonly [Term, Value])[];
    }
  /** One of these, by what a condition will say. */
  | { readonly kind: 'choice'; readonly options: readonly Value[] }
  /** Nothing: the process ends, or an exception is raised. */
  | { readonly kind: 'never' }
  /** With `resultOf`, it is what that function (`module:name/arity`) answers, or a part of it. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly resultOf?: string };

/** More alternatives than these are not told apart. */
const maxOptions = 24;

export const never: Value = { kind: 'never' };

export function unknownValue(reason: string): Value {
  return { kind: 'unknown', reason };
}

/** What a function that is not followed answers, or a part of that. */
export function resultValue(called: string): Value {
  return { kind: 'unknown', reason: `the result of ${called}`, resultOf: called };
}

export function atomValue(name: string): Value {
  return { kind: 'scalar', term: atom(name) };
}

export function tupleValue(...elements: readonly Value[]): Value {
  return { kind: 'tuple', elements };
}

export function listValue(elements: readonly Value[], tail?: Value): Value {
  if (tail?.kind === 'list') return listValue([...elements, ...tail.elements], tail.tail);
  if (tail?.kind === 'scalar') {
    const rest = listParts(tail);
    if (rest !== undefined) return listValue([...elements, ...rest.elements]);
  }
  if (elements.length === 0 && tail !== undefined) return tail;
  return { kind: 'list', elements, tail };
}

/** A map of these entries after those of `base`; the later of equal keys counts. */
export function mapValue(
  base: readonly (readonly [Term, Value])[],
  entries: readonly (readonly [Term, Value])[],
  isOpen: boolean,
): Value {
  const merged: (readonly [Term, Value])[] = [];
  for (const entry of [...base, ...entries]) {
    const at = merged.findIndex(([key]) => termsEqual(key, entry[0]));
    if (at < 0) merged.push(entry);
    else merged[at] = entry;
  }
  return { kind: 'map', entries: merged, isOpen };
}

export function valueOfTerm(term: Term): Value {
  // A literal of the compiler nests as its source does; one that was damaged may nest deeper than the stack.
  return convertTerm(term, 0);
}

function convertTerm(term: Term, depth: number): Value {
  if (depth > 100) return unknownValue('a deeply nested literal');
  const inner = (part: Term): Value => convertTerm(part, depth + 1);
  switch (term.kind) {
    case 'tuple':
      return { kind: 'tuple', elements: term.elements.map(inner) };
    case 'list':
      return {
        kind: 'list',
        elements: term.elements.map(inner),
        tail: term.tail === undefined ? undefined : inner(term.tail),
      };
    case 'map':
      return { kind: 'map', entries: term.entries.map(([key, value]) => [key, inner(value)]), isOpen: false };
    default:
      return { kind: 'scalar', term };
  }
}

/** The whole term where all of it is known. */
export function termOf(value: Value): Term | undefined {
  switch (value.kind) {
    case 'scalar':
      return value.term;
    case 'tuple': {
      const elements = allKnown(value.elements);
      return elements && tupleFrom(elements);
    }
    case 'list': {
      const elements = value.tail === undefined ? allKnown(value.elements) : undefined;
      return elements && list(elements);
    }
    case 'map': {
      const values = value.isOpen ? undefined : allKnown(value.entries.map(([, entry]) => entry));
      return values && map(value.entries.map(([key], at): [Term, Term] => [key, values[at] ?? key]));
    }
    case 'choice':
    case 'argument':
    case 'function':
    case 'child-spec-of':
    case 'never':
    case 'unknown':
      return undefined;
  }
}

function allKnown(values: readonly Value[]): Term[] | undefined {
  const terms: Term[] = [];
  for (const value of values) {
    const term = termOf(value);
    if (term === undefined) return undefined;
    terms.push(term);
  }
  return terms;
}

/** A list's elements and open tail, whichever way it is kept; undefined for what is not known to be a list. */
export function listParts(
  value: Value,
): { readonly elements: readonly Value[]; readonly tail: Value | undefined } | undefined {
  if (value.kind === 'list') return value;
  if (value.kind !== 'scalar' || value.term.kind !== 'string') return undefined;
  return {
    elements: codePoints(value.term.value).map((point) => ({ kind: 'scalar', term: integer(point) })),
    tail: undefined,
  };
}

/** The elements of a list all of whose length is known. */
export function wholeList(value: Value): readonly Value[] | undefined {
  const parts = listParts(value);
  return parts?.tail === undefined ? parts?.elements : undefined;
}

export function atomOfValue(value: Value | undefined): string | undefined {
  return value?.kind === 'scalar' && value.term.kind === 'atom' ? value.term.name : undefined;
}

/** The value of an atom key, in a map or in a whole list of pairs. */
export function entryOf(value: Value, key: string): Value | undefined {
  if (value.kind === 'map') {
    return value.entries.find(([name]) => name.kind === 'atom' && name.name === key)?.[1];
  }
  for (const pair of listParts(value)?.elements ?? []) {
    if (pair.kind === 'tuple' && pair.elements.length === 2 && atomOfValue(pair.elements[0]) === key) {
      return pair.elements[1];
    }
  }
  return undefined;
}

/** One of these values. Alternatives that cannot be told apart are one; those that never come about are none. */
export function choice(values: readonly Value[]): Value {
  const candidates = values.flatMap(optionsOf).filter(({ kind }) => kind !== 'never');
  const [first, second] = candidates;
  if (first === undefined) return never;
  if (second === undefined) return first;
  const options: Value[] = [];
  const seen = new Set<string>();
  for (const option of candidates) {
    const fingerprint = fingerprintOf(option);
    if (seen.has(fingerprint)) continue;
    seen.add(fingerprint);
    options.push(option);
  }
  if (options.length === 1) return first;
  return options.length > maxOptions ? unknownValue('too many alternatives') : { kind: 'choice', options };
}

/** What a value may be. */
export function optionsOf(value: Value): readonly Value[] {
  return value.kind === 'choice' ? value.options : [value];
}

/** Applies `compute` to each alternative of `value`. */
export function forEachOption(value: Value, compute: (option: Value) => Value): Value {
  return value.kind === 'choice' ? choice(value.options.map(compute)) : compute(value);
}

/** The values that a compound value is made of. */
export function partsOf(value: Value): readonly Value[] {
  switch (value.kind) {
    case 'tuple':
      return value.elements;
    case 'list':
      return value.tail === undefined ? value.elements : [...value.elements, value.tail];
    case 'map':
      return value.entries.map(([, entry]) => entry);
    case 'child-spec-of':
      return [value.arg, ...value.overrides.map(([, entry]) => entry)];
    case 'choice':
      return value.options;
    case 'scalar':
    case 'argument':
    case 'function':
    case 'never':
    case 'unknown':
      return [];
  }
}

/** A term as Erlang text on one line; undefined for what has none, such as a pid. */
export function termText(term: Term): string | undefined {
  try {
    return printTerm(term, { width: Infinity });
  } catch (error) {
    if (error instanceof OtpError) return undefined;
    throw error;
  }
}

/** Equal for values that are told apart by nothing. */
export function fingerprintOf(value: Value): string {
  switch (value.kind) {
    case 'scalar':
      return termText(value.term) ?? `unprintable ${value.term.kind}`;
    case 'tuple':
      return `{${value.elements.map(fingerprintOf).join()}}`;
    case 'list':
      return `[${value.elements.map(fingerprintOf).join()}|${value.tail === undefined ? '' : fingerprintOf(value.tail)}]`;
    case 'map':
      return `#{${value.entries.map(([key, entry]) => `${fingerprintOf({ kind: 'scalar', term: key })}:${fingerprintOf(entry)}`).join()}${value.isOpen ? ',..' : ''}}`;
    case 'argument':
      return `argument ${value.index}`;
    case 'function':
      return `function ${value.id}`;
    case 'child-spec-of':
      return `child ${value.module} ${fingerprintOf(value.arg)} ${fingerprintOf({ kind: 'map', entries: value.overrides, isOpen: false })}`;
    case 'choice':
      return `(${value.options.map(fingerprintOf).join('|')})`;
    case 'never':
      return 'never';
    case 'unknown':
      return `unknown ${value.reason}`;
  }
}
