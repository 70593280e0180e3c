import type { Scenario } from '../../support/live/scenario.js';
import { application, asks, converts, functional } from '../../support/live/sources.js';

const engine = (callback: string, answer: string): string => `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, ask/1, behaviour_info/1]).
behaviour_info(callbacks) -> [${callback.replace(/(\w+)\/(\d)/, '{$1, $2}')}].
start_link(Module) -> gen_server:start_link({local, Module}, ?MODULE, Module, []).
init(Module) -> {ok, {Module, 1}}.
ask(Name) -> gen_server:call(Name, ask).
handle_call(ask, _, {Module, S} = State) -> {reply, ${answer}, State}.
handle_cast(_, State) -> {noreply, State}.`;

/** Orders that follow from calls that imports do not show, and from what code_change calls. */
export const orders: readonly Scenario[] = [
  {
    name: 'servers that call each other across applications',
    promise: 'the caller is suspended first, wherever it starts',
    applications: [
      application(
        'ia',
        { ia_back: asks('N') },
        { ia_back: converts('N', '{state, State}', 'element(2, State)') },
        { children: ['ia_back'] },
      ),
      application(
        'ib',
        { ib_front: asks('ia_back:ask() + N') },
        { ib_front: converts('ia_back:ask() + N', '{state, State}', 'element(2, State)') },
        { children: ['ib_front'], needs: ['ia'] },
      ),
    ],
    load: ['2 = ib_front:ask()'],
    up: ['{state, 1} = sys:get_state(ia_back), {state, 1} = sys:get_state(ib_front)'],
    down: ['1 = sys:get_state(ia_back), 1 = sys:get_state(ib_front)'],
  },
  {
    name: 'functions named in data',
    promise: 'a function that is called by a name in a list is there before the list names it',
    applications: [
      application(
        'fd',
        {
          fd_caller: functional(
            'run/0',
            'run() -> [M:F() || {M, F} <- handlers()].\nhandlers() -> [{fd_z_lib, old}].',
          ),
          fd_z_lib: functional('old/0', 'old() -> 1.'),
        },
        {
          fd_caller: functional(
            'run/0',
            'run() -> [M:F() || {M, F} <- handlers()].\nhandlers() -> [{fd_z_lib, old}, {fd_z_lib, new}].',
          ),
          fd_z_lib: functional('old/0, new/0', 'old() -> 1.\nnew() -> 2.'),
        },
      ),
    ],
    load: ['[1 | _] = fd_caller:run()'],
    up: ['[1, 2] = fd_caller:run()'],
    down: ['[1] = fd_caller:run()'],
  },
  {
    name: 'external funs and apply',
    promise: 'fun M:F/A, apply/3 and spawn/3 are calls',
    applications: [
      application(
        'ef',
        { ef_caller: functional('run/0', 'run() -> 1.'), ef_z_lib: functional('old/0', 'old() -> 1.') },
        {
          ef_caller: functional(
            'run/0',
            `run() ->
  F = fun ef_z_lib:new/0,
  Self = self(),
  spawn(ef_z_lib, send, [Self]),
  N = receive sent -> 0 after 5000 -> exit(not_sent) end,
  N + F() + apply(ef_z_lib, new, []).`,
          ),
          ef_z_lib: functional('old/0, new/0, send/1', 'old() -> 1.\nnew() -> 2.\nsend(Pid) -> Pid ! sent.'),
        },
      ),
    ],
    load: ['true = is_integer(ef_caller:run())'],
    up: ['4 = ef_caller:run()'],
    down: ['1 = ef_caller:run()'],
  },
  {
    name: 'code_change with a converter that is new',
    promise:
      'the converter is there when code_change calls it, on the way down, too, where it goes afterwards',
    applications: [
      application(
        'cv',
        { cv_server: asks('N') },
        {
          cv_server: converts('N', 'cv_a_convert:up(State)', 'cv_a_convert:down(State)'),
          cv_a_convert: functional('up/1, down/1', 'up(N) -> {state, N}.\ndown({state, N}) -> N.'),
        },
        { children: ['cv_server'] },
      ),
    ],
    load: ['1 = cv_server:ask()'],
    up: ['{state, 1} = sys:get_state(cv_server)'],
    down: ['1 = sys:get_state(cv_server)'],
  },
  {
    name: 'code_change with a converter that changes',
    promise: 'the functions that code_change calls are there, in both directions',
    applications: [
      application(
        'ch',
        { ch_server: asks('N'), ch_z_convert: functional('id/1', 'id(X) -> X.') },
        {
          ch_server: converts('N', 'ch_z_convert:up(State)', 'ch_z_convert:down(State)'),
          ch_z_convert: functional(
            'id/1, up/1, down/1',
            'id(X) -> X.\nup(N) -> {state, N}.\ndown({state, N}) -> N.',
          ),
        },
        { children: ['ch_server'] },
      ),
    ],
    load: ['1 = ch_server:ask()', 'x = ch_z_convert:id(x)'],
    up: ['{state, 1} = sys:get_state(ch_server)'],
    down: ['1 = sys:get_state(ch_server)'],
  },
  {
    name: 'code_change with a converter in another application',
    promise: 'the application that converts changes first on the way up, and last on the way down',
    applications: [
      application(
        'co_user',
        { co_server: asks('N') },
        { co_server: converts('N', 'co_convert:up(State)', 'co_convert:down(State)') },
        { children: ['co_server'] },
      ),
      application(
        'co_zlib',
        { co_convert: functional('id/1', 'id(X) -> X.') },
        {
          co_convert: functional(
            'id/1, up/1, down/1',
            'id(X) -> X.\nup(N) -> {state, N}.\ndown({state, N}) -> N.',
          ),
        },
      ),
    ],
    load: ['1 = co_server:ask()', 'x = co_convert:id(x)'],
    up: ['{state, 1} = sys:get_state(co_server)'],
    down: ['1 = sys:get_state(co_server)'],
  },
  {
    name: 'three servers in a row',
    promise: 'each is suspended before the one it calls',
    applications: [
      application(
        'tr',
        {
          tr_b_front: asks('tr_c_middle:ask() + N'),
          tr_c_middle: asks('tr_a_back:ask() + N'),
          tr_a_back: asks('N'),
        },
        {
          tr_b_front: converts('tr_c_middle:ask() + N', '{state, State}', 'element(2, State)'),
          tr_c_middle: converts('tr_a_back:ask() + N', '{state, State}', 'element(2, State)'),
          tr_a_back: converts('N', '{state, State}', 'element(2, State)'),
        },
        { children: ['tr_a_back', 'tr_c_middle', 'tr_b_front'] },
      ),
    ],
    load: ['3 = tr_b_front:ask()'],
    up: ['{state, 1} = sys:get_state(tr_b_front)'],
    down: ['1 = sys:get_state(tr_b_front)'],
  },
  {
    name: 'caller that does not change',
    promise: 'what an unchanged module calls stays, and an unchanged server is not touched',
    applications: [
      application(
        'un',
        { un_lib: functional('run/1', 'run(N) -> N.'), un_server: asks('un_lib:run(N)') },
        { un_lib: functional('run/1', 'run(N) -> N + 1.'), un_server: asks('un_lib:run(N)') },
        { children: ['un_server'] },
      ),
    ],
    load: ['true = is_integer(un_server:ask())'],
    up: ['2 = un_server:ask()'],
    down: ['1 = un_server:ask()'],
  },
  {
    name: 'application that moves its server elsewhere',
    promise: 'a new application starts before the one that is left of its tasks forgets them',
    applications: [
      {
        name: 'mo_old',
        v1: { modules: { mo_api: functional('run/0', 'run() -> mo_local().\nmo_local() -> 1.') } },
        v2: { needs: ['mo_new'], modules: { mo_api: functional('run/0', 'run() -> mo_server:ask().') } },
      },
      {
        name: 'mo_new',
        v2: {
          children: ['mo_server'],
          modules: { mo_server: asks('N + mo_help:one()'), mo_help: functional('one/0', 'one() -> 1.') },
        },
      },
    ],
    load: ['true = is_integer(mo_api:run())'],
    starts: ['mo_new top', 'mo_server'],
    up: ['2 = mo_api:run()'],
    down: ['1 = mo_api:run()'],
  },
  {
    name: 'callback between applications',
    promise: 'an engine in one application finds the callbacks of its users in others',
    applications: [
      application(
        'ka',
        { ka_engine: engine('answer/1', 'Module:answer(S)') },
        { ka_engine: engine('answer/2', 'Module:answer(S, new)') },
      ),
      application(
        'kb',
        { kb_user: '-behaviour(ka_engine).\n-export([answer/1]).\nanswer(S) -> S.' },
        {
          kb_user:
            '-behaviour(ka_engine).\n-export([answer/1, answer/2]).\nanswer(S) -> S.\nanswer(S, new) -> S + 1.',
        },
        {
          children: ['#{id => kb, start => {ka_engine, start_link, [kb_user]}, modules => [ka_engine]}'],
          needs: ['ka'],
        },
      ),
    ],
    load: ['true = is_integer(ka_engine:ask(kb_user))'],
    up: ['2 = ka_engine:ask(kb_user)'],
    down: ['1 = ka_engine:ask(kb_user)'],
  },
  {
    name: 'application added for a server that changes',
    promise: 'a server with another state calls the new application, and forgets a module of its own',
    applications: [
      {
        name: 'ao',
        v1: {
          children: ['ao_server'],
          modules: { ao_server: asks('ao_old:run(N)'), ao_old: functional('run/1', 'run(N) -> N.') },
        },
        v2: {
          needs: ['ap'],
          children: ['ao_server'],
          modules: { ao_server: converts('ap_server:ask() + N', '{state, State}', 'element(2, State)') },
        },
      },
      { name: 'ap', v2: { children: ['ap_server'], modules: { ap_server: asks('N') } } },
    ],
    load: ['true = is_integer(ao_server:ask())'],
    starts: ['ap top', 'ap_server'],
    up: ['2 = ao_server:ask()'],
    down: ['1 = ao_server:ask()'],
  },
];
