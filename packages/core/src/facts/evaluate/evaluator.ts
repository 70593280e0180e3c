import { atom, type Term } from '../../erlang';
import {
  type Clause,
  type Expression,
  type ModuleCode,
  type Qualifier,
  visitExpressions,
} from '../code/expression';
import { knownFunction } from './known-functions';
import { type Bindings, matchPattern, type Outcome } from './match';
import {
  atomOfValue,
  atomValue,
  choice,
  fingerprintOf,
  forEachOption,
  listParts,
  listValue,
  mapValue,
  never,
  optionsOf,
  partsOf,
  resultValue,
  termOf,
  tupleValue,
  unknownValue,
  type Value,
  valueOfTerm,
  wholeList,
} from './value';

/** A call of another module's function that the evaluated function itself makes. */
export interface ObservedCall {
  readonly module: Value;
  readonly name: Value;
  readonly args: readonly Value[];
}

export interface EvaluationOptions {
  /** Is told the calls in the function itself and in its funs, not those of functions that it calls. */
  readonly observe?: (call: ObservedCall) => void;
  /** Is told the calls of a module that is no literal, those of functions that it calls with known arguments, too. */
  readonly observeComputed?: (call: ObservedCall) => void;
  /** Is told the functions of other modules that `fun m:f/1` refers to, in the function itself and in its funs. */
  readonly observeReference?: (module: string, name: string, arity: number) => void;
  /** Shared by evaluations of many functions, so that a module of thousands of them takes no minutes. */
  readonly budget?: EvaluationBudget;
  /** Is told that the function was too long to follow to its end, so that calls were missed. */
  readonly onMissed?: () => unknown;
}

/** The steps that several evaluations may take together. */
export interface EvaluationBudget {
  left: number;
}

/** Some ten times what the largest modules of OTP and Elixir take; a second or two. */
export function evaluationBudget(): EvaluationBudget {
  return { left: 1_000_000 };
}

/** Bounds that no hand-written `init/1` comes near; beyond them a value is unknown. */
const maxSteps = 20_000;
const maxCallDepth = 16;
const maxDepth = 300;
const maxValueSize = 4000;

/**
 * What a function returns when nothing is known of its arguments, found by reading its code: literals, constructors,
 * matches, conditions, calls of functions of the same module and of some of OTP's and Elixir's that only compute. The
 * rest is unknown; nothing is run. Always ends, and never throws.
 */
export function evaluateFunction(
  code: ModuleCode,
  name: string,
  arity: number,
  options: EvaluationOptions = {},
): Value {
  const args = Array.from({ length: arity }, (_, index): Value => ({ kind: 'argument', index }));
  return new Evaluator(code, options).callLocal(name, args);
}

class Evaluator {
  #steps = 0;
  #depth = 0;
  #callDepth = 0;
  #functions = 0;
  /** Of calls of the module's own functions: many clauses that call many others would take for ever. */
  readonly #results = new Map<string, Value>();
  readonly #sizes = new WeakMap<Value, number>();

  constructor(
    readonly code: ModuleCode,
    readonly options: EvaluationOptions,
  ) {}

  callLocal(name: string, args: readonly Value[]): Value {
    const called = this.code.functions.get(`${name}/${args.length}`);
    // Without a definition it is a built-in function that is imported by itself.
    if (called === undefined) {
      if (this.#callDepth === 1)
        this.options.observe?.({ module: atomValue('erlang'), name: atomValue(name), args });
      return this.#callKnown('erlang', name, args);
    }
    if (this.#callDepth >= maxCallDepth) return unknownValue(`the result of ${name}/${args.length}`);
    if (this.#isSpent()) return unknownValue('code too long to follow');
    const call = `${name} ${fingerprintOf({ kind: 'tuple', elements: args })}`;
    // What is long to write down is long to compare.
    this.#take(call.length >> 5);
    const before = this.#results.get(call);
    if (before !== undefined) return before;
    this.#callDepth++;
    const value = this.#choose(called.clauses, args, new Map());
    this.#callDepth--;
    this.#results.set(call, value);
    return value;
  }

  /** The values of all clauses that may apply, up to the first that certainly does. */
  #choose(
    clauses: readonly Clause[],
    args: readonly Value[],
    bindings: Bindings,
    kept: Bindings[] = [],
  ): Value {
    const values: Value[] = [];
    for (const { patterns, guards, body } of clauses) {
      if (this.#isSpent()) {
        this.options.onMissed?.();
        values.push(unknownValue('code too long to follow'));
        break;
      }
      const inner: Bindings = new Map(bindings);
      this.#take(bindings.size >> 5);
      const outcomes = patterns.map((pattern, at) =>
        matchPattern(pattern, args[at] ?? unknownValue('a value'), inner, (key) =>
          termOf(this.#value(key, inner)),
        ),
      );
      const matched = worst(outcomes);
      const outcome = matched === 'no' ? 'no' : worst([matched, this.#guard(guards, inner)]);
      if (outcome === 'no') continue;
      const value = this.#value(body, inner);
      values.push(value);
      if (value.kind !== 'never') kept.push(inner);
      if (outcome === 'yes') break;
    }
    return choice(values);
  }

  #guard(guards: readonly (readonly Expression[])[], bindings: Bindings): Outcome {
    if (guards.length === 0) return 'yes';
    let outcome: Outcome = 'no';
    for (const tests of guards) {
      const alternative = worst(
        tests.map((test) => {
          const said = atomOfValue(this.#value(test, bindings));
          return said === 'true' ? 'yes' : said === 'false' || said === 'nil' ? 'no' : 'maybe';
        }),
      );
      if (alternative === 'yes') return 'yes';
      if (alternative === 'maybe') outcome = 'maybe';
    }
    return outcome;
  }

  #value(expression: Expression, bindings: Bindings): Value {
    this.#take(1);
    if (this.#isSpent() || this.#depth >= maxDepth) {
      this.options.onMissed?.();
      return unknownValue('code too long to follow');
    }
    this.#depth++;
    const value = this.#evaluate(expression, bindings);
    this.#depth--;
    return this.#sizeOf(value) > maxValueSize ? unknownValue('a value too large to follow') : value;
  }

  #take(steps: number): void {
    this.#steps += steps;
    if (this.options.budget !== undefined) this.options.budget.left -= steps;
  }

  #isSpent(): boolean {
    return this.#steps > maxSteps || (this.options.budget?.left ?? 1) < 0;
  }

  /** Values share their parts, so that few lines could make one that takes years to walk through. */
  #sizeOf(value: Value): number {
    const parts = partsOf(value);
    if (parts.length === 0) return 1;
    let size = this.#sizes.get(value);
    if (size === undefined) {
      size = parts.reduce((sum, part) => sum + this.#sizeOf(part), 1);
      this.#sizes.set(value, size);
    }
    return size;
  }

  #values(expressions: readonly Expression[], bindings: Bindings): Value[] {
    return expressions.map((expression) => this.#value(expression, bindings));
  }

  #evaluate(expression: Expression, bindings: Bindings): Value {
    switch (expression.kind) {
      case 'literal':
        return valueOfTerm(expression.term);
      case 'variable':
      case 'pinned':
        return bindings.get(expression.name) ?? unknownValue('a variable');
      case 'tuple':
        return { kind: 'tuple', elements: this.#values(expression.elements, bindings) };
      case 'list': {
        const elements = this.#values(expression.elements, bindings);
        if (expression.tail === undefined) return listValue(elements);
        return forEachOption(this.#value(expression.tail, bindings), (tail) => listValue(elements, tail));
      }
      case 'map':
        return this.#map(expression, bindings);
      case 'record-update':
        return this.#recordUpdate(expression, bindings);
      case 'match': {
        const value = this.#value(expression.value, bindings);
        const outcome = matchPattern(expression.pattern, value, bindings, (key) =>
          termOf(this.#value(key, bindings)),
        );
        return outcome === 'no' ? never : value;
      }
      case 'block':
        return this.#block(expression.body, bindings);
      case 'case':
        return this.#case(expression.subject, expression.clauses, bindings);
      case 'try': {
        const value = this.#value(expression.body, new Map(bindings));
        const handled = this.#choose(
          expression.handlers,
          expression.handlers[0]?.patterns.map(() => unknownValue('an exception')) ?? [],
          bindings,
        );
        this.#value(expression.after, new Map(bindings));
        return choice([
          expression.clauses.length === 0 ? value : this.#choose(expression.clauses, [value], bindings),
          handled,
        ]);
      }
      case 'local-call':
        return this.callLocal(expression.name, this.#values(expression.args, bindings));
      case 'remote-call':
        return this.#remoteCall(expression, bindings);
      case 'fun-call': {
        const args = this.#values(expression.args, bindings);
        const called = this.#value(expression.fun, bindings);
        return called.kind === 'function' ? called.call(args) : unknownValue('the result of a fun');
      }
      case 'fun':
        return this.#fun(expression.clauses, bindings);
      case 'fun-reference':
        return this.#funReference(expression, bindings);
      case 'comprehension':
        return this.#comprehension(expression.result, expression.qualifiers, bindings);
      case 'opaque':
        for (const part of expression.parts) this.#value(part, bindings);
        return unknownValue(expression.what);
    }
  }

  #block(body: readonly Expression[], bindings: Bindings): Value {
    let value: Value = unknownValue('nothing');
    for (const expression of body) {
      value = this.#value(expression, bindings);
      if (value.kind === 'never') return never;
    }
    return value;
  }

  #case(subject: Expression | undefined, clauses: readonly Clause[], bindings: Bindings): Value {
    const subjects = subject === undefined ? [] : optionsOf(this.#value(subject, bindings));
    if (subjects.some(({ kind }) => kind === 'never')) return never;
    const kept: Bindings[] = [];
    const value =
      subject === undefined
        ? this.#choose(clauses, [], bindings, kept)
        : choice(subjects.map((option) => this.#choose(clauses, [option], bindings, kept)));
    // In Erlang, what every clause binds is bound after the case.
    const [first, ...others] = kept;
    for (const name of first?.keys() ?? []) {
      if (bindings.has(name)) continue;
      const values = [first, ...others].map((inner) => inner?.get(name));
      if (!values.includes(undefined)) bindings.set(name, choice(values.flatMap((each) => each ?? [])));
    }
    return value;
  }

  #map(expression: Expression & { readonly kind: 'map' }, bindings: Bindings): Value {
    const base = expression.base === undefined ? undefined : this.#value(expression.base, bindings);
    const entries: (readonly [Term, Value])[] = [];
    let hasUnknownKey = false;
    for (const [keyExpression, valueExpression] of expression.entries) {
      const key = termOf(this.#value(keyExpression, bindings));
      const value = this.#value(valueExpression, bindings);
      if (key === undefined) hasUnknownKey = true;
      else entries.push([key, value]);
    }
    if (entries.length > maxValueSize) return unknownValue('a value too large to follow');
    // A key that is not known may be any of the others.
    if (hasUnknownKey) return unknownValue('a map with a computed key');
    if (base === undefined) return mapValue([], entries, false);
    return forEachOption(base, (option) => {
      if (option.kind === 'map') return mapValue(option.entries, entries, option.isOpen);
      return option.kind === 'never' ? never : mapValue([], entries, true);
    });
  }

  #recordUpdate(
    { base, name, size, fields }: Expression & { readonly kind: 'record-update' },
    bindings: Bindings,
  ): Value {
    const updates = new Map([...fields].map(([at, field]) => [at, this.#value(field, bindings)] as const));
    return forEachOption(this.#value(base, bindings), (option) => {
      if (option.kind === 'never') return never;
      const old = option.kind === 'tuple' && option.elements.length === size ? option.elements : undefined;
      return tupleValue(
        ...Array.from({ length: size }, (_, at): Value => {
          if (at === 0) return { kind: 'scalar', term: atom(name) };
          return updates.get(at) ?? old?.[at] ?? unknownValue(`a field of a record ${name}`);
        }),
      );
    });
  }

  #remoteCall(expression: Expression & { readonly kind: 'remote-call' }, bindings: Bindings): Value {
    const module = this.#value(expression.module, bindings);
    const name = this.#value(expression.name, bindings);
    const args = this.#values(expression.args, bindings);
    // The function that is asked for is at depth 1.
    if (this.#callDepth === 1) this.options.observe?.({ module, name, args });
    if (expression.module.kind !== 'literal') this.options.observeComputed?.({ module, name, args });
    const moduleName = atomOfValue(module);
    const functionName = atomOfValue(name);
    if (moduleName === undefined || functionName === undefined) {
      return unknownValue('the result of a call of a variable module');
    }
    if (moduleName === this.code.module && this.code.functions.has(`${functionName}/${args.length}`)) {
      return this.callLocal(functionName, args);
    }
    return this.#callKnown(moduleName, functionName, args);
  }

  #callKnown(module: string, name: string, args: readonly Value[]): Value {
    const known = knownFunction(module, name, args.length);
    return known === undefined ? resultValue(`${module}:${name}/${args.length}`) : known(args);
  }

  #fun(clauses: readonly Clause[], bindings: Bindings): Value {
    const shadowed = clauses.map((clause) => {
      const inner = new Map(bindings);
      for (const pattern of clause.patterns) unbind(pattern, inner);
      return { clause, inner };
    });
    // Which clause applies is not looked into: the bindings differ from clause to clause.
    const call = (args: readonly Value[]): Value =>
      choice(shadowed.map(({ clause, inner }) => this.#choose([clause], args, inner)));
    // Called by whoever is given it, or not at all: what it calls is observed all the same.
    if (this.#callDepth === 1 && this.options.observe !== undefined) {
      call(clauses[0]?.patterns.map(() => unknownValue("a fun's argument")) ?? []);
    }
    return this.#function(true, call);
  }

  #funReference(
    { module, name, arity }: Expression & { readonly kind: 'fun-reference' },
    bindings: Bindings,
  ): Value {
    const moduleName = module === undefined ? undefined : atomOfValue(this.#value(module, bindings));
    const functionName = atomOfValue(this.#value(name, bindings));
    if (
      functionName === undefined ||
      arity === undefined ||
      (module !== undefined && moduleName === undefined)
    ) {
      return unknownValue('a fun');
    }
    if (moduleName !== undefined && this.#callDepth === 1) {
      this.options.observeReference?.(moduleName, functionName, arity);
    }
    return this.#function(moduleName === undefined, (args) =>
      moduleName === undefined || moduleName === this.code.module
        ? this.callLocal(functionName, args)
        : this.#callKnown(moduleName, functionName, args),
    );
  }

  #function(isOwn: boolean, call: (args: readonly Value[]) => Value): Value {
    return { kind: 'function', isOwn, id: (this.#functions++).toString(), call };
  }

  #comprehension(result: Expression, qualifiers: readonly Qualifier[], bindings: Bindings): Value {
    const [first, ...others] = qualifiers;
    if (first === undefined) return listValue([this.#value(result, bindings)]);
    if (first.kind === 'filter') {
      const holds = this.#guard([[first.condition]], bindings);
      if (holds === 'no') return listValue([]);
      const rest = this.#comprehension(result, others, bindings);
      return holds === 'yes' ? rest : choice([rest, listValue([])]);
    }
    return forEachOption(this.#value(first.list, bindings), (list) => {
      const elements = wholeList(list);
      if (elements === undefined) {
        const inner = new Map(bindings);
        unbind(first.pattern, inner);
        matchPattern(first.pattern, unknownValue('an element of an unknown list'), inner, () => undefined);
        this.#comprehension(result, others, inner);
        return unknownValue('a comprehension over an unknown list');
      }
      let made: Value = listValue([]);
      for (const element of elements) {
        const inner = new Map(bindings);
        unbind(first.pattern, inner);
        const outcome = matchPattern(first.pattern, element, inner, (key) => termOf(this.#value(key, inner)));
        if (outcome === 'no') continue;
        const more = this.#comprehension(result, others, inner);
        const next = outcome === 'yes' ? more : choice([more, listValue([])]);
        made = forEachOption(made, (done) =>
          forEachOption(next, (one) => {
            const parts = listParts(done);
            return parts?.tail === undefined && parts !== undefined
              ? listValue(parts.elements, one)
              : unknownValue('a comprehension');
          }),
        );
      }
      return made;
    });
  }
}

/** A variable in the pattern of a generator or of a fun is a new one, whatever else has its name. */
function unbind(pattern: Expression, bindings: Bindings): void {
  visitExpressions(pattern, (part) => {
    if (part.kind === 'variable') bindings.delete(part.name);
  });
}

function worst(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('no')) return 'no';
  return outcomes.includes('maybe') ? 'maybe' : 'yes';
}
