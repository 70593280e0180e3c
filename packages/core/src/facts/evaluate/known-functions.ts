import { atom, integer, stringValue, string, type Term, termsEqual } from '../../erlang';
import {
  atomOfValue,
  atomValue,
  entryOf,
  forEachOption,
  listParts,
  listValue,
  mapValue,
  never,
  termOf,
  tupleValue,
  unknownValue,
  type Value,
  wholeList,
} from './value';

/** What a function of OTP or Elixir that only computes makes of values. */
export type KnownFunction = (args: readonly Value[]) => Value;

/** A function whose result is worth following, because child specifications and states are put together with it. */
export function knownFunction(module: string, name: string, arity: number): KnownFunction | undefined {
  return functions.get(`${module}:${name}/${arity}`);
}

const nothing = unknownValue('nothing');

const functions: ReadonlyMap<string, KnownFunction> = new Map<string, KnownFunction>([
  ...both('erlang:++/2', 'lists:append/2', 'Elixir.Enum:concat/2', append),
  ...both('lists:append/1', 'Elixir.Enum:concat/1', 'Elixir.List:concat/1', concat),
  ...both('lists:flatten/1', 'Elixir.List:flatten/1', ([lists = nothing]) => flatten(lists)),
  ...both('lists:reverse/1', 'Elixir.Enum:reverse/1', ([reversed = nothing]) =>
    forEachOption(reversed, (option) => {
      const elements = wholeList(option);
      return elements === undefined ? unknownOf(option) : listValue([...elements].reverse());
    }),
  ),
  ['lists:map/2', ([called = nothing, mapped = nothing]) => mapList(called, mapped)],
  ['Elixir.Enum:map/2', ([mapped = nothing, called = nothing]) => mapList(called, mapped)],
  ['lists:flatmap/2', ([called = nothing, mapped = nothing]) => concat([mapList(called, mapped)])],
  ['Elixir.Enum:flat_map/2', ([mapped = nothing, called = nothing]) => concat([mapList(called, mapped)])],
  ...both('lists:filter/2', ([, filtered = nothing]) => filter(filtered)),
  ...both('Elixir.Enum:filter/2', 'Elixir.Enum:reject/2', ([filtered = nothing]) => filter(filtered)),
  ['maps:put/3', ([key = nothing, value = nothing, map = nothing]) => put(map, key, value)],
  ['Elixir.Map:put/3', ([map = nothing, key = nothing, value = nothing]) => put(map, key, value)],
  ['Elixir.Module:concat/1', ([names = nothing]) => concatNames(wholeList(names))],
  ['Elixir.Module:concat/2', (names) => concatNames(names)],
  ...both('maps:merge/2', 'Elixir.Map:merge/2', ([left = nothing, right = nothing]) => merge(left, right)),
  ...both('maps:new/0', 'Elixir.Map:new/0', () => mapValue([], [], false)),
  ['erlang:=:=/2', ([left = nothing, right = nothing]) => compare(left, right, true)],
  ['erlang:=/=/2', ([left = nothing, right = nothing]) => compare(left, right, false)],
  ['erlang:not/1', ([value = nothing]) => negate(value)],
  ['erlang:atom_to_list/1', ([value = nothing]) => withAtom(value, (name) => string(name))],
  ...both('erlang:list_to_atom/1', 'erlang:list_to_existing_atom/1', ([value = nothing]) => toAtom(value)),
  ...['error/1', 'error/2', 'error/3', 'exit/1', 'throw/1', 'raise/3', 'nif_error/1', 'nif_error/2'].map(
    (name): [string, KnownFunction] => [`erlang:${name}`, () => never],
  ),
  // A process that turns itself into a server has the state that it says, as if init/1 had returned it.
  ...[3, 4, 5].map((arity): [string, KnownFunction] => [
    `gen_server:enter_loop/${arity}`,
    ([, , state = nothing]) => tupleValue(atomValue('ok'), state),
  ]),
  ...[4, 5, 6].map((arity): [string, KnownFunction] => [
    `gen_statem:enter_loop/${arity}`,
    ([, , name = nothing, data = nothing]) => tupleValue(atomValue('ok'), name, data),
  ]),
  [
    'Elixir.Supervisor:init/2',
    ([children = nothing, options = nothing]) => initSupervisor(children, options),
  ],
  ['Elixir.DynamicSupervisor:init/1', () => tupleValue(atomValue('ok'), mapValue([], [], true))],
  [
    'Elixir.Supervisor:child_spec/2',
    ([child = nothing, overrides = nothing]) => elixirChild(child, overrides),
  ],
  ...both('Elixir.Supervisor.Spec:supervise/2', ([children = nothing, options = nothing]) =>
    initSupervisor(children, options),
  ),
  ...['worker', 'supervisor'].flatMap((type): [string, KnownFunction][] => [
    [
      `Elixir.Supervisor.Spec:${type}/2`,
      ([module = nothing, args = nothing]) => oldChild(type, module, args),
    ],
    [
      `Elixir.Supervisor.Spec:${type}/3`,
      ([module = nothing, args = nothing, options = nothing]) => oldChild(type, module, args, options),
    ],
  ]),
]);

/** Several names of one function, which comes last. */
function both(...namesAndFunction: [...string[], KnownFunction]): [string, KnownFunction][] {
  const known = namesAndFunction.at(-1);
  if (typeof known !== 'function') return [];
  return namesAndFunction.flatMap((name): [string, KnownFunction][] =>
    typeof name === 'string' ? [[name, known]] : [],
  );
}

function unknownOf(value: Value): Value {
  return value.kind === 'unknown' || value.kind === 'never' ? value : unknownValue('a list that is computed');
}

function append([left = nothing, right = nothing]: readonly Value[]): Value {
  return forEachOption(left, (first) =>
    forEachOption(right, (second) => {
      const parts = listParts(first);
      if (parts === undefined) return unknownOf(first);
      return parts.tail === undefined ? listValue(parts.elements, second) : first;
    }),
  );
}

function concat([lists = nothing]: readonly Value[]): Value {
  return forEachOption(lists, (option) => {
    const listed = wholeList(option);
    if (listed === undefined) return unknownOf(option);
    return listed.reduceRight<Value>((rest, each) => append([each, rest]), listValue([]));
  });
}

function flatten(lists: Value): Value {
  return forEachOption(lists, (option) => {
    const listed = wholeList(option);
    if (listed === undefined) return unknownOf(option);
    const flat = listed.map((each) =>
      forEachOption(each, (element) => {
        if (listParts(element) !== undefined) return flatten(element);
        // What is not known may be a list of any length.
        const isElement = element.kind === 'tuple' || element.kind === 'map' || element.kind === 'scalar';
        return isElement || element.kind === 'child-spec-of' ? listValue([element]) : unknownOf(element);
      }),
    );
    return concat([listValue(flat)]);
  });
}

function mapList(called: Value, mapped: Value): Value {
  return forEachOption(mapped, (option) => {
    const elements = wholeList(option);
    if (elements === undefined || called.kind !== 'function') return unknownOf(option);
    return listValue(elements.map((element) => called.call([element])));
  });
}

/** Which elements stay is not looked into; of none, none stay. */
function filter(filtered: Value): Value {
  const elements = wholeList(filtered);
  return elements?.length === 0 ? filtered : unknownValue('a list that is filtered');
}

function put(map: Value, key: Value, value: Value): Value {
  const keyTerm = termOf(key);
  return forEachOption(map, (option) => {
    if (keyTerm === undefined) return unknownValue('a map with a computed key');
    return option.kind === 'map'
      ? mapValue(option.entries, [[keyTerm, value]], option.isOpen)
      : mapValue([], [[keyTerm, value]], true);
  });
}

function merge(left: Value, right: Value): Value {
  return forEachOption(left, (base) =>
    forEachOption(right, (over) => {
      // Any key of the left map may be replaced by a map that is not known.
      if (over.kind !== 'map' || over.isOpen) return unknownValue('a map merged with an unknown one');
      return base.kind === 'map'
        ? mapValue(base.entries, over.entries, base.isOpen)
        : mapValue([], over.entries, true);
    }),
  );
}

function compare(left: Value, right: Value, isEqual: boolean): Value {
  const leftTerm = termOf(left);
  const rightTerm = termOf(right);
  if (leftTerm === undefined || rightTerm === undefined) return unknownValue('a comparison');
  return atomValue(String(termsEqual(leftTerm, rightTerm) === isEqual));
}

function negate(value: Value): Value {
  return forEachOption(value, (option) => {
    const name = atomOfValue(option);
    return name === 'true'
      ? atomValue('false')
      : name === 'false'
        ? atomValue('true')
        : unknownValue('a condition');
  });
}

function withAtom(value: Value, compute: (name: string) => Term): Value {
  return forEachOption(value, (option) => {
    const name = atomOfValue(option);
    return name === undefined
      ? unknownValue('the name of an unknown atom')
      : { kind: 'scalar', term: compute(name) };
  });
}

function toAtom(value: Value): Value {
  return forEachOption(value, (option) => {
    const term = termOf(option);
    const text = term === undefined ? undefined : stringValue(term);
    if (text === undefined || text.length > 255) return unknownValue('an atom that is computed');
    return atomValue(text);
  });
}

/** `{:ok, {flags, children}}`, as `Supervisor.init/2` answers it. */
function initSupervisor(children: Value, options: Value): Value {
  const strategy = entryOf(options, 'strategy') ?? unknownValue('the options of the supervisor');
  const flags = mapValue([], [[atom('strategy'), strategy]], true);
  return tupleValue(atomValue('ok'), tupleValue(flags, children));
}

/** `Supervisor.child_spec(child, overrides)`: `child` is a module, `{Module, arg}` or a map. */
function elixirChild(child: Value, overrides: Value): Value {
  const pairs = wholeList(overrides);
  if (pairs === undefined) return unknownValue('a child with computed options');
  const entries: (readonly [Term, Value])[] = [];
  for (const pair of pairs) {
    const [key, value] = pair.kind === 'tuple' ? pair.elements : [];
    const keyTerm = key && termOf(key);
    if (keyTerm === undefined || value === undefined) return unknownValue('a child with computed options');
    entries.push([keyTerm, value]);
  }
  return forEachOption(child, (option) => {
    switch (option.kind) {
      case 'map':
        return mapValue(option.entries, entries, option.isOpen);
      case 'child-spec-of':
        return { ...option, overrides: [...option.overrides, ...entries] };
      default: {
        const [first, arg] =
          option.kind === 'tuple' && option.elements.length === 2 ? option.elements : [option];
        const module = atomOfValue(first);
        if (module === undefined) return unknownOf(option);
        const given = arg ?? listValue([]);
        return { kind: 'child-spec-of', module, arg: given, overrides: entries };
      }
    }
  });
}

/** `worker(Module, args, options)` and `supervisor(...)` of Elixir before 1.5. */
function oldChild(type: string, module: Value, args: Value, options: Value = listValue([])): Value {
  const isWhole = wholeList(options) !== undefined;
  const option = (key: string, otherwise: Value): Value =>
    entryOf(options, key) ?? (isWhole ? otherwise : unknownValue('a child with computed options'));
  const shutdown: Value = type === 'worker' ? { kind: 'scalar', term: integer(5000) } : atomValue('infinity');
  const start = tupleValue(module, option('function', atomValue('start_link')), args);
  return tupleValue(
    option('id', module),
    start,
    option('restart', atomValue('permanent')),
    option('shutdown', shutdown),
    atomValue(type),
    option('modules', listValue([module])),
  );
}

/** `Module.concat/1`: the parts, with or without `Elixir.`, with dots between them. */
function concatNames(names: readonly Value[] | undefined): Value {
  const parts = names?.map((name) => atomOfValue(name) ?? textOfBinary(name));
  if (parts === undefined || parts.includes(undefined)) return unknownValue('the name of a module');
  const known = parts.filter((part) => part !== 'nil').map((part) => part?.replace(/^Elixir\./, ''));
  return atomValue(['Elixir', ...known].join('.'));
}

function textOfBinary(value: Value): string | undefined {
  return value.kind === 'scalar' && value.term.kind === 'binary'
    ? Buffer.from(value.term.bytes).toString('utf8')
    : undefined;
}
