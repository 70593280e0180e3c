import type { Scenario } from '../../support/live/scenario.js';
import { application, functional, server, statem, supervisor } from '../../support/live/sources.js';

const namedWorker = `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, count/1]).
start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, [], []).
init([]) -> {ok, 0}.
count(Name) -> gen_server:call(Name, count).
handle_call(count, _, N) -> {reply, N + 1, N + 1}.
handle_cast(_, N) -> {noreply, N}.`;

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

const countingServer = (step: string): string =>
  server(
    'count/0',
    `init([]) -> {ok, 0}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, N) -> {reply, N + ${step}, N + ${step}}.`,
  );

/** A gen_server that counts in a state of this shape, which holds `N`. */
const convertedServer = (shape: string, next: string, clauses: string): string =>
  server(
    'count/0',
    `init([]) -> N = 0, {ok, ${shape}}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, ${shape}) -> {reply, N, ${next}}.
${clauses}`,
  );

const dynamicSupervisor = '#{id => dy_pool, start => {dy_pool, start_link, []}, type => supervisor}';

const pool = `-behaviour(supervisor).
-export([start_link/0, init/1]).
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
init([]) -> {ok, {#{strategy => simple_one_for_one, intensity => 0}, [#{id => worker, start => {dy_worker, start_link, []}}]}}.`;

const dynamicWorker = (shape: string, next: string, clauses: string): string => `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, count/1${clauses === '' ? '' : ', code_change/3'}]).
start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, [], []).
init([]) -> N = 0, {ok, ${shape}}.
count(Name) -> gen_server:call(Name, count).
handle_call(count, _, ${shape}) -> {reply, N, ${next}}.
handle_cast(_, S) -> {noreply, S}.
${clauses}`;

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
    name: 'child id that is no module',
    promise: 'a new child is started and stopped by its id, under the registered name of its supervisor',
    applications: [
      {
        name: 'ci',
        v1: {
          children: ['#{id => main, start => {ci_worker, start_link, [main]}}'],
          modules: { ci_worker: namedWorker },
        },
        v2: {
          children: [
            '#{id => main, start => {ci_worker, start_link, [main]}}',
            '#{id => {second, 2}, start => {ci_worker, start_link, [second]}}',
          ],
          modules: { ci_worker: namedWorker },
        },
      },
    ],
    load: ['true = is_integer(ci_worker:count(main))'],
    starts: ['{second,2}'],
    up: ['1 = ci_worker:count(second)'],
    down: ['undefined = whereis(second)'],
  },
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
    name: 'function moves to another module',
    promise: 'the function is in one of the two modules whenever it is called',
    applications: [
      application(
        'mf',
        {
          mf_m_caller: functional('run/0', 'run() -> mf_z_home:format(1) + mf_a_home:kept().'),
          mf_a_home: functional('kept/0', 'kept() -> 0.'),
          mf_z_home: functional('format/1, kept/0', 'format(X) -> X.\nkept() -> 0.'),
        },
        {
          mf_m_caller: functional('run/0', 'run() -> mf_a_home:format(1) + mf_z_home:kept().'),
          mf_a_home: functional('format/1, kept/0', 'format(X) -> X * 2.\nkept() -> 0.'),
          mf_z_home: functional('kept/0', 'kept() -> 0.'),
        },
      ),
    ],
    load: ['true = is_integer(mf_m_caller:run())'],
    up: ['2 = mf_m_caller:run()'],
    down: ['1 = mf_m_caller:run()'],
  },
  {
    name: 'function moves to another application',
    promise: 'a caller between two libraries finds the function in one of them, in both directions',
    applications: [
      application(
        'xa',
        { xa: functional('format/1, kept/0', 'format(X) -> X.\nkept() -> 0.') },
        { xa: functional('kept/0', 'kept() -> 0.') },
      ),
      application(
        'xb',
        { xb: functional('run/0', 'run() -> xa:format(1).') },
        { xb: functional('run/0', 'run() -> xc:format(1).') },
        { needs: ['xa'] },
      ),
      application(
        'xc',
        { xc: functional('kept/0', 'kept() -> 0.') },
        { xc: functional('format/1, kept/0', 'format(X) -> X * 2.\nkept() -> 0.') },
      ),
    ],
    load: ['true = is_integer(xb:run())'],
    up: ['2 = xb:run()'],
    down: ['1 = xb:run()'],
  },
  {
    name: 'three applications in a chain',
    promise: 'each finds the new function of the next, in both directions',
    applications: [
      application(
        'ta',
        { ta: functional('base/0', 'base() -> 1.') },
        { ta: functional('base/0, more/0', 'base() -> 1.\nmore() -> 2.') },
      ),
      application(
        'tb',
        { tb: functional('base/0', 'base() -> ta:base().') },
        { tb: functional('base/0, more/0', 'base() -> ta:base().\nmore() -> ta:more().') },
        { needs: ['ta'] },
      ),
      application(
        'tc',
        { tc: functional('run/0', 'run() -> tb:base().') },
        { tc: functional('run/0', 'run() -> tb:more().') },
        { needs: ['tb'] },
      ),
    ],
    load: ['true = is_integer(tc:run())'],
    up: ['2 = tc:run()'],
    down: ['1 = tc:run()'],
  },
  {
    name: 'a module that comes back on the way down',
    promise: 'a group that has it on the way down loads it before its caller',
    applications: [
      application(
        'cb',
        {
          cb_server: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, cb_gone:old(N), N}.
code_change(_, N, _) -> {ok, N}.`,
          ),
          cb_gone: functional('old/1', 'old(N) -> cb_other:old(N).'),
          cb_other: functional('old/1', 'old(N) -> N.'),
        },
        {
          cb_server: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, cb_other:new(N), N}.
code_change(_, N, _) -> {ok, N}.`,
          ),
          cb_other: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['cb_server'] },
      ),
    ],
    load: ['true = is_integer(cb_server:run())'],
    up: ['1 = cb_server:run()'],
    down: ['0 = cb_server:run()'],
  },
  {
    name: 'module moves to another application',
    promise: 'it is loaded from the application that has it now',
    applications: [
      application(
        'ma',
        { ma: functional('run/0', 'run() -> ma_moved:run().'), ma_moved: functional('run/0', 'run() -> 1.') },
        { ma: functional('run/0', 'run() -> ma_moved:run() + 0.') },
      ),
      application(
        'mb',
        { mb: functional('run/0', 'run() -> 1.') },
        { mb: functional('run/0', 'run() -> 1 + 0.'), ma_moved: functional('run/0', 'run() -> 2.') },
      ),
    ],
    load: ['true = is_integer(ma:run())'],
    up: ['2 = ma:run()'],
    down: ['1 = ma:run()'],
  },
  {
    name: 'supervisor with a helper',
    promise: 'init/1 of a supervisor may call a function that is new in another module',
    applications: [
      application(
        'sh',
        {
          sh_sup: supervisor(['sh_worker'], '#{intensity => sh_a_flags:old()}'),
          sh_a_flags: functional('old/0', 'old() -> 0.'),
          sh_worker: countingServer('1'),
        },
        {
          sh_sup: supervisor(['sh_worker'], '#{intensity => sh_a_flags:new()}'),
          sh_a_flags: functional('new/0', 'new() -> 1.'),
          sh_worker: countingServer('1'),
        },
        { children: ['sh_worker'] },
      ),
    ],
    load: ['true = is_integer(sh_worker:count())'],
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
    name: 'gen_statem',
    promise: 'state and data are converted together, and back',
    applications: [
      application(
        'gs',
        {
          gs_door: statem(
            'push/0, opened/3, closed/3',
            `callback_mode() -> state_functions.
init([]) -> {ok, closed, 0}.
push() -> gen_statem:call(?MODULE, push).
closed({call, From}, push, N) -> {next_state, opened, N + 1, [{reply, From, opened}]}.
opened({call, From}, push, N) -> {next_state, closed, N, [{reply, From, closed}]}.`,
          ),
        },
        {
          gs_door: statem(
            'push/0, open/3, shut/3, code_change/4',
            `callback_mode() -> state_functions.
init([]) -> {ok, shut, #{pushes => 0}}.
push() -> gen_statem:call(?MODULE, push).
shut({call, From}, push, #{pushes := N} = Data) ->
  {next_state, open, Data#{pushes := N + 1}, [{reply, From, opened}]}.
open({call, From}, push, Data) -> {next_state, shut, Data, [{reply, From, closed}]}.
code_change({down, _}, open, #{pushes := N}, _) -> {ok, opened, N};
code_change({down, _}, shut, #{pushes := N}, _) -> {ok, closed, N};
code_change(_, opened, N, _) -> {ok, open, #{pushes => N}};
code_change(_, closed, N, _) -> {ok, shut, #{pushes => N}}.`,
          ),
        },
        { children: ['gs_door'] },
      ),
    ],
    load: ['true = is_atom(gs_door:push())'],
    prepare: ['sys:replace_state(gs_door, fun({S, _}) -> {S, 1000000} end)'],
    up: ['{_, #{pushes := N}} = sys:get_state(gs_door), true = N > 1000000'],
    down: ['{_, N} = sys:get_state(gs_door), true = N > 1000000'],
  },
  {
    name: 'gen_statem callback mode',
    promise:
      'the callback mode changes with the state, also on the way down, where gen_statem asks the newer code for it',
    applications: [
      application(
        'gm',
        {
          gm_door: statem(
            'push/0, opened/3, closed/3, code_change/4',
            `callback_mode() -> state_functions.
init([]) -> {ok, closed, 0}.
push() -> gen_statem:call(?MODULE, push).
closed({call, From}, push, N) -> {next_state, opened, N + 1, [{reply, From, opened}]}.
opened({call, From}, push, N) -> {next_state, closed, N, [{reply, From, closed}]}.
code_change(_, State, Data, _) -> {ok, State, Data}.`,
          ),
        },
        {
          gm_door: statem(
            'push/0, handle_event/4, code_change/4',
            `callback_mode() -> handle_event_function.
init([]) -> {ok, {door, closed}, #{pushes => 0}}.
push() -> gen_statem:call(?MODULE, push).
handle_event({call, From}, push, {door, closed}, #{pushes := N} = Data) ->
  {next_state, {door, opened}, Data#{pushes := N + 1}, [{reply, From, opened}]};
handle_event({call, From}, push, {door, opened}, Data) ->
  {next_state, {door, closed}, Data, [{reply, From, closed}]}.
code_change({down, _}, {door, State}, #{pushes := N}, _) -> {ok, State, N};
code_change(_, State, N, _) -> {ok, {door, State}, #{pushes => N}}.`,
          ),
        },
        { children: ['gm_door'] },
      ),
    ],
    load: ['true = is_atom(gm_door:push())'],
    prepare: ['sys:replace_state(gm_door, fun({S, _}) -> {S, 1000000} end)'],
    up: ['{{door, _}, #{pushes := N}} = sys:get_state(gm_door), true = N > 1000000'],
    down: ['{_, N} = sys:get_state(gm_door), true = N > 1000000'],
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
  {
    name: 'supervisor and worker',
    promise: 'both change in one upgrade, and the worker is found and converted',
    applications: [
      {
        name: 'sw',
        v1: {
          children: ['#{id => sw_worker, start => {sw_worker, start_link, []}, shutdown => 1000}'],
          modules: { sw_worker: convertedServer('N', 'N + 1', '') },
        },
        v2: {
          children: ['#{id => sw_worker, start => {sw_worker, start_link, []}, shutdown => 2000}'],
          modules: {
            sw_worker: convertedServer(
              '{state, N}',
              '{state, sw_help:next(N)}',
              `code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) when is_integer(N) -> {ok, {state, N}}.`,
            ),
            sw_help: functional('next/1', 'next(N) -> N + 1.'),
          },
        },
      },
    ],
    load: ['true = is_integer(sw_worker:count())'],
    up: [
      '{ok, #{shutdown := 2000}} = supervisor:get_childspec(sw_sup, sw_worker)',
      '{state, N} = sys:get_state(sw_worker), true = N > 1000',
    ],
    down: [
      '{ok, #{shutdown := 1000}} = supervisor:get_childspec(sw_sup, sw_worker)',
      'true = is_integer(sys:get_state(sw_worker))',
    ],
  },
  {
    name: 'children without a name',
    promise: 'every child of a simple_one_for_one supervisor is converted',
    applications: [
      {
        name: 'dy',
        v1: {
          children: [dynamicSupervisor],
          modules: { dy_pool: pool, dy_worker: dynamicWorker('N', 'N + 1', '') },
        },
        v2: {
          children: [dynamicSupervisor],
          modules: {
            dy_pool: pool,
            dy_worker: dynamicWorker(
              '{state, N}',
              '{state, N + 1}',
              `code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) when is_integer(N) -> {ok, {state, N}}.`,
            ),
          },
        },
      },
    ],
    load: ['true = is_integer(dy_worker:count(dy_one))', 'true = is_integer(dy_worker:count(dy_two))'],
    booted: [
      '{ok, _} = supervisor:start_child(dy_pool, [dy_one]), {ok, _} = supervisor:start_child(dy_pool, [dy_two])',
    ],
    up: [
      '{state, N} = sys:get_state(dy_one), {state, M} = sys:get_state(dy_two), true = N > 1000, true = M > 1000',
    ],
    down: ['true = is_integer(sys:get_state(dy_one)), true = is_integer(sys:get_state(dy_two))'],
  },
  {
    name: 'child added deep in the tree',
    promise: 'a supervisor below another starts its new child, with a module that is new, too',
    applications: [
      {
        name: 'cd',
        v1: {
          children: ['#{id => cd_below, start => {cd_below, start_link, []}, type => supervisor}'],
          modules: { cd_below: supervisor(['cd_old']), cd_old: countingServer('1') },
        },
        v2: {
          children: ['#{id => cd_below, start => {cd_below, start_link, []}, type => supervisor}'],
          modules: {
            cd_below: supervisor(['cd_old', 'cd_new']),
            cd_old: countingServer('1'),
            cd_new: countingServer('2'),
          },
        },
      },
    ],
    load: ['true = is_integer(cd_old:count())'],
    starts: ['cd_below/cd_new'],
    up: ['2 = cd_new:count()'],
    down: ['undefined = whereis(cd_new)'],
  },
  {
    name: 'subtree added',
    promise: 'a new supervisor comes with its children, and goes with them',
    applications: [
      {
        name: 'st',
        v1: { children: ['st_old'], modules: { st_old: countingServer('1') } },
        v2: {
          children: ['st_old', '#{id => st_below, start => {st_below, start_link, []}, type => supervisor}'],
          modules: {
            st_old: countingServer('1'),
            st_below: supervisor(['st_new']),
            st_new: countingServer('2'),
          },
        },
      },
    ],
    load: ['true = is_integer(st_old:count())'],
    starts: ['st_below', 'st_below/st_new'],
    up: ['2 = st_new:count()'],
    down: ['undefined = whereis(st_new)', 'undefined = whereis(st_below)'],
  },
  {
    name: 'new child that an old one needs',
    promise: 'a server whose new code calls the new child finds it there, in both directions',
    applications: [
      {
        name: 'nn',
        v1: {
          children: ['nn_front'],
          modules: {
            nn_front: server(
              'run/0',
              `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, N, N}.`,
            ),
          },
        },
        v2: {
          children: ['nn_back', 'nn_front'],
          modules: {
            nn_front: server(
              'run/0',
              `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, nn_back:count(), N}.`,
            ),
            nn_back: countingServer('1'),
          },
        },
      },
    ],
    load: ['true = is_integer(nn_front:run())'],
    starts: ['nn_back'],
    up: ['true = nn_front:run() > 0'],
    down: ['0 = nn_front:run()'],
  },
];
