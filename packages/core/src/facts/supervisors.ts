import { sideEffectsOf } from './calls';
import { agreed, childrenOf, reasonOf, textOf } from './child-specifications';
import type { ModuleCode } from './code/expression';
import { evaluateFunction } from './evaluate/evaluator';
import { initArgument } from './init-argument';
import { atomOfValue, atomValue, entryOf, optionsOf, type Value, wholeList } from './evaluate/value';
import { isUnknown, type SupervisorFacts, type TermText, type Unknown, unknown } from './model';
import type { StartCall } from './process-starts';

/** The supervisor of the module's `init/1` first, then those made of children that are handed to `Supervisor`. */
export function supervisorsOf(
  code: ModuleCode,
  behaviours: readonly string[],
  exports: ReadonlySet<string>,
  calls: readonly StartCall[],
): readonly SupervisorFacts[] {
  const ownStarts = calls.filter(
    ({ starter, callback }) => isSupervisorStart(starter) && atomOfValue(callback) === code.module,
  );
  const own: SupervisorFacts[] = [];
  const kind = callbackKind(behaviours) ?? (ownStarts.length > 0 ? 'callback' : undefined);
  if (kind !== undefined && exports.has('init/1')) {
    own.push({
      kind,
      function: 'init/1',
      name: nameIn(ownStarts),
      ...(kind === 'dynamic'
        ? { strategy: 'one_for_one', children: [] }
        : readInit(evaluateFunction(code, 'init', 1))),
      argument: initArgument(code, ownStarts),
      sideEffects: sideEffectsOf(code, 'init', 1),
    });
  }
  return [...own, ...calls.flatMap(inlineSupervisor)];
}

export function callbackKind(behaviours: readonly string[]): 'callback' | 'dynamic' | undefined {
  if (behaviours.some((name) => name === 'supervisor' || name === 'Elixir.Supervisor')) return 'callback';
  return behaviours.includes('Elixir.DynamicSupervisor') ? 'dynamic' : undefined;
}

/** Strategy and children in the results `{ok, {Flags, Children}}` of a supervisor's `init/1`. */
export function readInit(result: Value): Pick<SupervisorFacts, 'strategy' | 'flags' | 'children'> {
  const made = optionsOf(result).filter((option) => {
    const first = option.kind === 'tuple' ? option.elements[0] : option;
    return atomOfValue(first) !== 'ignore' && atomOfValue(first) !== 'error';
  });
  const specifications = made.map((option) => {
    const [ok, specification] =
      option.kind === 'tuple' && option.elements.length === 2 ? option.elements : [];
    if (specification === undefined || atomOfValue(ok) !== 'ok') return undefined;
    return specification;
  });
  const unread = specifications.includes(undefined)
    ? made.find((_, at) => specifications[at] === undefined)
    : undefined;
  if (unread !== undefined || specifications.length === 0) {
    const reason = unknown(unread === undefined ? 'init/1 makes no supervisor' : reasonOf(unread));
    return { strategy: reason, flags: reason, children: reason };
  }
  const whole: Value = {
    kind: 'choice',
    options: specifications.flatMap((each) => (each === undefined ? [] : optionsOf(each))),
  };
  return {
    strategy: agreed<TermText | Unknown>(whole, (option) => strategyOf(partOf(option, 0))),
    flags: agreed<string | Unknown>(whole, (option) => flagsOf(partOf(option, 0))),
    children: agreed<SupervisorFacts['children']>(whole, (option) => {
      const children = partOf(option, 1);
      return children === undefined ? unknown(reasonOf(option)) : childrenOf(children);
    }),
  };
}

function partOf(specification: Value, at: number): Value | undefined {
  return specification.kind === 'tuple' && specification.elements.length === 2
    ? specification.elements[at]
    : undefined;
}

/** `{Strategy, Intensity, Period}`, or a map whose strategy is `one_for_one` unless it says otherwise. */
function strategyOf(flags: Value | undefined): TermText | Unknown {
  if (flags === undefined) return unknown('the flags of the supervisor');
  return agreed(flags, (option) => {
    if (option.kind === 'tuple') return textOf(option.elements[0]);
    if (option.kind !== 'map') return unknown(reasonOf(option));
    const given = entryOf(option, 'strategy');
    if (given === undefined && option.isOpen) return unknown(reasonOf(option));
    return textOf(given ?? atomValue('one_for_one'));
  });
}

/** How many restarts in how many seconds; the defaults are those of `supervisor`. */
function flagsOf(flags: Value | undefined): string | Unknown {
  if (flags === undefined) return unknown('the flags of the supervisor');
  return agreed(flags, (option) => {
    if (option.kind !== 'tuple' && option.kind !== 'map') return unknown(reasonOf(option));
    const given = (key: string, place: number, otherwise: number): TermText | Unknown => {
      if (option.kind === 'tuple') return textOf(option.elements[place]);
      const value = entryOf(option, key);
      if (value === undefined && option.isOpen) return unknown(reasonOf(option));
      return value === undefined ? String(otherwise) : textOf(value);
    };
    const [intensity, period] = [given('intensity', 1, 1), given('period', 2, 5)];
    if (isUnknown(intensity)) return intensity;
    return isUnknown(period) ? period : `${intensity}, ${period}`;
  });
}

function inlineSupervisor(call: StartCall): SupervisorFacts[] {
  const { starter, callback, args } = call;
  if (starter !== 'Elixir.Supervisor:start_link/2') return [];
  const [, options = callback] = args;
  // `start_link(module, arg)` has a module there.
  if (optionsOf(callback).every((option) => atomOfValue(option) !== undefined)) return [];
  const strategy = entryOf(options, 'strategy');
  return [
    {
      kind: 'inline',
      function: call.function,
      name: nameOption(options),
      strategy: strategy === undefined ? unknown(reasonOf(options)) : textOf(strategy),
      children: childrenOf(callback),
      sideEffects: [],
    },
  ];
}

function isSupervisorStart(starter: string): boolean {
  return /^(supervisor|Elixir\.Supervisor|Elixir\.DynamicSupervisor):start_link\//.test(starter);
}

/** The name under which the module registers itself as a supervisor. */
function nameIn(calls: readonly StartCall[]): TermText | null | Unknown {
  const names = calls.map(({ starter, args }): TermText | null | Unknown => {
    if (starter === 'supervisor:start_link/3') return registeredName(args[0]);
    if (starter.startsWith('supervisor:')) return null;
    return starter.endsWith('/3') && args[2] !== undefined ? nameOption(args[2]) : null;
  });
  const [first, ...others] = names;
  if (first === undefined) return unknown('nothing in this module starts it');
  const isSame = others.every((other) => JSON.stringify(other) === JSON.stringify(first));
  return isSame ? first : unknown('it is started under several names');
}

function registeredName(name: Value | undefined): TermText | null | Unknown {
  if (name?.kind !== 'tuple') return textOf(name);
  return atomOfValue(name.elements[0]) === 'local' ? textOf(name.elements[1]) : textOf(name);
}

function nameOption(options: Value): TermText | null | Unknown {
  const name = entryOf(options, 'name');
  if (name !== undefined) return textOf(name);
  return wholeList(options) === undefined ? unknown(reasonOf(options)) : null;
}
