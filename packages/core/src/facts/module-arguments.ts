import { type Expression, type FunctionCode, type ModuleCode, visitFunction } from './code/expression';

/** More callers than these are not evaluated: of a module with so many, nothing else could be told either. */
const maxCallers = 16;

/**
 * The functions that decide which module others call: those that call one of `computed` with something else than an
 * argument of their own where that one calls a function of its argument. `init(Ref, Protocol) -> Protocol:init(Ref)` is
 * told by whoever calls `init/2`.
 */
export function callersWithModules(code: ModuleCode, computed: ReadonlySet<string>): readonly string[] {
  const wanted: Argument[] = [...computed].flatMap((name) => {
    const called = code.functions.get(name);
    return called === undefined ? [] : calledArguments(called).map((place) => ({ name, place }));
  });
  if (wanted.length === 0) return [];
  const calls = localCalls(code);
  const seen = new Set(wanted.map(keyOf));
  const found = new Set<string>();
  for (const { name, place } of wanted) {
    for (const { caller, args } of calls.get(name) ?? []) {
      const given = args[place];
      if (given === undefined) continue;
      const handedOn = given.kind === 'variable' ? placeOf(caller, given.name) : undefined;
      if (handedOn === undefined) {
        const key = `${caller.name}/${caller.arity}`;
        if (!computed.has(key)) found.add(key);
        continue;
      }
      const next = { name: `${caller.name}/${caller.arity}`, place: handedOn };
      if (seen.has(keyOf(next))) continue;
      seen.add(keyOf(next));
      // What is added to a list while it is walked is walked, too.
      wanted.push(next);
    }
  }
  return found.size > maxCallers ? [] : [...found];
}

interface Argument {
  readonly name: string;
  readonly place: number;
}

function keyOf({ name, place }: Argument): string {
  return `${name} ${place}`;
}

/** The places of the arguments of which it calls functions. */
function calledArguments(called: FunctionCode): readonly number[] {
  const places = new Set<number>();
  visitFunction(called, (expression) => {
    if (expression.kind !== 'remote-call' || expression.module.kind !== 'variable') return;
    const place = placeOf(called, expression.module.name);
    if (place !== undefined) places.add(place);
  });
  return [...places];
}

/** The place of the argument with this name, in any of its clauses. */
function placeOf({ clauses }: FunctionCode, variable: string): number | undefined {
  for (const { patterns } of clauses) {
    const place = patterns.findIndex((pattern) => pattern.kind === 'variable' && pattern.name === variable);
    if (place >= 0) return place;
  }
  return undefined;
}

interface LocalCall {
  readonly caller: FunctionCode;
  readonly args: readonly Expression[];
}

function localCalls(code: ModuleCode): ReadonlyMap<string, readonly LocalCall[]> {
  const calls = new Map<string, LocalCall[]>();
  for (const caller of code.functions.values()) {
    visitFunction(caller, (expression) => {
      if (expression.kind !== 'local-call') return;
      const { args } = expression;
      const name = `${expression.name}/${args.length}`;
      const others = calls.get(name);
      if (others === undefined) calls.set(name, [{ caller, args }]);
      else others.push({ caller, args });
    });
  }
  return calls;
}
