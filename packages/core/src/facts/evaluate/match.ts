import { type Term, termsEqual } from '../../erlang';
import type { Expression } from '../code/expression';
import { listParts, listValue, termOf, unknownValue, type Value } from './value';

/** The variables that have a value. A clause works on a copy. */
export type Bindings = Map<string, Value>;

export type Outcome = 'yes' | 'no' | 'maybe';

/** What a key of a map pattern stands for; undefined where it is not known. */
export type KeyReader = (key: Expression) => Term | undefined;

/**
 * Matches `value` with a pattern and binds the variables in it, those of a `maybe` too. After a `no` the bindings are
 * not to be used.
 */
export function matchPattern(
  pattern: Expression,
  value: Value,
  bindings: Bindings,
  keyOf: KeyReader,
): Outcome {
  switch (pattern.kind) {
    case 'variable':
      return matchVariable(pattern.name, value, bindings);
    case 'pinned': {
      const bound = bindings.get(pattern.name);
      return bound === undefined ? 'maybe' : sameValue(bound, value);
    }
    case 'literal':
      return sameValue({ kind: 'scalar', term: pattern.term }, value);
    case 'match':
      return both(
        matchPattern(pattern.pattern, value, bindings, keyOf),
        matchPattern(pattern.value, value, bindings, keyOf),
      );
    case 'tuple': {
      const elements = value.kind === 'tuple' ? value.elements : undefined;
      if (elements === undefined ? isKnown(value) : elements.length !== pattern.elements.length) return 'no';
      const outcome = all(
        pattern.elements.map((element, at) =>
          matchPattern(element, elements?.[at] ?? partOf(value), bindings, keyOf),
        ),
      );
      return elements === undefined ? both('maybe', outcome) : outcome;
    }
    case 'list':
      return matchList(pattern, value, bindings, keyOf);
    case 'map': {
      if (value.kind !== 'map' && isKnown(value)) return 'no';
      return all(
        pattern.entries.map(([keyPattern, entryPattern]) => {
          const key = keyOf(keyPattern);
          const entry =
            value.kind === 'map' && key !== undefined
              ? value.entries.find(([name]) => termsEqual(name, key))?.[1]
              : undefined;
          if (entry !== undefined) return matchPattern(entryPattern, entry, bindings, keyOf);
          if (value.kind === 'map' && !value.isOpen && key !== undefined) return 'no';
          return both('maybe', matchPattern(entryPattern, partOf(value), bindings, keyOf));
        }),
      );
    }
    default:
      bindUnknown(pattern, bindings);
      return 'maybe';
  }
}

function matchVariable(name: string, value: Value, bindings: Bindings): Outcome {
  if (name === '_') return 'yes';
  const bound = bindings.get(name);
  if (bound !== undefined) return sameValue(bound, value);
  bindings.set(name, value);
  return 'yes';
}

function matchList(
  pattern: Expression & { readonly kind: 'list' },
  value: Value,
  bindings: Bindings,
  keyOf: KeyReader,
): Outcome {
  const parts = listParts(value);
  if (parts === undefined) {
    if (isKnown(value)) return 'no';
    bindUnknown(pattern, bindings);
    return 'maybe';
  }
  const { elements, tail } = parts;
  const count = pattern.elements.length;
  if (
    tail === undefined &&
    (elements.length < count || (pattern.tail === undefined && elements.length > count))
  ) {
    return 'no';
  }
  if (pattern.tail === undefined && elements.length > count) return 'no';
  const outcomes = pattern.elements.map((element, at) =>
    matchPattern(element, elements[at] ?? partOf(value), bindings, keyOf),
  );
  if (pattern.tail !== undefined) {
    outcomes.push(matchPattern(pattern.tail, listValue(elements.slice(count), tail), bindings, keyOf));
  }
  return tail === undefined ? all(outcomes) : both('maybe', all(outcomes));
}

/** Gives each variable of a pattern that cannot be compared an unknown value. */
function bindUnknown(pattern: Expression, bindings: Bindings): void {
  switch (pattern.kind) {
    case 'variable':
      if (pattern.name !== '_' && !bindings.has(pattern.name)) {
        bindings.set(pattern.name, unknownValue('a part of an unknown value'));
      }
      return;
    case 'tuple':
    case 'list':
      for (const element of pattern.elements) bindUnknown(element, bindings);
      if (pattern.kind === 'list' && pattern.tail !== undefined) bindUnknown(pattern.tail, bindings);
      return;
    case 'map':
      for (const [, entry] of pattern.entries) bindUnknown(entry, bindings);
      return;
    case 'match':
      bindUnknown(pattern.pattern, bindings);
      bindUnknown(pattern.value, bindings);
      return;
    case 'opaque':
      for (const part of pattern.parts) bindUnknown(part, bindings);
      return;
    case 'remote-call':
      // `"prefix" ++ Rest`
      for (const arg of pattern.args) bindUnknown(arg, bindings);
      return;
    default:
      return;
  }
}

function sameValue(left: Value, right: Value): Outcome {
  const leftTerm = termOf(left);
  const rightTerm = termOf(right);
  if (leftTerm !== undefined && rightTerm !== undefined)
    return termsEqual(leftTerm, rightTerm) ? 'yes' : 'no';
  if (left.kind === 'argument' && right.kind === 'argument' && left.index === right.index) return 'yes';
  if (isKnown(left) && isKnown(right) && kindOf(left) !== kindOf(right)) return 'no';
  return 'maybe';
}

/** A string is a list. */
function kindOf(value: Value): string {
  return value.kind === 'scalar' && value.term.kind === 'string' ? 'list' : value.kind;
}

/** Whether it is certain what kind of term it is. */
function isKnown(value: Value): boolean {
  return value.kind === 'scalar' || value.kind === 'tuple' || value.kind === 'list' || value.kind === 'map';
}

function partOf(value: Value): Value {
  return value.kind === 'unknown' ? value : unknownValue('a part of an unknown value');
}

function all(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(both, 'yes');
}

function both(left: Outcome, right: Outcome): Outcome {
  if (left === 'no' || right === 'no') return 'no';
  return left === 'maybe' || right === 'maybe' ? 'maybe' : 'yes';
}
