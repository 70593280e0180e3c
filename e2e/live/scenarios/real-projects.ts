import type { Scenario } from '../../support/live/scenario.js';
import {
  application,
  asks,
  converts,
  functional,
  server,
  specialProcess,
} from '../../support/live/sources.js';

/** A gen_server of its own behaviour: it keeps the state of a callback module in its own. */
const engine = (functions: string, clauses: string): string => `-behaviour(gen_server).
-export([start_link/2, init/1, handle_call/3, handle_cast/2, code_change/3, ${functions}]).
start_link(Module, Args) -> gen_server:start_link({local, Module}, ?MODULE, {Module, Args}, []).
init({Module, Args}) -> {ok, {Module, Module:setup(Args)}}.
handle_cast(_, State) -> {noreply, State}.
${clauses}`;

const eventManager = `-export([start_link/0, count/0, notify/0]).
start_link() ->
  {ok, Pid} = gen_event:start_link({local, ?MODULE}),
  ok = gen_event:add_handler(Pid, eh_handler, []),
  {ok, Pid}.
count() -> gen_event:call(?MODULE, eh_handler, count).
notify() -> gen_event:sync_notify(?MODULE, happened).`;

const eventHandler = (clauses: string): string => `-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2${clauses.includes('code_change(') ? ', code_change/3' : ''}]).
${clauses}`;

/** A special process whose loop is called from outside of its module after each system message. */
const wanderer = (shape: string, clauses: string, initial: string): string =>
  specialProcess(shape, clauses, initial).replace(
    'system_continue(Parent, _, State) -> loop(Parent, State).',
    'system_continue(Parent, _, State) -> ?MODULE:loop(Parent, State).',
  );

const otherServer = (step: string): string =>
  server(
    'count/0',
    `init([]) -> {ok, 0}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, N) -> {reply, N + ${step}, N + ${step}}.
code_change(_, N, _) -> {ok, N}.`,
  );

/** What was seen when consecutive releases of well-known libraries were upgraded live. */
export const realProjects: readonly Scenario[] = [
  {
    name: 'code_change in a cycle',
    promise: 'the code_change that reads runs after the one that inserts',
    applications: [
      application(
        'cc',
        {
          cc_z_reader: server(
            'get/0, peek/0',
            `init([]) -> {ok, 1}.
get() -> gen_server:call(?MODULE, get).
peek() -> old.
handle_call(get, _, N) -> {reply, {N, cc_a_writer:seen_old()}, N}.`,
          ),
          cc_a_writer: server(
            'get/0, seen_old/0',
            `init([]) -> {ok, 1}.
get() -> gen_server:call(?MODULE, get).
seen_old() -> ok.
handle_call(get, _, N) -> {reply, {N, cc_z_reader:peek()}, N}.`,
          ),
        },
        {
          cc_z_reader: server(
            'get/0, look/0',
            `init([]) -> {ok, {reader, 1}}.
get() -> gen_server:call(?MODULE, get).
look() -> new.
handle_call(get, _, {reader, N} = S) -> {reply, {N, cc_a_writer:seen_new()}, S}.
code_change({down, _}, {reader, N}, _) -> {ok, N};
code_change(_, N, _) -> {entry, _} = cc_a_writer:entry(), {ok, {reader, N}}.`,
          ),
          cc_a_writer: server(
            'get/0, seen_new/0, entry/0',
            `init([]) -> persistent_term:put(?MODULE, {entry, 1}), {ok, {writer, 1}}.
get() -> gen_server:call(?MODULE, get).
seen_new() -> ok.
entry() -> persistent_term:get(?MODULE, gone).
handle_call(get, _, {writer, N} = S) -> {reply, {N, cc_z_reader:look()}, S}.
code_change({down, _}, {writer, N}, _) -> persistent_term:erase(?MODULE), {ok, N};
code_change(_, N, _) -> persistent_term:put(?MODULE, {entry, N}), {ok, {writer, N}}.`,
          ),
        },
        { children: ['cc_z_reader', 'cc_a_writer'] },
      ),
    ],
    load: ['{1, ok} = cc_z_reader:get()', '{1, _} = cc_a_writer:get()'],
    up: ['{reader, 1} = sys:get_state(cc_z_reader)', '{1, new} = cc_a_writer:get()'],
    down: ['1 = sys:get_state(cc_z_reader)', '{1, old} = cc_a_writer:get()'],
  },
  {
    name: 'process that loops in another module',
    promise:
      'a process is suspended by the module of its child specification while the module it loops in changes',
    applications: [
      application(
        'lo',
        {
          lo_start: functional('start_link/0', 'start_link() -> lo_loop:start_link().'),
          lo_loop: specialProcess('N', 'request(N) -> {N, lo_loop_help:next(N)}.', '0'),
          lo_loop_help: functional('next/1', 'next(N) -> N + 1.'),
        },
        {
          lo_start: functional('start_link/0', 'start_link() -> lo_loop:start_link().'),
          lo_loop: specialProcess(
            '{state, N}',
            `request({state, N}) -> {N, {state, lo_loop_help:next(N)}}.
system_code_change({state, N}, _, {down, _}, _) -> {ok, N};
system_code_change(N, _, _, _) -> {ok, {state, N}}.`,
            '{state, 0}',
          ),
          lo_loop_help: functional('next/1', 'next(N) -> N + 1.'),
        },
        { children: ['lo_start'] },
      ),
    ],
    load: ['true = is_integer(lo_loop:call())'],
    prepare: ['sys:replace_state(lo_loop, fun(_) -> 1000000 end)'],
    up: ['{state, N} = sys:get_state(lo_loop), true = N > 1000000'],
    down: ['true = sys:get_state(lo_loop) > 1000000'],
  },
  {
    name: 'server that loops in another module',
    promise:
      'its child specification names the module that starts it; the new code of its callbacks runs all the same',
    applications: [
      application(
        'ls',
        {
          ls_start: functional('start_link/0', 'start_link() -> ls_server:start_link().'),
          ls_server: server(
            'ask/0',
            `init([]) -> {ok, 1}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, S) -> {reply, S, S}.`,
          ),
        },
        {
          ls_start: functional('start_link/0', 'start_link() -> ls_server:start_link().'),
          ls_server: server(
            'ask/0',
            `init([]) -> {ok, 1}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, S) -> {reply, S + 1, S}.`,
          ),
        },
        { children: ['ls_start'] },
      ),
    ],
    load: ['true = is_integer(ls_server:ask())'],
    up: ['2 = ls_server:ask()'],
    down: ['1 = ls_server:ask()'],
  },
  {
    name: 'child specification with another module',
    promise: 'a server is suspended and converted by the module that its child specification names',
    applications: [
      application(
        'wm',
        { wm_api: functional('api/0', 'api() -> 1.'), wm_server: asks('N') },
        {
          wm_api: functional('api/0', 'api() -> 1.'),
          wm_server: converts('N', '{state, State}', 'element(2, State)'),
        },
        { children: ['#{id => wm, start => {wm_server, start_link, []}, modules => [wm_api]}'] },
      ),
    ],
    load: ['true = is_integer(wm_server:ask())'],
    up: ['{state, _} = sys:get_state(wm_server)'],
    down: ['1 = sys:get_state(wm_server)'],
  },
  {
    name: 'event handler',
    promise: 'the state of a handler is converted, and it goes on handling',
    applications: [
      application(
        'eh',
        {
          eh_manager: eventManager,
          eh_handler: eventHandler(
            'handle_event(_, N) -> {ok, N + 1}.\nhandle_call(count, N) -> {ok, N, N}.\ninit([]) -> {ok, 0}.',
          ),
        },
        {
          eh_manager: eventManager,
          eh_handler: eventHandler(
            `handle_event(_, {state, N, L}) -> {ok, {state, N + 1, L}}.
handle_call(count, {state, N, _} = S) -> {ok, N, S}.
init([]) -> {ok, {state, 0, []}}.
code_change({down, _}, {state, N, _}, _) -> {ok, N};
code_change(_, N, _) -> {ok, {state, N, []}}.`,
          ),
        },
        { children: ['#{id => eh_manager, start => {eh_manager, start_link, []}, modules => dynamic}'] },
      ),
    ],
    load: ['true = is_integer(eh_manager:count())', 'ok = eh_manager:notify()'],
    before: ['[eh_handler] = gen_event:which_handlers(eh_manager)'],
    up: [
      '[eh_handler] = gen_event:which_handlers(eh_manager)',
      '[{eh_handler, false, {state, N, []}}] = sys:get_state(eh_manager), true = N > 0',
    ],
    down: [
      '[eh_handler] = gen_event:which_handlers(eh_manager)',
      '[{eh_handler, false, N}] = sys:get_state(eh_manager), true = N > 0',
    ],
  },
  {
    name: 'callback added to a behaviour',
    promise: 'a callback is there before the engine calls it, which names its callback modules nowhere',
    applications: [
      application(
        'ba',
        {
          ba_engine: engine(
            'ask/1, behaviour_info/1',
            `behaviour_info(callbacks) -> [{setup, 1}, {answer, 1}].
ask(Name) -> gen_server:call(Name, ask).
handle_call(ask, _, {Module, S} = State) -> {reply, Module:answer(S), State}.
code_change(_, State, _) -> {ok, State}.`,
          ),
          ba_user: `-behaviour(ba_engine).
-export([setup/1, answer/1]).
setup(_) -> 1.
answer(S) -> S.`,
        },
        {
          ba_engine: engine(
            'ask/1, behaviour_info/1',
            `behaviour_info(callbacks) -> [{setup, 1}, {answer, 2}].
ask(Name) -> gen_server:call(Name, ask).
handle_call(ask, _, {Module, S} = State) -> {reply, Module:answer(S, new), State}.
code_change(_, State, _) -> {ok, State}.`,
          ),
          ba_user: `-behaviour(ba_engine).
-export([setup/1, answer/1, answer/2]).
setup(_) -> 1.
answer(S) -> S.
answer(S, new) -> S + 1.`,
        },
        {
          children: [
            '#{id => ba_user, start => {ba_engine, start_link, [ba_user, []]}, modules => [ba_engine, ba_user]}',
          ],
        },
      ),
    ],
    load: ['true = is_integer(ba_engine:ask(ba_user))'],
    up: ['2 = ba_engine:ask(ba_user)'],
    down: ['1 = ba_engine:ask(ba_user)'],
  },
  {
    name: 'callback removed from a behaviour',
    promise: 'a callback is there until the engine calls it no more',
    applications: [
      application(
        'bb',
        {
          bb_engine: engine(
            'ask/1, behaviour_info/1',
            `behaviour_info(callbacks) -> [{setup, 1}, {answer, 1}].
ask(Name) -> gen_server:call(Name, ask).
handle_call(ask, _, {Module, S} = State) -> {reply, Module:answer(S), State}.
code_change(_, State, _) -> {ok, State}.`,
          ),
          bb_user: `-behaviour(bb_engine).
-export([setup/1, answer/1]).
setup(_) -> 1.
answer(S) -> S.`,
        },
        {
          bb_engine: engine(
            'ask/1, behaviour_info/1',
            `behaviour_info(callbacks) -> [{setup, 1}].
ask(Name) -> gen_server:call(Name, ask).
handle_call(ask, _, {_, S} = State) -> {reply, S + 1, State}.
code_change(_, State, _) -> {ok, State}.`,
          ),
          bb_user: `-behaviour(bb_engine).
-export([setup/1]).
setup(_) -> 1.`,
        },
        {
          children: [
            '#{id => bb_user, start => {bb_engine, start_link, [bb_user, []]}, modules => [bb_engine, bb_user]}',
          ],
        },
      ),
    ],
    load: ['true = is_integer(bb_engine:ask(bb_user))'],
    up: ['2 = bb_engine:ask(bb_user)'],
    down: ['1 = bb_engine:ask(bb_user)'],
  },
  {
    name: 'record shared with a helper',
    promise: 'a helper that takes the state apart changes together with the server that keeps it',
    applications: [
      application(
        'rh',
        {
          rh_server: server(
            'value/0',
            `-record(state, {value = 1}).
init([]) -> {ok, #state{}}.
value() -> gen_server:call(?MODULE, value).
handle_call(value, _, State) -> {reply, rh_a_helper:value(State), State}.`,
          ),
          rh_a_helper: functional('value/1', '-record(state, {value = 1}).\nvalue(#state{value = V}) -> V.'),
        },
        {
          rh_server: server(
            'value/0',
            `-record(state, {extra, value = 1}).
init([]) -> {ok, #state{}}.
value() -> gen_server:call(?MODULE, value).
handle_call(value, _, State) -> {reply, rh_a_helper:value(State), State}.
code_change({down, _}, #state{value = V}, _) -> {ok, {state, V}};
code_change(_, {state, V}, _) -> {ok, #state{value = V}}.`,
          ),
          rh_a_helper: functional(
            'value/1',
            '-record(state, {extra, value = 1}).\nvalue(#state{value = V}) -> V.',
          ),
        },
        { children: ['rh_server'] },
      ),
    ],
    load: ['1 = rh_server:value()'],
    up: ['{state, undefined, 1} = sys:get_state(rh_server)'],
    down: ['{state, 1} = sys:get_state(rh_server)'],
  },
  {
    name: 'records that a state holds',
    promise: 'modules that make and match the records in a list of a server change together with the server',
    applications: [
      application(
        'rl',
        {
          rl_server: server(
            'names/0',
            `-record(state, {users}).
init([]) -> {ok, #state{users = [rl_a_user:new(1), rl_a_user:new(2)]}}.
names() -> gen_server:call(?MODULE, names).
handle_call(names, _, State) -> {reply, rl_a_view:names(State#state.users), State}.`,
          ),
          rl_a_view: functional(
            'names/1',
            '-record(user, {id}).\nnames(Users) -> [rl_a_user:name(User) || #user{} = User <- Users].',
          ),
          rl_a_user: functional(
            'new/1, name/1',
            '-record(user, {id}).\nnew(Id) -> #user{id = Id}.\nname(#user{id = Id}) -> {user, Id}.',
          ),
        },
        {
          rl_server: server(
            'names/0',
            `-record(state, {users}).
-record(user, {mail, id}).
init([]) -> {ok, #state{users = [rl_a_user:new(1), rl_a_user:new(2)]}}.
names() -> gen_server:call(?MODULE, names).
handle_call(names, _, State) -> {reply, rl_a_view:names(State#state.users), State}.
code_change({down, _}, #state{users = Users} = State, _) ->
  {ok, State#state{users = [{user, Id} || #user{id = Id} <- Users]}};
code_change(_, #state{users = Users} = State, _) ->
  {ok, State#state{users = [#user{id = Id} || {user, Id} <- Users]}}.`,
          ),
          rl_a_view: functional(
            'names/1',
            '-record(user, {mail, id}).\nnames(Users) -> [rl_a_user:name(User) || #user{} = User <- Users].',
          ),
          rl_a_user: functional(
            'new/1, name/1',
            '-record(user, {mail, id}).\nnew(Id) -> #user{id = Id}.\nname(#user{id = Id}) -> {user, Id}.',
          ),
        },
        { children: ['rl_server'] },
      ),
    ],
    load: ['[{user, 1}, {user, 2}] = rl_server:names()'],
    up: ['{state, [{user, undefined, 1}, _]} = sys:get_state(rl_server)'],
    down: ['{state, [{user, 1}, _]} = sys:get_state(rl_server)'],
  },
  {
    name: 'special process that leaves its module',
    promise:
      'a process that returns from a system message by an external call meets new code with a converted state only',
    applications: [
      application(
        'sl',
        { sl_server: wanderer('N', 'request(N) -> {N, N + 1}.', '0'), sl_other: otherServer('1') },
        {
          sl_server: wanderer(
            '{state, N}',
            `request({state, N}) -> {N, {state, N + 1}}.
system_code_change({state, N}, _, {down, _}, _) -> {ok, N};
system_code_change(N, _, _, _) when is_integer(N) -> {ok, {state, N}}.`,
            '{state, 0}',
          ),
          sl_other: otherServer('2'),
        },
        { children: ['sl_server', 'sl_other'] },
      ),
    ],
    load: ['true = is_integer(sl_server:call())', 'true = is_integer(sl_other:count())'],
    up: ['{state, N} = sys:get_state(sl_server), true = is_integer(N)'],
    down: ['true = is_integer(sys:get_state(sl_server))'],
  },
];
