import type { LiveApplication } from '../../support/live/scenario.js';
import {
  application,
  appup,
  asks,
  converts,
  counts,
  functional,
  server,
  statem,
} from '../../support/live/sources.js';

/** A change that cannot go hot as it is, or should be looked at: planning must say so, about this module. */
export interface Finding {
  readonly name: string;
  readonly promise: string;
  readonly applications: readonly LiveApplication[];
  readonly appups?: Readonly<Record<string, string>>;
  readonly finds: {
    readonly code: string;
    /** Where it does not matter, it is left open. */
    readonly severity?: 'error' | 'warning';
    readonly application: string;
    readonly module?: string;
  };
}

const pool = (intensity: number): string => `-behaviour(supervisor).
-export([start_link/0, init/1]).
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
init([]) ->
  ets:new(ss_table, [named_table, public]),
  {ok, {#{intensity => ${intensity}}, [#{id => worker, start => {ss_worker, start_link, []}}]}}.`;

const eventManager = `-export([start_link/0]).
start_link() ->
  {ok, Pid} = gen_event:start_link({local, ?MODULE}),
  ok = gen_event:add_handler(Pid, nh, []),
  {ok, Pid}.`;

const eventHandler = (fields: string): string => `-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).
-record(state, ${fields}).
init([]) -> {ok, #state{}}.
handle_event(_, #state{n = N} = S) -> {ok, S#state{n = N + 1}}.
handle_call(count, #state{n = N} = S) -> {ok, N, S}.`;

const engine = `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2]).
-callback setup() -> term().
-callback answer(term()) -> term().
start_link(Module) -> gen_server:start_link({local, Module}, ?MODULE, Module, []).
init(Module) -> {ok, {Module, Module:setup()}}.
handle_call(ask, _, {Module, S} = State) -> {reply, Module:answer(S), State}.
handle_cast(_, State) -> {noreply, State}.`;

const callbackModule = (fields: string): string => `-behaviour(ns_engine).
-export([setup/0, answer/1]).
-record(state, ${fields}).
setup() -> #state{}.
answer(#state{value = V}) -> V.`;

const funHolder = server(
  'run/1',
  `init([]) -> {ok, lf:handler()}.
run(X) -> gen_server:call(?MODULE, {run, X}).
handle_call({run, X}, _, F) -> {reply, F(X), F}.`,
);

const converted = (shape: string, next: string, clauses: string): string =>
  server(
    'count/0',
    `init([]) -> N = 0, {ok, ${shape}}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, ${shape}) -> {reply, N, ${next}}.
${clauses}`,
  );

const converting = converted('{state, N}', '{state, N + 1}', 'code_change(_, N, _) -> {ok, {state, N}}.');

const worker = (again: string, next: string): string => `-export([start_link/0, loop/1]).
start_link() -> {ok, spawn_link(?MODULE, loop, [0])}.
loop(N) -> receive {call, Client} -> Client ! N, ${again}loop(${next}) end.`;

const silentWorker = worker('?MODULE:', 'N + 1');

const localLoop = (next: string): string => worker('', next);

const topCallback = `-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> tp_server:start_link().
stop(_) -> ok.`;

export const refused: readonly Finding[] = [
  {
    name: 'version not bumped',
    promise: 'code that changed under the same version would never reach the node',
    applications: [
      application(
        'vb',
        { vb: functional('run/0', 'run() -> 1.') },
        { vb: functional('run/0', 'run() -> 2.') },
        { version: '1' },
      ),
    ],
    finds: { code: 'code-changed-same-version', severity: 'error', application: 'vb' },
  },
  {
    name: 'priv changed, version not bumped',
    promise: 'files that changed under the same version would never reach the node',
    applications: [
      {
        name: 'pb',
        v1: {
          version: '1',
          modules: { pb: functional('run/0', 'run() -> 1.') },
          files: { 'priv/data': '1' },
        },
        v2: {
          version: '1',
          modules: { pb: functional('run/0', 'run() -> 1.') },
          files: { 'priv/data': '2' },
        },
      },
    ],
    finds: { code: 'code-changed-same-version', severity: 'error', application: 'pb' },
  },
  {
    name: 'record without code_change',
    promise: 'a server goes on with the record it has, which its new code does not expect',
    applications: [
      application(
        'nr',
        {
          nr: server(
            'get/0',
            `-record(state, {value = 1}).
init([]) -> {ok, #state{}}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, #state{value = V} = S) -> {reply, V, S}.`,
          ),
        },
        {
          nr: server(
            'get/0',
            `-record(state, {value = 1, more = 2}).
init([]) -> {ok, #state{}}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, #state{value = V} = S) -> {reply, V, S}.`,
          ),
        },
        { children: ['nr'] },
      ),
    ],
    finds: { code: 'state-not-converted', application: 'nr', module: 'nr' },
  },
  {
    name: 'event handler without code_change',
    promise: 'a handler whose record changed stays registered and does nothing, and nothing is logged',
    applications: [
      application(
        'nh',
        { nh: eventHandler('{n = 0}'), nh_manager: eventManager },
        { nh: eventHandler('{n = 0, last}'), nh_manager: eventManager },
        { children: ['#{id => nh_manager, start => {nh_manager, start_link, []}, modules => dynamic}'] },
      ),
    ],
    finds: { code: 'state-not-converted', application: 'nh', module: 'nh' },
  },
  {
    name: 'functions exchanged without a process',
    promise: 'two modules without processes that change their calls in both ways have no order that works',
    applications: [
      application(
        'fx',
        { fx: functional('run/0', 'run() -> fx_lib:old().'), fx_lib: functional('old/0', 'old() -> 1.') },
        { fx: functional('run/0', 'run() -> fx_lib:new().'), fx_lib: functional('new/0', 'new() -> 2.') },
      ),
    ],
    finds: { code: 'call-window', application: 'fx' },
  },
  {
    name: 'supervisor with side effects',
    promise:
      'init/1 that makes a named table would fail in the running supervisor, which is only loaded and keeps its flags',
    applications: [
      {
        name: 'ss',
        v1: {
          children: ['#{id => ss_pool, start => {ss_pool, start_link, []}, type => supervisor}'],
          modules: { ss_pool: pool(0), ss_worker: counts() },
        },
        v2: {
          children: ['#{id => ss_pool, start => {ss_pool, start_link, []}, type => supervisor}'],
          modules: {
            ss_pool: pool(1),
            ss_worker: counts(),
          },
        },
      },
    ],
    finds: {
      code: 'supervisor-init-side-effects',
      severity: 'warning',
      application: 'ss',
      module: 'ss_pool',
    },
  },
  {
    name: 'state nested in a behaviour',
    promise: 'no code_change reaches the state of a callback module inside the process of its behaviour',
    applications: [
      application(
        'ns',
        { ns_engine: engine, ns_user: callbackModule('{value = 1}') },
        { ns_engine: engine, ns_user: callbackModule('{value = 1, more}') },
        {
          children: ['#{id => ns_user, start => {ns_engine, start_link, [ns_user]}, modules => [ns_engine]}'],
        },
      ),
    ],
    finds: { code: 'callback-state-not-converted', application: 'ns', module: 'ns_user' },
  },
  {
    name: 'stored local fun',
    promise: 'a fun of the old code that a process holds is badfun when the old code has been purged',
    applications: [
      application(
        'lf',
        { lf_server: funHolder, lf: functional('handler/0', 'handler() -> fun(X) -> X + 1 end.') },
        { lf_server: funHolder, lf: functional('handler/0', 'handler() -> fun(X) -> X + 2 end.') },
        { children: ['lf_server'] },
      ),
    ],
    finds: { code: 'killed-by-purge', application: 'lf', module: 'lf' },
  },
  {
    name: 'worker that says dynamic',
    promise:
      'an unchanged process that is asked for its modules and does not answer ends every upgrade that suspends another',
    applications: [
      application(
        'wd',
        { wd_worker: silentWorker },
        { wd_worker: silentWorker },
        { children: ['#{id => wd, start => {wd_worker, start_link, []}, modules => dynamic}'] },
      ),
      application(
        'wx',
        { wx_server: asks('N') },
        { wx_server: converts('N', '{state, State}', 'element(2, State)') },
        { children: ['wx_server'] },
      ),
    ],
    finds: { code: 'child-modules-wrong', severity: 'error', application: 'wd' },
  },
  {
    name: 'loop that stays',
    promise: 'a process whose loop calls itself locally never reaches new code, and is killed with the old',
    applications: [
      application(
        'lp',
        { lp_worker: localLoop('N + 1') },
        { lp_worker: localLoop('N + 2') },
        { children: ['lp_worker'] },
      ),
    ],
    finds: { code: 'process-stays-in-old-code', severity: 'error', application: 'lp', module: 'lp_worker' },
  },
  {
    name: 'appup that updates what did not change',
    promise: 'code_change for another version would run again',
    applications: [
      application(
        'uu',
        { uu: functional('run/0', 'run() -> 1.'), uu_server: converting },
        { uu: functional('run/0', 'run() -> 2.'), uu_server: converting },
        { children: ['uu_server'] },
      ),
    ],
    appups: {
      uu: appup(
        '{load_module, uu}, {update, uu_server, {advanced, []}}',
        '{load_module, uu}, {update, uu_server, {advanced, []}}',
      ),
    },
    finds: { code: 'unchanged-module-updated', severity: 'error', application: 'uu', module: 'uu_server' },
  },
  {
    name: 'appup that calls a code_change that is not there',
    promise: 'the node would restart in the middle of the upgrade',
    applications: [
      application('cm', { cm_server: counts() }, { cm_server: counts('2') }, { children: ['cm_server'] }),
    ],
    appups: {
      cm: appup('{update, cm_server, {advanced, []}}', '{update, cm_server, {advanced, []}}'),
    },
    finds: { code: 'code-change-missing', severity: 'error', application: 'cm', module: 'cm_server' },
  },
  {
    name: 'top process that is no supervisor',
    promise:
      'release_handler asks the top process of every application for its children, whichever is upgraded',
    applications: [
      {
        name: 'tp',
        v1: { callback: 'tp_app', modules: { tp_app: topCallback, tp_server: counts() } },
        v2: { callback: 'tp_app', modules: { tp_app: topCallback, tp_server: counts('2') } },
      },
    ],
    finds: { code: 'top-process-not-supervisor', application: 'tp' },
  },
  {
    name: 'callback mode without code_change',
    promise: 'a state machine goes on in the callback mode it started in, which its new code does not have',
    applications: [
      application(
        'cn',
        {
          cn: statem(
            'push/0, on/3',
            `callback_mode() -> state_functions.
init([]) -> {ok, on, 0}.
push() -> gen_statem:call(?MODULE, push).
on({call, From}, push, N) -> {keep_state, N, [{reply, From, N}]}.`,
          ),
        },
        {
          cn: statem(
            'push/0, handle_event/4',
            `callback_mode() -> handle_event_function.
init([]) -> {ok, on, 0}.
push() -> gen_statem:call(?MODULE, push).
handle_event({call, From}, push, on, N) -> {keep_state, N, [{reply, From, N}]}.`,
          ),
        },
        { children: ['cn'] },
      ),
    ],
    finds: { code: 'callback-mode-changed', severity: 'error', application: 'cn', module: 'cn' },
  },
  {
    name: 'reviewed appup that forgets a module',
    promise: 'a changed module that no instruction names would stay as it is',
    applications: [
      application(
        'fo',
        { fo: functional('run/0', 'run() -> 1.'), fo_other: functional('run/0', 'run() -> 1.') },
        { fo: functional('run/0', 'run() -> 2.'), fo_other: functional('run/0', 'run() -> 2.') },
      ),
    ],
    appups: { fo: appup('{load_module, fo}', '{load_module, fo}, {load_module, fo_other}') },
    finds: { code: 'change-not-covered', severity: 'error', application: 'fo', module: 'fo_other' },
  },
];
