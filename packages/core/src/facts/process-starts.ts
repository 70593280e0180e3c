import { nameOf } from './child-specifications';
import { type Expression, type FunctionCode, type ModuleCode, visitFunction } from './code/expression';
import { evaluateFunction, evaluationBudget, type ObservedCall } from './evaluate/evaluator';
import {
  atomOfValue,
  atomValue,
  listParts,
  optionsOf,
  unknownValue,
  type Value,
  valueOfTerm,
} from './evaluate/value';
import type { ProcessStart } from './model';

/** A call that starts a process, with what is known of its arguments. */
export interface StartCall {
  /** Such as `gen_server:start_link/4`. */
  readonly starter: string;
  /** The callback module; for Elixir's `Supervisor.start_link/2` it may be a list of children instead. */
  readonly callback: Value;
  readonly args: readonly Value[];
  /** The function that makes the call, as `start_link/0`. */
  readonly function: string;
}

/** Every call of a module that starts a process by a callback module, in the order of the functions' names. */
export function startCallsOf(code: ModuleCode): readonly StartCall[] {
  const calls: StartCall[] = [];
  const budget = evaluationBudget();
  for (const [name, called] of [...code.functions].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const written = callsWrittenIn(called, code);
    // Most functions start nothing, and need not be evaluated.
    if (written.length === 0) continue;
    const observed: StartCall[] = [];
    const missed: true[] = [];
    const add = (found: StartCall[], { module, name: functionName, args }: ObservedCall): void => {
      const starter = `${atomOfValue(module) ?? ''}:${atomOfValue(functionName) ?? ''}/${args.length}`;
      const callback = args[starters.get(starter) ?? -1];
      if (callback !== undefined) found.push({ starter, callback, args, function: name });
    };
    evaluateFunction(code, called.name, called.arity, {
      budget,
      observe: (call) => add(observed, call),
      onMissed: () => missed.push(true),
    });
    if (missed.length > 0) for (const call of written) add(observed, call);
    for (const call of observed) calls.push(call);
  }
  return calls;
}

/** Each starter with each module once, sorted. */
export function processStartsOf(calls: readonly StartCall[]): readonly ProcessStart[] {
  const starts = new Map<string, ProcessStart>();
  for (const { starter, callback, function: name } of calls) {
    for (const option of optionsOf(callback)) {
      if (listParts(option) !== undefined) continue;
      // A handler of gen_event is a module or {Module, Id}.
      const module = nameOf(option.kind === 'tuple' ? option.elements[0] : option);
      starts.set(`${starter} ${JSON.stringify(module)} ${name}`, { starter, module, function: name });
    }
  }
  return [...starts].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, start]) => start);
}

/** Whether one of the imported functions (`module:name/arity`) starts a process. */
export function isStarter(importedFunction: string): boolean {
  return starters.has(importedFunction);
}

/** The calls that may start a process as the source has them: literal arguments are known, all others are not. */
function callsWrittenIn(called: FunctionCode, code: ModuleCode): readonly ObservedCall[] {
  const calls: ObservedCall[] = [];
  visitFunction(called, (expression) => {
    if (expression.kind !== 'local-call' && expression.kind !== 'remote-call') return;
    const isLocal = expression.kind === 'local-call';
    const name = isLocal ? atomValue(expression.name) : writtenValue(expression.name);
    const module = isLocal ? atomValue('erlang') : writtenValue(expression.module);
    const functionName = atomOfValue(name) ?? '';
    const arity = expression.args.length;
    const moduleName = atomOfValue(module);
    if (isLocal && code.functions.has(`${functionName}/${arity}`)) return;
    // Which function a variable module has, only its evaluation can tell.
    const mayStart =
      moduleName === undefined
        ? starterNames.has(functionName)
        : starters.has(`${moduleName}:${functionName}/${arity}`);
    if (mayStart) calls.push({ module, name, args: expression.args.map(writtenValue) });
  });
  return calls;
}

function writtenValue(expression: Expression): Value {
  return expression.kind === 'literal'
    ? valueOfTerm(expression.term)
    : unknownValue('code too long to follow');
}

/** Functions that start a process, to the place of the callback module among their arguments. */
const starters: ReadonlyMap<string, number> = new Map([
  ...named(['gen_server', 'gen_statem', 'gen_fsm'], ['start', 'start_link', 'start_monitor'], [3, 0], [4, 1]),
  ...named(['supervisor', 'supervisor_bridge'], ['start_link'], [2, 0], [3, 1]),
  ...named(['gen_event'], ['add_handler', 'add_sup_handler'], [3, 1]),
  ...named(['proc_lib', 'erlang'], ['spawn', 'spawn_link', 'spawn_monitor'], [3, 0], [4, 1]),
  ...named(['proc_lib', 'erlang'], ['spawn_opt'], [4, 0], [5, 1]),
  ...named(['proc_lib'], ['start', 'start_link', 'start_monitor'], [3, 0], [4, 0], [5, 0]),
  ...named(['Elixir.GenServer', 'Elixir.GenStage'], ['start', 'start_link'], [2, 0], [3, 0]),
  ...named(['Elixir.Supervisor', 'Elixir.DynamicSupervisor'], ['start_link'], [2, 0], [3, 0]),
  ...named(['Elixir.Task'], ['start', 'start_link', 'async'], [3, 0]),
]);

const starterNames: ReadonlySet<string> = new Set(
  [...starters.keys()].map((starter) => /:(.*)\//.exec(starter)?.[1] ?? ''),
);

function named(
  modules: readonly string[],
  names: readonly string[],
  ...places: readonly (readonly [arity: number, place: number])[]
): [string, number][] {
  return modules.flatMap((module) =>
    names.flatMap((name) =>
      places.map(([arity, place]): [string, number] => [`${module}:${name}/${arity}`, place]),
    ),
  );
}
