import { agreed, reasonOf, textOf } from './child-specifications';
import type { Expression, ModuleCode } from './code/expression';
import { termText, unknownValue, valueOfTerm, wholeList, type Value } from './evaluate/value';
import { unknown, type SupervisorFacts, type TermText, type Unknown } from './model';
import type { StartCall } from './process-starts';

/** What a supervisor's `init/1` is started with by its own module, and what its clauses take. */
export function initArgument(
  code: ModuleCode,
  starts: readonly StartCall[],
): NonNullable<SupervisorFacts['argument']> {
  const given = starts.map(({ starter, args }): Value => {
    const at = starter === 'supervisor:start_link/3' ? 2 : 1;
    return args[at] ?? unknownValue('no argument');
  });
  const clauses = code.functions.get('init/1')?.clauses ?? [];
  return {
    given:
      given.length === 0
        ? unknown('nothing in this module starts it')
        : agreed<TermText | Unknown>({ kind: 'choice', options: given }, shapeOfValue),
    taken: [...new Set(clauses.map(({ patterns: [pattern] }) => shapeOfPattern(pattern)))].sort(),
  };
}

function shapeOfValue(value: Value): TermText | Unknown {
  switch (value.kind) {
    case 'scalar':
      return textOf(value);
    case 'tuple':
      return ofTuple(value.elements.length);
    case 'list': {
      const elements = wholeList(value);
      return elements === undefined ? unknown(reasonOf(value)) : ofList(elements.length);
    }
    case 'map':
      return '#{}';
    default:
      return unknown(reasonOf(value));
  }
}

function shapeOfPattern(pattern: Expression | undefined): TermText {
  switch (pattern?.kind) {
    case 'literal': {
      const { term } = pattern;
      // A literal that is made of others is one pattern of the compiler's.
      if (term.kind === 'tuple' || term.kind === 'list' || term.kind === 'map') {
        const shape = shapeOfValue(valueOfTerm(term));
        return typeof shape === 'string' ? shape : '_';
      }
      return termText(term) ?? '_';
    }
    case 'tuple':
      return ofTuple(pattern.elements.length);
    case 'list':
      return pattern.tail === undefined ? ofList(pattern.elements.length) : '_';
    case 'map':
      return '#{}';
    case 'match': {
      const shape = shapeOfPattern(pattern.pattern);
      return shape === '_' ? shapeOfPattern(pattern.value) : shape;
    }
    default:
      return '_';
  }
}

function ofTuple(size: number): TermText {
  return `{${Array.from({ length: size }, () => '_').join(',')}}`;
}

function ofList(length: number): TermText {
  return `[${Array.from({ length }, () => '_').join(',')}]`;
}
