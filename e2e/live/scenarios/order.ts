import type { Scenario } from '../../support/live/scenario.js';
import { application, functional, server } from '../../support/live/sources.js';

/** A gen_server that answers `ask()` with what the expression says, in a state that is no record. */
const asks = (answer: string, clauses = ''): string =>
  server(
    'ask/0',
    `init([]) -> {ok, 1}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, N) -> {reply, ${answer}, N}.
${clauses}`,
  );

/** The same with the state `{state, N}`, converted by these expressions. */
const converts = (answer: string, up: string, down: string): string =>
  server(
    'ask/0',
    `init([]) -> {ok, {state, 1}}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, {state, N} = State) -> {reply, ${answer}, State}.
code_change({down, _}, State, _) -> {ok, ${down}};
code_change(_, State, _) -> {ok, ${up}}.`,
  );

const engine = (callback: string, answer: string): string => `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, ask/1, behaviour_info/1]).
behaviour_info(callbacks) -> [${callback.replace(/(\w+)\/(\d)/, '{$1, $2}')}].
start_link(Module) -> gen_server:start_link({local, Module}, ?MODULE, Module, []).
init(Module) -> {ok, {Module, 1}}.
ask(Name) -> gen_server:call(Name, ask).
handle_call(ask, _, {Module, S} = State) -> {reply, ${answer}, State}.
handle_cast(_, State) -> {noreply, State}.`;

/** Orders that follow from more than one call between two modules of one application. */
export const orders: readonly Scenario[] = [
  {
    name: 'exchange between applications',
    promise: 'a server waits while the library of another application exchanges the function it calls',
    applications: [
      application(
        'ea',
        { ea: functional('old/1', 'old(N) -> N.') },
        { ea: functional('new/1', 'new(N) -> N + 1.') },
      ),
      application(
        'eb',
        { eb_server: asks('ea:old(N)') },
        { eb_server: asks('ea:new(N)') },
        { children: ['eb_server'], needs: ['ea'] },
      ),
    ],
    load: ['true = is_integer(eb_server:ask())'],
    up: ['2 = eb_server:ask()'],
    down: ['1 = eb_server:ask()'],
  },
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
    starts: ['top', 'mo_server'],
    up: ['2 = mo_api:run()'],
    down: ['1 = mo_api:run()'],
  },
  {
    name: 'two servers with one library',
    promise: 'both wait while the function that they call is exchanged',
    applications: [
      application(
        'tl',
        {
          tl_a: asks('tl_lib:old(N)'),
          tl_z: asks('tl_lib:old(N)'),
          tl_lib: functional('old/1', 'old(N) -> N.'),
        },
        {
          tl_a: asks('tl_lib:new(N)'),
          tl_z: asks('tl_lib:new(N)'),
          tl_lib: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['tl_a', 'tl_z'] },
      ),
    ],
    load: ['true = is_integer(tl_a:ask())', 'true = is_integer(tl_z:ask())'],
    up: ['2 = tl_a:ask(), 2 = tl_z:ask()'],
    down: ['1 = tl_a:ask(), 1 = tl_z:ask()'],
  },
  {
    name: 'exchange behind a module without processes',
    promise: 'the server waits that reaches the exchanged function through another module',
    applications: [
      application(
        'ex',
        {
          ex_server: asks('ex_middle:run(N)', 'code_change(_, N, _) -> {ok, N}.'),
          ex_middle: functional('run/1', 'run(N) -> ex_lib:old(N).'),
          ex_lib: functional('old/1', 'old(N) -> N.'),
        },
        {
          ex_server: asks('ex_middle:run(N) + 0', 'code_change(_, N, _) -> {ok, N}.'),
          ex_middle: functional('run/1', 'run(N) -> ex_lib:new(N).'),
          ex_lib: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['ex_server'] },
      ),
    ],
    load: ['true = is_integer(ex_server:ask())'],
    up: ['2 = ex_server:ask()'],
    down: ['1 = ex_server:ask()'],
  },
  {
    name: 'exchange behind an unchanged server',
    promise: 'a server waits that did not change itself, but reaches what is exchanged',
    applications: [
      application(
        'eu',
        {
          eu_server: asks('eu_middle:run(N)'),
          eu_middle: functional('run/1', 'run(N) -> eu_lib:old(N).'),
          eu_lib: functional('old/1', 'old(N) -> N.'),
        },
        {
          eu_server: asks('eu_middle:run(N)'),
          eu_middle: functional('run/1', 'run(N) -> eu_lib:new(N).'),
          eu_lib: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['eu_server'] },
      ),
    ],
    load: ['true = is_integer(eu_server:ask())'],
    up: ['2 = eu_server:ask()'],
    down: ['1 = eu_server:ask()'],
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
    name: 'old child that an old one needs',
    promise: 'a child is stopped when the last that calls it has changed, and runs before that one goes back',
    applications: [
      {
        name: 'oo',
        v1: {
          children: ['oo_back', 'oo_front'],
          modules: { oo_front: asks('oo_back:ask()'), oo_back: asks('N') },
        },
        v2: { children: ['oo_front'], modules: { oo_front: asks('N + 1') } },
      },
    ],
    load: ['true = is_integer(oo_front:ask())'],
    stops: ['oo_back'],
    up: ['2 = oo_front:ask()'],
    down: ['1 = oo_front:ask()'],
  },
  {
    name: 'child that starts otherwise',
    promise: 'a child goes on as it was started, and its supervisor knows how to start the next',
    applications: [
      {
        name: 'cs',
        v1: {
          children: ['#{id => cs_worker, start => {cs_worker, start_link, []}}'],
          modules: { cs_worker: asks('N') },
        },
        v2: {
          children: ['#{id => cs_worker, start => {cs_worker, start_link, [new]}}'],
          modules: {
            cs_worker: `-export([start_link/1]).\n${asks('N + 1')}\nstart_link(new) -> start_link().`,
          },
        },
      },
    ],
    load: ['true = is_integer(cs_worker:ask())'],
    up: ['{ok, #{start := {cs_worker, start_link, [new]}}} = supervisor:get_childspec(cs_sup, cs_worker)'],
    down: ['{ok, #{start := {cs_worker, start_link, []}}} = supervisor:get_childspec(cs_sup, cs_worker)'],
  },
  {
    name: 'new child of a library that changes',
    promise: 'what a new child calls when it starts is there',
    applications: [
      application(
        'nl',
        { nl_z_lib: functional('old/0', 'old() -> 1.') },
        { nl_z_lib: functional('old/0, new/0', 'old() -> 1.\nnew() -> 2.') },
      ),
      {
        name: 'nk',
        v1: { children: ['nk_old'], modules: { nk_old: asks('nl_z_lib:old()') } },
        v2: {
          children: ['nk_old', 'nk_new'],
          modules: {
            nk_old: asks('nl_z_lib:old()'),
            nk_new: server(
              'ask/0',
              `init([]) -> {ok, nl_z_lib:new()}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, N) -> {reply, N, N}.
terminate(_, _) -> nl_z_lib:new(), ok.`,
            ),
          },
        },
      },
    ],
    load: ['1 = nk_old:ask()', '1 = nl_z_lib:old()'],
    starts: ['nk_new'],
    up: ['2 = nk_new:ask()'],
    down: ['undefined = whereis(nk_new)'],
  },
];
