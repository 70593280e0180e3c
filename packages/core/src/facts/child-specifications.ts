import { atom, integer, isAtom, type Term } from '../erlang';
import {
  atomOfValue,
  atomValue,
  entryOf,
  listValue,
  optionsOf,
  termOf,
  termText,
  tupleValue,
  unknownValue,
  type Value,
  wholeList,
} from './evaluate/value';
import {
  type ChildFacts,
  type ChildReference,
  isUnknown,
  type TermText,
  type Unknown,
  unknown,
} from './model';

type Child = ChildFacts | ChildReference | Unknown;

/** The children in the list that `init/1` answers; unknown when it is not known how many there are. */
export function childrenOf(children: Value): readonly Child[] | Unknown {
  return agreed(children, (option) => {
    const listed = wholeList(option);
    return listed === undefined ? unknown(reasonOf(option)) : listed.map(childOf);
  });
}

/** One child: the tuple or map of `supervisor`, or what Elixir accepts in its place. */
export function childOf(child: Value): Child {
  return agreed<Child>(child, (option) => {
    switch (option.kind) {
      case 'map':
        return childOfMap(option);
      case 'child-spec-of':
        return childOfModule(option.module, option.arg, option.overrides);
      case 'scalar': {
        const module = atomOfValue(option);
        return module === undefined
          ? unknown('no child specification')
          : childOfModule(module, listValue([]), []);
      }
      case 'tuple': {
        const [first, second] = option.elements;
        if (option.elements.length === 6) return childOfTuple(option.elements);
        const module = option.elements.length === 2 ? atomOfValue(first) : undefined;
        return module === undefined || second === undefined
          ? unknown('no child specification')
          : childOfModule(module, second, []);
      }
      default:
        return unknown(reasonOf(option));
    }
  });
}

function childOfTuple(elements: readonly Value[]): ChildFacts {
  const [id, start, restart, shutdown, type, modules] = elements;
  return {
    id: textOf(id),
    ...startOf(start),
    restart: textOf(restart),
    shutdown: textOf(shutdown),
    type: textOf(type),
    modules: modulesOf(modules ?? unknownValue('no modules')),
  };
}

/** The defaults are those of `supervisor:check_childspec/2`. */
function childOfMap(map: Value & { readonly kind: 'map' }): ChildFacts {
  const given = (key: string, otherwise: Value): Value =>
    entryOf(map, key) ?? (map.isOpen ? unknownValue('a map that is computed') : otherwise);
  const start = startOf(given('start', unknownValue('no start function')));
  const type = given('type', atomValue('worker'));
  const shutdown = given('shutdown', defaultShutdown(type));
  const startModule: Value = isUnknown(start.startModule)
    ? unknownValue(start.startModule.unknown)
    : atomValue(start.startModule);
  return {
    id: textOf(given('id', unknownValue('no id'))),
    ...start,
    restart: textOf(given('restart', atomValue('permanent'))),
    shutdown: textOf(shutdown),
    type: textOf(type),
    modules: modulesOf(given('modules', listValue([startModule]))),
  };
}

function defaultShutdown(type: Value): Value {
  const name = atomOfValue(type);
  if (name === 'supervisor') return atomValue('infinity');
  return name === 'worker' ? { kind: 'scalar', term: integer(5000) } : unknownValue('the type is not known');
}

function startOf(start: Value | undefined): Pick<ChildFacts, 'startModule' | 'function' | 'arity' | 'args'> {
  const reason = unknown(start === undefined ? 'no start function' : reasonOf(start));
  if (start?.kind !== 'tuple' || start.elements.length !== 3) {
    return { startModule: reason, function: reason, arity: reason, args: reason };
  }
  const [module, name, args] = start.elements;
  const given = args && wholeList(args);
  return {
    startModule: nameOf(module),
    function: nameOf(name),
    arity: given?.length ?? unknown('computed arguments'),
    args: textOf(args),
  };
}

/** Whether a specification starts its child with nothing but the argument of the function that makes it. */
export function handsOnItsArgument(specification: Value): boolean {
  return optionsOf(specification).every((option) => {
    const start = entryOf(option, 'start');
    const args = start?.kind === 'tuple' ? start.elements[2] : undefined;
    const [argument, ...others] = (args && wholeList(args)) ?? [];
    return argument?.kind === 'argument' && argument.index === 0 && others.length === 0;
  });
}

function modulesOf(modules: Value): ChildFacts['modules'] {
  return agreed<ChildFacts['modules']>(modules, (option) => {
    if (atomOfValue(option) === 'dynamic') return 'dynamic';
    const names: string[] = [];
    for (const module of wholeList(option) ?? [option]) {
      const name = nameOf(module);
      if (typeof name !== 'string') return name;
      names.push(name);
    }
    return names;
  });
}

/** `Module.child_spec(arg)`: of Elixir's own modules it is known what that answers, of others the module has to tell. */
function childOfModule(
  module: string,
  arg: Value,
  overrides: readonly (readonly [Term, Value])[],
): ChildFacts | ChildReference {
  const own = elixirsOwn(module, arg);
  if (own !== undefined) {
    return childOfMap({ kind: 'map', entries: [...own, ...overrides].reverse(), isOpen: false });
  }
  if (overrides.length === 0) return { childSpecOf: module, arg: textOf(arg) };
  // What is not replaced is left out, also of the start function's three parts.
  const replaced = childOfMap({ kind: 'map', entries: [...overrides].reverse(), isOpen: true });
  const has = (key: string): boolean => overrides.some(([name]) => isAtom(name, key));
  return {
    childSpecOf: module,
    arg: textOf(arg),
    overrides: {
      ...(has('id') && { id: replaced.id }),
      ...(has('start') && {
        startModule: replaced.startModule,
        function: replaced.function,
        arity: replaced.arity,
        args: replaced.args,
      }),
      ...(has('restart') && { restart: replaced.restart }),
      ...(has('shutdown') && { shutdown: replaced.shutdown }),
      ...(has('type') && { type: replaced.type }),
      ...(has('modules') && { modules: replaced.modules }),
    },
  };
}

/** What `child_spec/1` of Elixir 1.5 and later answers for the modules that bring their own processes. */
function elixirsOwn(module: string, arg: Value): (readonly [Term, Value])[] | undefined {
  const start = (): Value => tupleValue(atomValue(module), atomValue('start_link'), listValue([arg]));
  const entry = (key: string, value: Value): readonly [Term, Value] => [atom(key), value];
  switch (module) {
    case 'Elixir.Agent':
      return [entry('id', atomValue(module)), entry('start', start())];
    case 'Elixir.Task':
      return [
        entry('id', atomValue(module)),
        entry('start', start()),
        entry('restart', atomValue('temporary')),
      ];
    case 'Elixir.Registry':
    case 'Elixir.DynamicSupervisor':
    case 'Elixir.Task.Supervisor':
    case 'Elixir.PartitionSupervisor':
      return [
        entry('id', idOfNamed(module, arg)),
        entry('start', start()),
        entry('type', atomValue('supervisor')),
      ];
    default:
      return undefined;
  }
}

/** The option `:name` is the id, and the module where there is none; of `{:global, name}` and `{:via, _, name}` the name. */
function idOfNamed(module: string, options: Value): Value {
  const name = entryOf(options, 'name');
  if (name === undefined) {
    return wholeList(options) === undefined ? unknownValue(reasonOf(options)) : atomValue(module);
  }
  if (module === 'Elixir.Registry' || name.kind !== 'tuple') return name;
  const last = name.elements.at(-1);
  return last ?? unknownValue('no name');
}

/** A term as text where all of it is known. */
export function textOf(value: Value | undefined): TermText | Unknown {
  if (value === undefined) return unknown('nothing');
  return agreed(value, (option) => {
    const term = termOf(option);
    return (term && termText(term)) ?? unknown(reasonOf(option));
  });
}

/** The name of an atom. */
export function nameOf(value: Value | undefined): string | Unknown {
  if (value === undefined) return unknown('nothing');
  return agreed(value, (option) => atomOfValue(option) ?? unknown(reasonOf(option)));
}

/** What is said of every alternative of a value, if it is the same. */
export function agreed<Fact>(value: Value, read: (option: Value) => Fact): Fact | Unknown {
  const facts = optionsOf(value).map(read);
  const [first, ...others] = facts;
  if (first === undefined) return unknown('nothing');
  const text = JSON.stringify(first);
  return others.every((other) => JSON.stringify(other) === text)
    ? first
    : unknown('it depends on a condition');
}

/** Why a value is not known: the reason of its first part that is not. */
export function reasonOf(value: Value): string {
  switch (value.kind) {
    case 'unknown':
      return value.reason;
    case 'argument':
      return 'an argument';
    case 'function':
      return 'a fun';
    case 'choice':
      return 'it depends on a condition';
    case 'never':
      return 'the function does not return';
    case 'tuple':
      return firstReason(value.elements);
    case 'list':
      return value.tail === undefined ? firstReason(value.elements) : reasonOf(value.tail);
    case 'map':
      return value.isOpen ? 'a map that is computed' : firstReason(value.entries.map(([, entry]) => entry));
    case 'child-spec-of':
    case 'scalar':
      return 'another kind of term';
  }
}

function firstReason(values: readonly Value[]): string {
  for (const value of values) if (termOf(value) === undefined) return reasonOf(value);
  return 'another kind of term';
}
