import { beforeAll, describe, expect, it } from 'vitest';
import { buildBeam, smallestModule } from '../../test/beam/build-beam';
import { Random } from '../../test/random';
import { askFactsOracle, type FactsOracle } from '../../test/facts/facts-oracle';
import { openBeam } from '../beam';
import {
  atom,
  decodeExternalTerm,
  encodeExternalTerm,
  integer,
  list,
  map,
  nil,
  printTerm,
  string,
  type Term,
  tuple,
} from '../erlang';
import { extractModuleFacts } from './extract-module-facts';
import type { ChildFacts, ChildReference, KeptFacts, SupervisorFacts, Unknown } from './model';
import { resolveChild } from './resolve-child';

let oracle: FactsOracle;
beforeAll(async () => {
  oracle = await askFactsOracle();
});

const factsOfModule = (module: string): KeptFacts => extractModuleFacts(oracle.open(module));

function onlySupervisor({ supervisors }: KeptFacts): SupervisorFacts {
  const [first, ...others] = 'unknown' in supervisors ? [] : supervisors;
  if (first === undefined || others.length > 0) throw new Error('Expected one supervisor.');
  return first;
}

function childLine(child: ChildFacts | ChildReference | Unknown): string {
  const resolved = resolveChild(child, (module) =>
    oracle.modules.includes(module) ? factsOfModule(module) : undefined,
  );
  if ('unknown' in resolved) return `unknown: ${resolved.unknown}`;
  const { id, startModule, function: function_, arity, restart, shutdown, type, modules } = resolved;
  const listed =
    typeof modules === 'object' && !('unknown' in modules)
      ? list(modules.map((name) => atom(name)))
      : modules;
  const parts = [
    id,
    quoted(startModule),
    `${show(quoted(function_))}/${show(arity)}`,
    restart,
    shutdown,
    type,
  ];
  const line = [
    ...parts.map(show),
    typeof listed === 'object' && 'kind' in listed ? printTerm(listed) : show(listed),
  ];
  // io_lib puts no spaces after commas.
  return line.join(' ').replaceAll(', ', ',');
}

function quoted(name: string | Unknown): string | Unknown {
  return typeof name === 'string' ? printTerm(atom(name)) : name;
}

function show(fact: string | number | Unknown): string {
  return typeof fact === 'object' ? `unknown: ${fact.unknown}` : fact.toString();
}

function childLines(module: string): readonly string[] {
  const { children } = onlySupervisor(factsOfModule(module));
  return 'unknown' in children ? [children.unknown] : children.map(childLine);
}

describe('the facts of a module with debug info', () => {
  it('are, of a gen_server: records, state, a code_change that keeps the state, calls by variable, what it starts', () => {
    expect(factsOfModule('kept_server')).toEqual({
      behaviours: ['gen_server'],
      records: { none: [], state: ['count', 'name', 'Odd Field'] },
      struct: null,
      codeChange: { 'code_change/3': 'trivial' },
      states: [{ record: 'state' }],
      supervisors: [],
      childSpec: null,
      dynamicCalls: true,
      starts: [{ starter: 'gen_server:start_link/4', module: 'kept_server', function: 'start_link/1' }],
      callbacks: null,
      callbackMode: null,
      otherCalls: [],
      codeChangeCalls: [],
      lingers: [],
      usedRecords: ['none', 'state'],
      startResult: null,
      handsOn: {},
    });
  });

  it('are, of a gen_statem, the shapes of its data and a code_change that converts', () => {
    const { states, codeChange } = factsOfModule('kept_machine');
    expect(states).toEqual([
      { map: ['since', 'tries'], open: false },
      { tuple: 3, tag: 'data' },
    ]);
    expect(codeChange).toEqual({ 'code_change/4': 'converts' });
  });

  it('are, of a GenServer, its struct, the default code_change of `use`, and its child_spec', () => {
    expect(factsOfModule('Elixir.Kept.Server')).toEqual({
      behaviours: ['Elixir.GenServer'],
      records: {},
      struct: ['count', 'name'],
      codeChange: { 'code_change/3': 'default' },
      states: [{ struct: 'Elixir.Kept.Server' }],
      supervisors: [],
      childSpec: {
        id: "'Elixir.Kept.Server'",
        startModule: 'Elixir.Kept.Server',
        function: 'start_link',
        arity: 1,
        restart: 'transient',
        shutdown: '5000',
        type: 'worker',
        modules: ['Elixir.Kept.Server'],
        args: { unknown: 'an argument' },
        handsOnArgument: true,
      },
      dynamicCalls: true,
      starts: [
        { starter: 'Elixir.GenServer:start_link/3', module: 'Elixir.Kept.Server', function: 'start_link/1' },
      ],
      callbacks: null,
      callbackMode: null,
      // The handle_info/2 of `use GenServer` hands it to the logger.
      otherCalls: ['Elixir.GenServer:format_report/1'],
      codeChangeCalls: [],
      lingers: [],
      usedRecords: ['Elixir.Kept.Server'],
      startResult: null,
      handsOn: {},
    });
    expect(factsOfModule('Elixir.Kept.Converting')).toMatchObject({
      codeChange: { 'code_change/3': 'converts' },
      states: [{ map: ['count', 'names'], open: false }],
    });
  });

  it.each([
    ['kept_sup', 'kept_sup', 'rest_for_one', ['ets:new/2']],
    ['kept_literal_sup', null, 'one_for_one', []],
    ['Elixir.Kept.Supervisor', "'Elixir.Kept.Supervisor'", 'one_for_one', []],
  ])(
    'are, of the supervisor %s, the children that its init/1 really answers',
    (module, name, strategy, sideEffects) => {
      const lines = childLines(module);
      expect(lines).toEqual(oracle.children(module));
      expect(lines.length).toBeGreaterThan(0);
      expect(onlySupervisor(factsOfModule(module))).toMatchObject({
        kind: 'callback',
        function: 'init/1',
        name,
        strategy,
        sideEffects,
      });
    },
  );

  it('are the children that are handed to Supervisor.start_link, which no code change reads again', () => {
    expect(onlySupervisor(factsOfModule('Elixir.Kept.Application'))).toEqual({
      kind: 'inline',
      function: 'start/2',
      name: "'Elixir.Kept.Top'",
      strategy: 'one_for_one',
      children: [
        { childSpecOf: 'Elixir.Kept.Converting', arg: '1' },
        { childSpecOf: 'Elixir.Kept.Server', arg: '[]' },
      ],
      sideEffects: [],
    });
  });

  it('have the argument of the supervisor where child_spec/1 hands it on', () => {
    const argsOf = (child: ChildReference): unknown => {
      const resolved = resolveChild(child, factsOfModule);
      return 'unknown' in resolved ? resolved : resolved.args;
    };
    expect(argsOf({ childSpecOf: 'Elixir.Kept.Server', arg: '[{n, 1}]' })).toBe('[[{n, 1}]]');
    expect(argsOf({ childSpecOf: 'Elixir.Kept.Server', arg: '1', overrides: { args: '[2]' } })).toBe('[2]');
    expect(argsOf({ childSpecOf: 'Elixir.Kept.Server', arg: { unknown: 'computed' } })).toEqual({
      unknown: 'an argument',
    });
  });

  it('tells what a supervisor is started with, and what its init/1 takes', () => {
    expect(onlySupervisor(factsOfModule('kept_sup')).argument).toEqual({ given: '[]', taken: ['[]'] });
    expect(onlySupervisor(factsOfModule('kept_unsure_sup')).argument).toEqual({
      given: { unknown: 'nothing in this module starts it' },
      taken: ['_'],
    });
  });

  it('say that children are unknown, and why, when init/1 computes them', () => {
    expect(onlySupervisor(factsOfModule('kept_unsure_sup'))).toMatchObject({
      strategy: 'one_for_one',
      children: { unknown: 'a comprehension over an unknown list' },
      name: { unknown: 'nothing in this module starts it' },
    });
  });

  it('tell of a stripped beam, too, that its code change only answers the state', () => {
    for (const module of oracle.modules) {
      const whole = factsOfModule(module).codeChange;
      const { codeChange } = extractModuleFacts(oracle.open(module, 'mix'));
      const expected = Object.entries(whole).map(([name, change]) => [
        name,
        change === 'default' || change === 'trivial' ? 'trivial' : { unknown: 'no debug info' },
      ]);
      expect(codeChange, module).toEqual(Object.fromEntries(expected));
    }
  });

  it('are the callbacks that behaviour_info(callbacks) really answers, of a stripped beam too', () => {
    for (const module of oracle.modules) {
      const asked = oracle.callbacks(module);
      const expected = asked.length === 0 ? null : asked;
      expect(factsOfModule(module).callbacks, module).toEqual(expected);
      expect(extractModuleFacts(oracle.open(module, 'beam_lib')).callbacks, module).toEqual(expected);
    }
    expect(factsOfModule('kept_behaviour').callbacks).toEqual(['close/1', 'describe/2', 'open/1']);
    expect(factsOfModule('kept_old_behaviour').callbacks).toEqual(['handle/2', 'init/1']);
    expect(factsOfModule('Elixir.Kept.Behaviour').callbacks).toEqual(['close/2', 'open/1']);
  });

  it('are the callback mode that callback_mode() really answers, of a stripped beam too', () => {
    for (const module of oracle.modules) {
      const expected = oracle.callbackMode(module) ?? null;
      expect(factsOfModule(module).callbackMode, module).toBe(expected);
      expect(extractModuleFacts(oracle.open(module, 'beam_lib')).callbackMode, module).toBe(expected);
    }
    expect(factsOfModule('kept_machine').callbackMode).toBe('state_functions');
  });

  it.each([
    ['kept_behaviour', 'kept_sup:start_link/0'],
    ['kept_old_behaviour', 'kept_literal_sup:start_link/0'],
    ['Elixir.Kept.Application', 'Elixir.Supervisor:start_link/2'],
    ['kept_sup', null],
  ])('are, of %s, the function whose result start/2 answers', (module, called) => {
    expect(factsOfModule(module).startResult).toBe(called);
  });

  it('are the calls that the import table does not show, those of a code change, and the used records', () => {
    const { otherCalls, codeChangeCalls, usedRecords } = factsOfModule('kept_calls');
    expect(otherCalls).toEqual([
      'kept_fun:map/1',
      'kept_given:go_on/1',
      'kept_given_else:go_on/1',
      'kept_later:tick/0',
      'kept_mapped:one/1',
      'kept_spawned:loop/1',
      'kept_triple:handle/2',
    ]);
    expect(codeChangeCalls).toEqual(['kept_converter:convert/1', 'kept_old:read/1']);
    expect(usedRecords).toEqual(['asked', 'matched', 'used']);
    expect(factsOfModule('Elixir.Kept.Calls')).toMatchObject({
      otherCalls: [
        'Elixir.Kept.Captured:call/1',
        'Elixir.Kept.Concatenated:call/1',
        'Elixir.Kept.Tasked:run/0',
      ],
      codeChangeCalls: [],
      usedRecords: ['Elixir.Kept.Server', 'Elixir.URI'],
    });
  });

  it.each([
    [
      'kept_waiting',
      [
        'answered-fun adder/1',
        'call accept/1',
        'call accept/2',
        'call ask/1',
        'fun send/1',
        'fun start/0',
        'kept-fun keep/0',
        'loop accept/1',
        'loop loop/1',
        'loop outer/1',
        'loop ping/0',
        // They come to an end when all have answered, and are no servers.
        'receive gather/2',
        'receive gather_all/1',
        'receive wait/0',
      ],
    ],
    // Suspending takes it to new code; what its init/1 answers holds a fun.
    ['kept_special', ['kept-fun init/1']],
    ['Elixir.Kept.Calls', ['call wait/1', 'fun start/0', 'loop loop/1']],
    ['kept_calls', []],
  ])('are, of %s, where processes may stay for long', (module, expected) => {
    const { lingers } = factsOfModule(module);
    expect('unknown' in lingers ? lingers : lingers.map(({ kind, function: at }) => `${kind} ${at}`)).toEqual(
      expected,
    );
  });

  it('hold no argument of a process: those may be secrets', () => {
    for (const module of oracle.modules) {
      expect(JSON.stringify(factsOfModule(module))).not.toMatch(/secret_cookie|password/);
    }
  });
});

describe('forms that nobody wrote', () => {
  const factsOfForms = (...forms: readonly Term[]): KeptFacts => {
    const info = tuple(atom('debug_info_v1'), atom('erl_abstract_code'), tuple(list(forms), nil));
    return extractModuleFacts(
      openBeam(buildBeam([...smallestModule(), ['Dbgi', encodeExternalTerm(info)]]), 'm.beam'),
    );
  };
  const function_ = (body: Term): Term =>
    tuple(
      atom('function'),
      integer(1),
      atom('f'),
      integer(0),
      list([tuple(atom('clause'), integer(1), nil, nil, list([body]))]),
    );

  it('are passed over', () => {
    const odd = [
      nil,
      string('x'),
      tuple(),
      tuple(atom('call')),
      tuple(atom('attribute'), nil, atom('record'), nil),
    ];
    expect(factsOfForms(...odd, ...odd.map(function_))).toMatchObject({ records: {}, starts: [] });
  });

  it('nested deeper than any stack leave calls unknown', () => {
    let body: Term = tuple(atom('atom'), integer(1), atom('ok'));
    for (let depth = 0; depth < 20_000; depth++) body = tuple(atom('tuple'), integer(1), list([body]));
    expect(factsOfForms(function_(body))).toMatchObject({
      dynamicCalls: { unknown: 'deeply nested code' },
      starts: { unknown: 'deeply nested code' },
    });
  });

  it('that would double a value again and again end all the same', () => {
    const variable = (name: string): Term => tuple(atom('var'), integer(1), atom(name));
    const steps = Array.from({ length: 60 }, (_, at) => {
      const before = at === 0 ? tuple(atom('atom'), integer(1), atom('ok')) : variable(`V${at - 1}`);
      return tuple(
        atom('match'),
        integer(1),
        variable(`V${at}`),
        tuple(atom('tuple'), integer(1), list([before, before])),
      );
    });
    const spawn = tuple(
      atom('call'),
      integer(1),
      tuple(atom('atom'), integer(1), atom('spawn')),
      list([variable('V59'), variable('V59'), variable('V59')]),
    );
    const body = tuple(atom('block'), integer(1), list([...steps, spawn]));
    expect(factsOfForms(function_(body)).starts).toEqual([
      { starter: 'erlang:spawn/3', module: { unknown: 'a value too large to follow' }, function: 'f/0' },
    ]);
  });

  it('of records whose defaults double again and again end, and leave calls unknown', () => {
    const make = (record: string): Term => tuple(atom('record'), integer(1), atom(record), nil);
    const field = (name: string, value: Term): Term =>
      tuple(atom('record_field'), integer(1), tuple(atom('atom'), integer(1), atom(name)), value);
    const records = Array.from({ length: 40 }, (_, at) => {
      const inner = at === 0 ? tuple(atom('atom'), integer(1), atom('x')) : make(`r${at - 1}`);
      return tuple(
        atom('attribute'),
        integer(1),
        atom('record'),
        tuple(atom(`r${at}`), list([field('a', inner), field('b', inner)])),
      );
    });
    expect(factsOfForms(...records, function_(make('r39'))).starts).toEqual({
      unknown: 'deeply nested code',
    });
  });

  it('of a tuple with more elements than a function of JavaScript takes arguments are read', () => {
    const number = tuple(atom('integer'), integer(1), integer(1));
    const spawn = tuple(
      atom('call'),
      integer(1),
      tuple(atom('atom'), integer(1), atom('spawn')),
      list([
        tuple(atom('atom'), integer(1), atom('m')),
        tuple(atom('atom'), integer(1), atom('f')),
        list([]),
      ]),
    );
    const wide = tuple(atom('tuple'), integer(1), list(Array.from({ length: 200_000 }, () => number)));
    const body = tuple(atom('block'), integer(1), list([spawn, wide]));
    expect(factsOfForms(function_(body)).starts).toMatchObject([{ module: 'm' }]);
  });

  it('in a damaged chunk leave what the beam tells without them', () => {
    const beam = openBeam(buildBeam([...smallestModule(), ['Dbgi', Buffer.from([131, 0])]]), 'm.beam');
    expect(extractModuleFacts(beam).records).toEqual({ unknown: 'the debug info is corrupt' });
  });

  it('in the place of real ones never make it throw', () => {
    const random = new Random(28);
    for (let round = 0; round < 800; round++) {
      const chunks = new Map(oracle.open(random.pick(oracle.modules)).chunks.byId);
      let info = decodeExternalTerm(chunks.get('Dbgi') ?? Buffer.alloc(0), 'Dbgi');
      for (let changes = 1 + random.below(8); changes > 0; changes--) info = damaged(info, random);
      chunks.set('Dbgi', encodeExternalTerm(info));
      expect(extractModuleFacts(openBeam(buildBeam(chunks), 'm.beam'))).toHaveProperty('starts');
    }
  });
});

/** A term in which one part, chosen at random, is another one of the term's parts or something small. */
function damaged(term: Term, random: Random): Term {
  const parts =
    term.kind === 'map'
      ? term.entries.flat()
      : term.kind === 'tuple' || term.kind === 'list'
        ? term.elements
        : [];
  if (parts.length === 0 || random.below(12) === 0) {
    const others = [
      nil,
      tuple(),
      atom('atom'),
      integer(-1),
      string('text'),
      list([term]),
      tuple(term, term),
      ...parts,
    ];
    return random.pick(others);
  }
  const at = random.below(parts.length);
  const changed = parts.map((part, place) => (place === at ? damaged(part, random) : part));
  switch (term.kind) {
    case 'tuple':
      return tuple(...changed);
    case 'map':
      return map(
        term.entries.map((_, entry): [Term, Term] => [
          changed[2 * entry] ?? nil,
          changed[2 * entry + 1] ?? nil,
        ]),
      );
    default:
      return list(changed);
  }
}
