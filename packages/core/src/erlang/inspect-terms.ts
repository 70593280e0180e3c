import type { AtomTerm, Term, TupleTerm } from './term';

/** The elements of a proper list, `[]` and strings included; undefined for every other term. */
export function listElements(term: Term): readonly Term[] | undefined {
  if (term.kind === 'string') {
    return Array.from(term.value, (character) => ({ kind: 'integer', value: character.codePointAt(0) ?? 0 }));
  }
  return term.kind === 'list' && term.tail === undefined ? term.elements : undefined;
}

/** Whether `term` is an atom, and the one of that name where a name is given. */
export function isAtom(term: Term, name?: string): term is AtomTerm {
  return term.kind === 'atom' && (name === undefined || term.name === name);
}

/** Whether `term` is `[]`, which is the empty list and the empty string. */
export function isNil(term: Term): boolean {
  return term.kind === 'list' && term.elements.length === 0;
}

/** The name of an atom; undefined for every other term. */
export function atomName(term: Term): string | undefined {
  return term.kind === 'atom' ? term.name : undefined;
}

/** The text of a list of characters, `''` for `[]`; undefined for every other term. */
export function stringValue(term: Term): string | undefined {
  if (term.kind === 'string') return term.value;
  return isNil(term) ? '' : undefined;
}

/**
 * `term` as a tuple whose first element is the atom `tag` and that has `arity` elements (the tag counts), where
 * these are given; undefined for every other term.
 */
export function tupleOf(term: Term, tag?: string, arity?: number): TupleTerm | undefined {
  if (term.kind !== 'tuple') return undefined;
  if (arity !== undefined && term.elements.length !== arity) return undefined;
  const first = term.elements[0];
  return tag === undefined || (first !== undefined && isAtom(first, tag)) ? term : undefined;
}

/** A term and all its parts, outermost first, in the order they are written; the code points of a string are not parts. */
export function* subterms(term: Term): Generator<Term, void, undefined> {
  const pending = [term];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    const parts = directParts(next);
    for (let at = parts.length - 1; at >= 0; at--) {
      const part = parts[at];
      if (part !== undefined) pending.push(part);
    }
  }
}

function directParts(term: Term): readonly Term[] {
  switch (term.kind) {
    case 'list':
      return term.tail === undefined ? term.elements : [...term.elements, term.tail];
    case 'tuple':
      return term.elements;
    case 'map':
      return term.entries.flat();
    case 'atom':
    case 'integer':
    case 'float':
    case 'string':
    case 'binary':
    case 'fun':
    case 'identifier':
      return [];
  }
}
