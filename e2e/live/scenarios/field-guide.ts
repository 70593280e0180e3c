import type { Scenario } from '../../support/live/scenario.js';
import { application, functional, server } from '../../support/live/sources.js';

const holder = server(
  'run/1',
  `init([]) -> {ok, fun sf_lib:run/1}.
run(X) -> gen_server:call(?MODULE, {run, X}).
handle_call({run, X}, _, F) -> {reply, F(X), F}.`,
);

/** A process that nobody supervises, which waits in bl:await/1. */
const guest = 'register(bl_guest, spawn(fun() -> persistent_term:put(bl_answer, bl:await(go)) end))';

const released = (answer: string): string =>
  `Guest = whereis(bl_guest), Monitor = monitor(process, Guest), Guest ! go,
   receive {'DOWN', Monitor, process, Guest, Reason} -> normal = Reason after 5000 -> exit(late) end,
   ${answer} = persistent_term:get(bl_answer)`;

const blocking = (answer: string): string => `await(Message) -> receive Message -> ${answer} end.`;

/** It says nothing to sys, and goes on in the newest code after each message. */
const plainWorker = (next: string): string => `-export([start_link/0, call/0, loop/1]).
start_link() -> Pid = spawn_link(?MODULE, loop, [0]), register(?MODULE, Pid), {ok, Pid}.
call() ->
  Monitor = monitor(process, ?MODULE),
  ?MODULE ! {call, self(), Monitor},
  receive
    {Monitor, Answer} -> demonitor(Monitor, [flush]), Answer;
    {'DOWN', Monitor, process, _, Reason} -> exit(Reason)
  after 5000 -> exit(timeout)
  end.
loop(N) ->
  receive
    {call, Client, Tag} -> Client ! {Tag, N}, ?MODULE:loop(${next});
    _ -> ?MODULE:loop(N)
  end.`;

const onLoad = (value: string): string => `-export([run/0]).
-on_load(prepare/0).
prepare() -> persistent_term:put(?MODULE, ${value}).
run() -> persistent_term:get(?MODULE).`;

/** The field guide's failures that were reproduced with other generators of appups. */
export const fieldGuide: readonly Scenario[] = [
  {
    name: 'no code_change',
    promise: 'a gen_server without code_change/3 gets its new code, and the emulator stays up',
    applications: [
      application(
        'nc',
        {
          nc_server: server(
            'ask/0',
            `init([]) -> {ok, 1}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, State) -> {reply, State, State}.`,
          ),
        },
        {
          nc_server: server(
            'ask/0',
            `init([]) -> {ok, 1}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, State) -> {reply, State * 2, State}.`,
          ),
        },
        { children: ['nc_server'] },
      ),
    ],
    load: ['true = is_integer(nc_server:ask())'],
    up: ['2 = nc_server:ask()'],
    down: ['1 = nc_server:ask()'],
  },
  {
    name: 'only line numbers',
    promise: 'a module whose code is the same is not loaded again',
    applications: [
      application(
        'ln',
        { ln: functional('run/0', 'run() -> ok.') },
        { ln: functional('run/0', '%% @doc Nothing new.\n\n\nrun() -> ok.') },
      ),
    ],
    load: ['ok = ln:run()'],
    up: [
      '{file, File} = code:is_loaded(ln), "ln-1" = filename:basename(filename:dirname(filename:dirname(File)))',
    ],
  },
  {
    name: 'worker without system messages',
    promise: 'a supervised process that does not speak them moves to the new code with its next message',
    applications: [
      application(
        'wk',
        { wk_worker: plainWorker('N + 1') },
        { wk_worker: plainWorker('N + 2') },
        { children: ['wk_worker'] },
      ),
    ],
    load: ['true = is_integer(wk_worker:call())'],
  },
  {
    name: 'client blocked in a library',
    promise: 'a client that waits inside a function of the old code gets its answer',
    applications: [
      application(
        'bl',
        { bl: functional('await/1', blocking('answer')) },
        { bl: functional('await/1', blocking('{answer, new}')) },
      ),
    ],
    load: ['self() ! go, true = lists:member(bl:await(go), [answer, {answer, new}])'],
    prepare: [guest],
    up: [released('answer'), guest],
    down: [released('{answer, new}')],
    keepsOldCode: ['bl'],
  },
  {
    name: 'stored fun',
    promise: 'a process that holds an external fun calls the new code',
    applications: [
      application(
        'sf',
        { sf_server: holder, sf_lib: functional('run/1', 'run(X) -> X + 1.') },
        { sf_server: holder, sf_lib: functional('run/1', 'run(X) -> X + 2.') },
        { children: ['sf_server'] },
      ),
    ],
    load: ['true = is_integer(sf_server:run(1))'],
    up: ['3 = sf_server:run(1)'],
    down: ['2 = sf_server:run(1)'],
  },
  {
    name: 'server that calls another',
    promise: 'the one that calls is suspended first, and nobody waits for somebody who sleeps',
    applications: [
      application(
        'sc',
        {
          sc_z_front: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, sc_a_back:run(), N}.
code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) when is_integer(N) -> {ok, {state, N}}.`,
          ),
          sc_a_back: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, N, N}.`,
          ),
        },
        {
          sc_z_front: server(
            'run/0',
            `init([]) -> {ok, {state, 0}}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, {state, N}) -> {reply, sc_a_back:run(), {state, N}}.
code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) when is_integer(N) -> {ok, {state, N}}.`,
          ),
          sc_a_back: server(
            'run/0',
            `init([]) -> {ok, {state, 0}}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, {state, N}) -> {reply, N, {state, N}}.
code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) when is_integer(N) -> {ok, {state, N}}.`,
          ),
        },
        { children: ['sc_a_back', 'sc_z_front'] },
      ),
    ],
    load: ['0 = sc_z_front:run()'],
    up: ['{state, 0} = sys:get_state(sc_z_front)', '{state, 0} = sys:get_state(sc_a_back)'],
    down: ['0 = sys:get_state(sc_z_front)', '0 = sys:get_state(sc_a_back)'],
  },
  {
    name: 'on_load',
    promise: 'a module that sets something up when it is loaded does so for the new code',
    applications: [application('ol', { ol: onLoad('1') }, { ol: onLoad('2') })],
    load: ['true = is_integer(ol:run())'],
    up: ['2 = ol:run()'],
    down: ['1 = ol:run()'],
  },
  {
    name: 'shipped appup',
    promise: 'an appup with patterns of versions and more than one term is used as OTP would',
    applications: [
      {
        name: 'sa',
        v1: { modules: { sa: functional('run/0', 'run() -> 1.') } },
        v2: {
          modules: { sa: functional('run/0', 'run() -> 2.') },
          files: {
            'ebin/sa.appup': `{"2", [{<<"0\\\\..*">>, [{restart_application, sa}]}, {<<"1(\\\\..*)?">>, [{load_module, sa, soft_purge, soft_purge, []}]}],
 [{<<".*">>, [{load_module, sa, soft_purge, soft_purge, []}]}]}.
{"1", [], []}.
`,
          },
        },
      },
    ],
    load: ['true = is_integer(sa:run())'],
    up: ['2 = sa:run()'],
    down: ['1 = sa:run()'],
  },
];
