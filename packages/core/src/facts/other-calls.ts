import { literalAtom, localFunction } from './calls';
import { isCodeChange } from './code-change';
import { type Expression, type FunctionCode, type ModuleCode, visitFunction } from './code/expression';
import {
  evaluateFunction,
  type EvaluationBudget,
  evaluationBudget,
  type ObservedCall,
} from './evaluate/evaluator';
import { atomOfValue, optionsOf, partsOf, type Value, wholeList } from './evaluate/value';
import { isUnknown, type KeptFacts } from './model';
import { mfaPlaces } from './mfa-callers';
import { callersWithModules } from './module-arguments';

/** Values that are looked through for modules, functions and arguments, for each function. */
const maxParts = 20_000;

/**
 * The calls that the import table does not show. Every `{m, f, [Argument]}` counts, as whoever is given it may call it,
 * so that some are none; `apply(m, f, Arguments)` is left out, of which the arity is not known.
 */
export function otherCallsOf(
  code: ModuleCode,
  exports: ReadonlySet<string>,
  imports: ReadonlySet<string>,
  supervisors: KeptFacts['supervisors'],
): Pick<KeptFacts, 'otherCalls' | 'codeChangeCalls'> {
  const byFunction = callsByFunction(code, evaluationBudget());
  const all = new Set([...byFunction.values()].flatMap((calls) => [...calls]));
  for (const call of childCalls(supervisors)) all.add(call);
  const isOther = (call: string): boolean => !imports.has(call) && isOutside(code, call);
  return {
    otherCalls: [...all].filter(isOther).sort(),
    codeChangeCalls: codeChangeCallsOf(code, exports, byFunction),
  };
}

function codeChangeCallsOf(
  code: ModuleCode,
  exports: ReadonlySet<string>,
  byFunction: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const calls = new Set<string>();
  // A set is walked in the order of insertion, what is added on the way included.
  const reachable = new Set([...exports].filter(isCodeChange));
  for (const name of reachable) {
    const called = code.functions.get(name);
    if (called === undefined) continue;
    for (const call of byFunction.get(name) ?? []) calls.add(call);
    visitFunction(called, (expression) => {
      const local = localFunction(code, expression);
      if (local !== undefined) reachable.add(local);
      if (expression.kind !== 'remote-call') return;
      const call = functionText(
        literalAtom(expression.module),
        literalAtom(expression.name),
        expression.args.length,
      );
      if (call !== undefined) calls.add(call);
    });
  }
  return [...calls].filter((call) => isOutside(code, call)).sort();
}

/** Built-in functions are no module's that an upgrade could change. */
function isOutside(code: ModuleCode, call: string): boolean {
  return !call.startsWith(`${code.module}:`) && !call.startsWith('erlang:');
}

/** The calls of each function as they are written, and where that does not tell, as evaluation has them. */
function callsByFunction(code: ModuleCode, budget: EvaluationBudget): ReadonlyMap<string, Set<string>> {
  const byFunction = new Map<string, Set<string>>();
  const computed = new Set<string>();
  for (const [name, called] of code.functions) {
    const calls = new Set<string>();
    byFunction.set(name, calls);
    visitFunction(called, (expression) => {
      const found = writtenCalls(code, expression);
      if (found === 'computed') computed.add(name);
      else for (const call of found) calls.add(call);
    });
  }
  for (const name of [...computed, ...callersWithModules(code, computed)]) {
    const called = code.functions.get(name);
    if (called !== undefined) evaluateCalls(code, called, byFunction.get(name) ?? new Set(), budget);
  }
  return byFunction;
}

function evaluateCalls(
  code: ModuleCode,
  called: FunctionCode,
  calls: Set<string>,
  budget: EvaluationBudget,
): void {
  const add = (call: string | undefined): void => {
    if (call !== undefined) calls.add(call);
  };
  const parts = { left: maxParts };
  const addCall = ({ module, name, args }: ObservedCall): void => {
    for (const option of optionsOf(module)) {
      add(functionText(atomOfValue(option), atomOfValue(name), args.length));
    }
  };
  evaluateFunction(code, called.name, called.arity, {
    observeComputed: addCall,
    budget,
    observe: ({ module, name, args }) => {
      addCall({ module, name, args });
      const place = mfaPlaces(atomOfValue(module) ?? '', atomOfValue(name) ?? '', args.length);
      if (place !== undefined) for (const call of handedOver(args.slice(place, place + 3))) add(call);
      for (const arg of args) triplesIn(arg, parts, add);
    },
    observeReference: (module, name, arity) => add(functionText(module, name, arity)),
  });
}

/** What an expression of itself calls or makes callable; `computed` when only its evaluation can tell. */
function writtenCalls(code: ModuleCode, expression: Expression): readonly string[] | 'computed' {
  switch (expression.kind) {
    case 'fun-reference': {
      if (expression.module === undefined) return [];
      const module = literalAtom(expression.module);
      const name = literalAtom(expression.name);
      if (module === undefined || name === undefined) return 'computed';
      return listed(functionText(module, name, expression.arity));
    }
    case 'literal': {
      const { term } = expression;
      return term.kind === 'fun' ? listed(functionText(term.module, term.name, term.arity)) : [];
    }
    case 'tuple':
      return expression.elements.length === 3 ? (writtenTriple(expression.elements) ?? []) : [];
    case 'local-call':
      return code.functions.has(`${expression.name}/${expression.args.length}`)
        ? []
        : handedTo('erlang', expression.name, expression.args);
    case 'remote-call': {
      const module = literalAtom(expression.module);
      const name = literalAtom(expression.name);
      if (module === undefined || name === undefined) return 'computed';
      return handedTo(module, name, expression.args);
    }
    default:
      return [];
  }
}

function handedTo(module: string, name: string, args: readonly Expression[]): readonly string[] | 'computed' {
  const place = mfaPlaces(module, name, args.length);
  if (place === undefined) return [];
  return writtenTriple(args.slice(place, place + 3)) ?? 'computed';
}

/** A module, a function and a list of arguments as they are written; undefined for anything else. */
function writtenTriple([module, name, args]: readonly Expression[]): readonly string[] | undefined {
  const moduleName = literalAtom(module);
  const functionName = literalAtom(name);
  if (moduleName === undefined || functionName === undefined) return undefined;
  if (args?.kind === 'list' && args.tail === undefined) {
    return listed(functionText(moduleName, functionName, args.elements.length));
  }
  if (args?.kind !== 'literal' || args.term.kind !== 'list' || args.term.tail !== undefined) return undefined;
  return listed(functionText(moduleName, functionName, args.term.elements.length));
}

function handedOver([module, name, args]: readonly Value[]): readonly string[] {
  const list = args && wholeList(args);
  if (module === undefined || list === undefined) return [];
  return optionsOf(module).flatMap((option) =>
    listed(functionText(atomOfValue(option), atomOfValue(name), list.length)),
  );
}

function triplesIn(value: Value, parts: { left: number }, add: (call: string | undefined) => void): void {
  if (parts.left-- <= 0) return;
  if (value.kind === 'tuple' && value.elements.length === 3) handedOver(value.elements).forEach(add);
  for (const part of partsOf(value)) triplesIn(part, parts, add);
}

/** What the supervisors of the module call to start their children. */
function childCalls(supervisors: KeptFacts['supervisors']): string[] {
  if (isUnknown(supervisors)) return [];
  return supervisors
    .flatMap(({ children }) => (isUnknown(children) ? [] : children))
    .flatMap((child) => {
      if (isUnknown(child)) return [];
      if ('childSpecOf' in child) return [`${child.childSpecOf}:child_spec/1`];
      const { startModule, function: name, arity } = child;
      return isUnknown(startModule) || isUnknown(name) || isUnknown(arity)
        ? []
        : [`${startModule}:${name}/${arity}`];
    });
}

function functionText(
  module: string | undefined,
  name: string | undefined,
  arity: number | undefined,
): string | undefined {
  return module === undefined || name === undefined || arity === undefined
    ? undefined
    : `${module}:${name}/${arity}`;
}

function listed(call: string | undefined): readonly string[] {
  return call === undefined ? [] : [call];
}
