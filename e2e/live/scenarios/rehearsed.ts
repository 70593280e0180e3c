import type { Probe } from '@nx-otp/core';
import type { LiveApplication, Scenario } from '../../support/live/scenario.js';
import {
  application,
  appup,
  counts,
  functional,
  server,
  statem,
  supervisor,
} from '../../support/live/sources.js';

/** A mistake that planning finds and a project allows, and what the rehearsal shows of it. */
export interface Mistake {
  readonly code: string;
  /** What the rule predicts. */
  readonly predicts: string;
  readonly applications: readonly LiveApplication[];
  /** The same without the mistake. */
  readonly mended?: readonly LiveApplication[];
  readonly appups?: Readonly<Record<string, string>>;
  /** What is allowed; the finding names it. Neither for findings about the release. */
  readonly about: { readonly application?: string; readonly module?: string };
  /** Other findings that the same mistake leads to. */
  readonly alsoAllowed?: readonly {
    readonly rule: string;
    readonly application?: string;
    readonly module?: string;
  }[];
  readonly config?: Scenario['config'];
  readonly booted?: readonly string[];
  readonly during?: readonly string[];
  readonly upgraded?: readonly Probe[];
  /** Changes the folders of both versions before planning, and the base as it is rehearsed. */
  readonly spoil?: Spoil;
  readonly shows: Shown;
  /** What became of the node, where the step could not be made. */
  readonly node?: 'runs' | 'restarted' | 'ended';
}

export interface Shown {
  readonly code: string;
  readonly severity?: 'error' | 'note';
  readonly module?: string;
  readonly text: RegExp;
  /** In the instruction that was being carried out. */
  readonly instruction?: RegExp;
}

export type Spoil =
  | 'native library'
  | 'not listed'
  | 'strip'
  | 'no RELEASES'
  | 'other RELEASES'
  | 'stale RELEASES'
  | 'absolute RELEASES'
  | 'no sys.config'
  | 'file in the way';

const changed = (name: string): LiveApplication =>
  application(
    name,
    { [name]: functional('run/0', 'run() -> 1.') },
    { [name]: functional('run/0', 'run() -> 2.') },
  );

/** A crash that a supervisor mends: the node goes on. */
const often = '#{intensity => 1000, period => 1}';

const supervised = (name: string, child: string): Readonly<Record<string, string>> => ({
  [`${name}_app`]: `-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> ${name}_sup:start_link().
stop(_) -> ok.`,
  [`${name}_sup`]: supervisor([child], often),
});

/** An application whose only child may crash. */
const withChild = (name: string, v1: string, v2: string, child = `${name}_server`): LiveApplication => {
  const top = supervised(name, child);
  const callback = { callback: `${name}_app` };
  return application(name, { ...top, [`${name}_server`]: v1 }, { ...top, [`${name}_server`]: v2 }, callback);
};

const holdsRecord = (fields: string): string =>
  server(
    'get/0',
    `-record(state, ${fields}).
init([]) -> {ok, #state{}}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, #state{value = V} = S) -> {reply, V, S}.`,
  );

/** An application with a server that is suspended and converted, so that processes are looked for. */
const suspends = (name: string): LiveApplication =>
  withChild(
    name,
    counts(),
    server(
      'count/0',
      `init([]) -> {ok, {state, 0}}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, {state, N}) -> {reply, N, {state, N + 1}}.
code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) -> {ok, {state, N}}.`,
    ),
  );

const machine = (mode: 'state_functions' | 'handle_event_function', codeChange: boolean): string => {
  const both = `on({call, From}, push, N) -> {keep_state, N, [{reply, From, N}]}.`;
  const one = `handle_event({call, From}, push, on, N) -> {keep_state, N, [{reply, From, N}]}.`;
  const change = codeChange ? '\ncode_change(_, State, Data, _) -> {ok, State, Data}.' : '';
  const more = codeChange ? ', code_change/4' : '';
  return statem(
    `push/0, ${mode === 'state_functions' ? 'on/3' : 'handle_event/4'}${more}`,
    `callback_mode() -> ${mode}.
init([]) -> {ok, on, 0}.
push() -> gen_statem:call(?MODULE, push).
${mode === 'state_functions' ? both : one}${change}`,
  );
};

const engine = `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2]).
-callback setup() -> term().
-callback answer(term()) -> term().
start_link(Module) -> gen_server:start_link({local, Module}, ?MODULE, Module, []).
init(Module) -> {ok, {Module, Module:setup()}}.
handle_call(ask, _, {Module, S} = State) -> {reply, Module:answer(S), State}.
handle_cast(_, State) -> {noreply, State}.`;

const engineUser = (fields: string, answer = 'V'): string => `-behaviour(ns_engine).
-export([setup/0, answer/1]).
-record(state, ${fields}).
setup() -> #state{}.
answer(#state{value = V}) -> ${answer}.`;

const nested = (user: string): Readonly<Record<string, string>> => ({
  ...supervised(
    'ns',
    '#{id => ns_user, start => {ns_engine, start_link, [ns_user]}, modules => [ns_engine]}',
  ),
  ns_engine: engine,
  ns_user: user,
});

const unchanged = (
  name: string,
  modules: Readonly<Record<string, string>>,
  more: { readonly callback?: string; readonly needs?: readonly string[] } = {},
): LiveApplication => {
  const version = { ...more, modules };
  return { name, v1: version, v2: version };
};

const otherModule = (modules: string): LiveApplication => {
  const child = `#{id => mw, start => {mw_api, start_link, []}, modules => [${modules}]}`;
  const api = functional('start_link/0', 'start_link() -> mw_server:start_link().');
  const application = withChild('mw', counts(), converting('count'), child);
  return withModules(application, { mw_api: api });
};

function converting(name: string): string {
  return server(
    `${name}/0`,
    `init([]) -> {ok, {state, 0}}.
${name}() -> gen_server:call(?MODULE, ${name}).
handle_call(${name}, _, {state, N}) -> {reply, N + 1, {state, N + 1}}.
code_change({down, _}, {state, N}, _) -> {ok, N};
code_change(_, N, _) -> {ok, {state, N}}.`,
  );
}

function withModules(app: LiveApplication, modules: Readonly<Record<string, string>>): LiveApplication {
  const { v1, v2 } = app;
  if (v1 === undefined || v2 === undefined) return app;
  return {
    ...app,
    v1: { ...v1, modules: { ...v1.modules, ...modules } },
    v2: { ...v2, modules: { ...v2.modules, ...modules } },
  };
}

const hiddenPool = (type: 'worker' | 'supervisor'): LiveApplication =>
  withModules(
    withChild(
      'ct',
      counts(),
      converting('count'),
      `#{id => ct_pool, start => {ct_pool, start_link, []}, type => ${type}}`,
    ),
    { ct_pool: supervisor(['ct_server'], often) },
  );

const besideSupervisor = (): LiveApplication => {
  const callback = `-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> {ok, Sup} = cc_sup:start_link(), {ok, _} = cc_server:start_link(), {ok, Sup}.
stop(_) -> ok.`;
  return withModules(
    withChild('cc', counts(), converting('count'), '#{id => cc_other, start => {cc_other, start_link, []}}'),
    {
      cc_app: callback,
      cc_other: counts(),
    },
  );
};

const waiting = (result: string): string =>
  functional('run/0, wait/0', `run() -> ${result}.\nwait() -> receive never -> ${result} end.`);

const guest = `-export([start_link/0, init/0]).
start_link() -> {ok, spawn_link(?MODULE, init, [])}.
init() -> kp:wait().`;

const loops = (next: string): string => `-export([start_link/0, loop/1]).
start_link() -> {ok, spawn_link(?MODULE, loop, [0])}.
loop(N) -> receive {call, Client} -> Client ! N, loop(${next}) end.`;

const startsBy = (start: string): Readonly<Record<string, string>> => ({
  ...supervised('cs', `#{id => cs_server, start => {cs_server, ${start}, []}}`),
  cs_server: `${counts().replace('start_link/0', 'start_again/0, start_link/0')}\nstart_again() -> start_link().`,
});

const flags = (intensity: number): Readonly<Record<string, string>> => ({
  ...supervised('sf', '#{id => sf_pool, start => {sf_pool, start_link, []}, type => supervisor}'),
  sf_server: counts(),
  sf_pool: pool('sf', intensity),
});

function pool(name: string, intensity: number): string {
  return `-behaviour(supervisor).
-export([start_link/0, init/1]).
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
init([]) ->
  ets:new(${name}_table, [named_table, public]),
  {ok, {#{intensity => ${intensity}}, [#{id => worker, start => {${name}_server, start_link, []}}]}}.`;
}

const setsItsEnvironment = `-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> application:set_env(se, port, 8080), se_sup:start_link().
stop(_) -> ok.`;

const readsAtStart = (more = ''): string =>
  server(
    `limit/0${more === '' ? '' : ', reread/0'}`,
    `init([]) -> {ok, element(2, application:get_env(cg, limit))}.
limit() -> gen_server:call(?MODULE, limit).
handle_call(limit, _, N) -> {reply, N, N};
handle_call(reread, _, _) -> {ok, N} = application:get_env(cg, limit), {reply, ok, N}.
${more}`,
  );

const listens = `-behaviour(application).
-export([start/2, stop/1, config_change/3]).
start(_, _) -> cg_sup:start_link().
stop(_) -> ok.
config_change(_, _, _) -> cg_server:reread().`;

const configured = (limit: number, isMended: boolean): LiveApplication['v1'] => ({
  callback: 'cg_app',
  env: `[{limit, ${limit}}]`,
  modules: {
    ...supervised('cg', 'cg_server'),
    ...(isMended && { cg_app: listens }),
    cg_server: readsAtStart(isMended ? 'reread() -> gen_server:call(?MODULE, reread).' : ''),
  },
});

const privReader = (): LiveApplication => {
  const modules = {
    ...supervised('pv', 'pv_server'),
    pv_server: server(
      'read/0',
      `init([]) -> {ok, element(2, file:read_file(filename:join(code:priv_dir(pv), "text")))}.
read() -> gen_server:call(?MODULE, read).
handle_call(read, _, Text) -> {reply, Text, Text}.`,
    ),
  };
  const version = (text: string): LiveApplication['v1'] => ({
    callback: 'pv_app',
    modules,
    files: { 'priv/text': text },
  });
  return { name: 'pv', v1: version('one'), v2: version('two') };
};

const addsChild: LiveApplication = {
  name: 'ca',
  v1: { children: ['ca_old'], modules: { ca_old: counts() } },
  v2: { children: ['ca_old', 'ca_new'], modules: { ca_old: counts(), ca_new: counts() } },
};

/** The module of a library that OTP brings, and that has no `upgrade` callback. */
const native = (value: number): string => {
  const stubs = [
    ...['available/0', 'user_trace_s1/1', 'user_trace_i4s4/9', 'user_trace_n/10'],
    ...[
      ...['trace/5', 'trace_procs/5', 'trace_ports/5', 'trace_running_procs/5', 'trace_running_ports/5'],
      ...['trace_call/5', 'trace_send/5', 'trace_receive/5', 'trace_garbage_collection/5'],
    ],
    ...[
      ...['enabled/3', 'enabled_procs/3', 'enabled_ports/3', 'enabled_running_procs/3'],
      ...['enabled_running_ports/3', 'enabled_call/3', 'enabled_send/3', 'enabled_receive/3'],
      ...['enabled_garbage_collection/3'],
    ],
  ];
  const stub = (name: string): string => {
    const [function_ = '', arity = '0'] = name.split('/');
    return `${function_}(${Array.from({ length: Number(arity) }, () => '_').join(', ')}) -> erlang:nif_error(not_loaded).`;
  };
  return `-export([run/0, ${stubs.join(', ')}]).
-on_load(load/0).
load() -> erlang:load_nif(filename:join(filename:dirname(filename:dirname(code:which(?MODULE))), "priv/dyntrace"), 0).
run() -> ${value}.
${stubs.map(stub).join('\n')}`;
};

/** The node lives on: they share one. */
export const together: readonly Mistake[] = [
  {
    code: 'call-undefined',
    predicts: 'the call raises undef for good',
    applications: [
      application(
        'cu',
        { cu: functional('old/0, run/0', 'old() -> 1.\nrun() -> 1.') },
        { cu: functional('run/0', 'run() -> 2.') },
      ),
      unchanged('cu_user', { cu_user: functional('run/0', 'run() -> cu:old().') }, { needs: ['cu'] }),
    ],
    mended: [
      application(
        'cu',
        { cu: functional('old/0', 'old() -> 1.') },
        { cu: functional('old/0', 'old() -> 2.') },
      ),
      unchanged('cu_user', { cu_user: functional('run/0', 'run() -> cu:old().') }, { needs: ['cu'] }),
    ],
    about: { module: 'cu_user' },
    upgraded: [{ call: 'cu_user:run()' }],
    shows: { code: 'probe-failed', text: /error: undef in cu:old\/0/ },
  },
  {
    code: 'call-window',
    predicts: 'a caller that is loaded first gets undef for a moment, under load',
    applications: [
      application(
        'cw',
        { cw: functional('run/0', 'run() -> cw_lib:old().'), cw_lib: functional('old/0', 'old() -> 1.') },
        {
          cw: functional('run/0', 'run() -> cw_lib:new().'),
          cw_lib: functional('old/0, new/0', 'old() -> 1.\nnew() -> 2.'),
        },
      ),
    ],
    appups: {
      cw: appup(
        '{load_module, cw}, {apply, {timer, sleep, [20]}}, {load_module, cw_lib}',
        '{load_module, cw}, {load_module, cw_lib}',
      ),
    },
    about: { application: 'cw', module: 'cw' },
    during: ['cw:run()'],
    shows: { code: 'call-failed', text: /error: undef in cw_lib:new\/0/ },
  },
  {
    code: 'callback-mode-changed',
    predicts: 'a process that runs goes on in the old mode, and crashes with undef',
    applications: [
      withChild('cn', machine('state_functions', false), machine('handle_event_function', false)),
    ],
    mended: [withChild('cn', machine('state_functions', true), machine('handle_event_function', true))],
    about: { module: 'cn_server' },
    upgraded: [{ call: 'cn_server:push()' }],
    shows: { code: 'crash-report', text: /undef,.*cn_server,on,/ },
  },
  {
    code: 'callback-state-not-converted',
    predicts: 'the next callback meets the old shape, and the process crashes',
    applications: [
      application('ns', nested(engineUser('{value = 1}')), nested(engineUser('{value = 1, more}')), {
        callback: 'ns_app',
      }),
    ],
    mended: [
      application('ns', nested(engineUser('{value = 1}')), nested(engineUser('{value = 1}', 'V + 1')), {
        callback: 'ns_app',
      }),
    ],
    about: { module: 'ns_user' },
    upgraded: [{ call: 'gen_server:call(ns_user, ask)' }],
    shows: { code: 'crash-report', text: /function_clause,.*ns_user,answer,/ },
  },
  {
    code: 'change-not-covered',
    predicts: 'the upgrade succeeds, and the node keeps the code that it has',
    applications: [
      application(
        'fo',
        { fo: functional('run/0', 'run() -> 1.'), fo_other: functional('run/0', 'run() -> 1.') },
        { fo: functional('run/0', 'run() -> 2.'), fo_other: functional('run/0', 'run() -> 2.') },
      ),
    ],
    appups: { fo: appup('{load_module, fo}', '{load_module, fo}, {load_module, fo_other}') },
    booted: ['fo_other:run()'],
    about: { module: 'fo_other' },
    shows: {
      code: 'module-differs',
      module: 'fo_other',
      text: /in other code than the release 2 has, that of the version before/,
    },
  },
  {
    code: 'child-modules-wrong',
    predicts: 'a process that is not found is not suspended, and its code change is not called',
    applications: [otherModule('mw_api')],
    mended: [otherModule('mw_server')],
    appups: { mw: appup('{update, mw_server, {advanced, []}}', '{update, mw_server, {advanced, []}}') },
    about: { application: 'mw' },
    shows: {
      code: 'code-change-not-called',
      module: 'mw_server',
      text: /called in no process.*mw_server/,
      instruction: /code_change/,
    },
  },
  {
    code: 'child-type-wrong',
    predicts: 'below a supervisor that says worker, whatever changes is not converted',
    applications: [hiddenPool('worker')],
    mended: [hiddenPool('supervisor')],
    appups: { ct: appup('{update, ct_server, {advanced, []}}', '{update, ct_server, {advanced, []}}') },
    about: { application: 'ct' },
    alsoAllowed: [{ rule: 'code-change-not-called', module: 'ct_server' }],
    shows: { code: 'code-change-not-called', module: 'ct_server', text: /called in no process.*ct_server/ },
  },
  {
    code: 'children-changed',
    predicts: 'a new child never runs',
    applications: [addsChild],
    appups: {
      ca: appup(
        '{add_module, ca_new}, {update, ca_sup, supervisor}',
        '{update, ca_sup, supervisor}, {delete_module, ca_new}',
      ),
    },
    about: { module: 'ca_sup' },
    shows: { code: 'process-missing', text: /the child ca_new of ca does not run after the upgrade/ },
  },
  {
    code: 'child-specification-changed',
    predicts: 'a supervisor that re-reads nothing keeps the old specification',
    applications: [
      application('cs', startsBy('start_link'), startsBy('start_again'), { callback: 'cs_app' }),
    ],
    appups: { cs: appup('{load_module, cs_sup}', '{load_module, cs_sup}') },
    about: { module: 'cs_sup' },
    shows: {
      code: 'child-specification-differs',
      text: /cs_server of cs .*start cs_server:start_link\/0, and not cs_server:start_again\/0/,
    },
  },
  {
    code: 'code-change-not-called',
    predicts: 'the code is loaded under the running process, and nothing converts its state',
    applications: [besideSupervisor()],
    mended: [withChild('cc', counts(), converting('count'))],
    appups: { cc: appup('{update, cc_server, {advanced, []}}', '{update, cc_server, {advanced, []}}') },
    about: { module: 'cc_server' },
    shows: { code: 'code-change-not-called', module: 'cc_server', text: /called in no process.*cc_server/ },
  },
  {
    code: 'code-changed-same-version',
    predicts: 'the upgrade succeeds, and the node keeps the old code, also after the next boot',
    applications: [
      application(
        'vb',
        { vb: functional('run/0', 'run() -> 1.') },
        { vb: functional('run/0', 'run() -> 2.') },
        { version: '1' },
      ),
    ],
    mended: [changed('vb')],
    about: { application: 'vb' },
    upgraded: [{ call: 'vb:run()', expect: '2' }],
    shows: { code: 'probe-failed', text: /vb:run\(\).*expected 2, found 1/ },
  },
  {
    code: 'config-changed',
    predicts: 'values that were set with application:set_env/3 are lost',
    applications: [withModules(withChild('se', counts(), counts('2')), { se_app: setsItsEnvironment })],
    mended: [withChild('se', counts(), counts('2'))],
    config: { v1: '{se, [{limit, 10}]}', v2: '{se, [{limit, 20}]}' },
    about: {},
    shows: { code: 'environment-differs', text: /environment of se has no value for port .*8080/ },
  },
  {
    code: 'config-change-missing',
    predicts: 'processes that have read the old values keep them',
    applications: [{ name: 'cg', v1: configured(10, false), v2: configured(20, false) }],
    mended: [{ name: 'cg', v1: configured(10, true), v2: configured(20, true) }],
    about: { module: 'cg_app' },
    upgraded: [{ call: 'cg_server:limit()', expect: '20' }],
    shows: { code: 'probe-failed', text: /cg_server:limit\(\).*expected 20, found 10/ },
  },
  {
    code: 'killed-by-purge',
    predicts: 'a brutal purge kills every process that waits in the old code',
    applications: [
      application('kp', { kp: waiting('1') }, { kp: waiting('2') }),
      unchanged(
        'kg',
        { ...supervised('kg', 'kg_guest'), kg_guest: guest },
        { callback: 'kg_app', needs: ['kp'] },
      ),
    ],
    mended: [application('kp', { kp: waiting('1') }, { kp: waiting('2') })],
    appups: { kp: appup('{load_module, kp}', '{load_module, kp}') },
    about: { module: 'kp' },
    shows: {
      code: 'process-killed',
      module: 'kp',
      text: /kg.* was killed: it ran old code of kp, in kp:wait\/0/,
    },
  },
  {
    code: 'module-not-listed',
    predicts: 'a node that has loaded it keeps what it has',
    applications: [
      application(
        'mn',
        { mn: functional('run/0', 'run() -> 1.'), mn_extra: functional('run/0', 'run() -> 1.') },
        { mn: functional('run/0', 'run() -> 2.'), mn_extra: functional('run/0', 'run() -> 2.') },
      ),
    ],
    mended: [changed('mn')],
    booted: ['code:load_file(mn_extra)'],
    spoil: 'not listed',
    about: { module: 'mn_extra' },
    shows: {
      code: 'module-differs',
      module: 'mn_extra',
      text: /in other code than the release 2 has, that of the version before/,
    },
  },
  {
    code: 'nif-library-changed',
    predicts: 'the node uses the old library until it restarts',
    applications: [
      application(
        'dyntrace',
        { dyntrace: native(1), dt: functional('run/0', 'run() -> 1.') },
        { dyntrace: native(1), dt: functional('run/0', 'run() -> 2.') },
        { files: { 'priv/dyntrace.so': '' } },
      ),
    ],
    mended: [],
    spoil: 'native library',
    booted: ['dyntrace:run()'],
    about: { application: 'dyntrace' },
    shows: {
      code: 'library-differs',
      text: /native library priv\/dyntrace.so of dyntrace 1 is still loaded/,
    },
  },
  {
    code: 'priv-changed',
    predicts: 'what was read before stays as it was',
    applications: [privReader()],
    mended: [changed('pv')],
    about: { application: 'pv' },
    upgraded: [{ call: 'pv_server:read()', expect: '<<"two">>' }],
    shows: { code: 'probe-failed', text: /pv_server:read\(\).*found <<"one">>/ },
  },
  {
    code: 'process-stays-in-old-code',
    predicts: 'the process never reaches the new code, and is killed with the old',
    applications: [withChild('lp', loops('N + 1'), loops('N + 2'))],
    mended: [withChild('lp', counts(), counts('2'))],
    about: { module: 'lp_server' },
    shows: {
      code: 'process-killed',
      module: 'lp_server',
      text: /lp_server.* was killed: it ran old code of lp_server, in lp_server:loop\/1/,
    },
  },
  {
    code: 'state-not-converted',
    predicts: 'the process crashes with the next message',
    applications: [withChild('nr', holdsRecord('{value = 1}'), holdsRecord('{value = 1, more = 2}'))],
    mended: [withChild('nr', counts(), converting('count'))],
    about: { module: 'nr_server' },
    upgraded: [{ call: 'nr_server:get()' }],
    shows: { code: 'crash-report', text: /function_clause,.*nr_server,handle_call,/ },
  },
  {
    code: 'state-not-converted',
    predicts: 'the process goes on with the old state, though nobody has called it',
    applications: [withChild('nq', holdsRecord('{value = 1}'), holdsRecord('{value = 1, more = 2}'))],
    mended: [],
    about: { module: 'nq_server' },
    shows: {
      code: 'state-differs',
      text: /nq_server of nq was not converted: it is a tuple of 2 elements.* a tuple of 3 elements/,
    },
  },
  {
    code: 'supervisor-init-side-effects',
    predicts: 'a supervisor that is only loaded goes on with the old flags',
    applications: [application('sf', flags(1), flags(2), { callback: 'sf_app' })],
    mended: [changed('sf')],
    about: { module: 'sf_pool' },
    shows: {
      code: 'supervisor-differs',
      severity: 'note',
      text: /sf_pool of sf goes on with the flags .*1 restarts.* not .*2 restarts/,
    },
  },
  {
    code: 'unchanged-module-updated',
    predicts: 'code_change runs on a state that has the new shape already, and may destroy it',
    applications: [withModules(withChild('uu', converting('count'), converting('count')), {})].map(
      ({ name, v1, v2 }) => ({
        name,
        v1: { ...v1, modules: { ...v1?.modules, uu: functional('run/0', 'run() -> 1.') } },
        v2: { ...v2, modules: { ...v2?.modules, uu: functional('run/0', 'run() -> 2.') } },
      }),
    ),
    appups: {
      uu: appup('{load_module, uu}, {update, uu_server, {advanced, []}}', '{load_module, uu}'),
    },
    about: { module: 'uu_server' },
    upgraded: [{ call: 'uu_server:count()' }],
    shows: { code: 'crash-report', text: /badarith,.*uu_server,handle_call,/ },
  },
];

const loadsOnce = (value: number): string => `-export([run/0]).
-on_load(load/0).
load() ->
  case persistent_term:get(ol_loaded, false) of
    false -> persistent_term:put(ol_loaded, true), ok;
    true -> {error, loaded_already}
  end.
run() -> ${value}.`;

const takes = (shape: string): Readonly<Record<string, string>> => ({
  ...supervised('sa', '#{id => sa_pool, start => {sa_pool, start_link, []}, type => supervisor}'),
  sa_server: counts(),
  sa_pool: `-behaviour(supervisor).
-export([start_link/0, init/1]).
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, ${shape}).
init(${shape}) -> {ok, {#{}, [#{id => worker, start => {sa_server, start_link, []}}]}}.`,
});

const silent = `-export([start_link/0, loop/1]).
start_link() -> {ok, spawn_link(?MODULE, loop, [0])}.
loop(N) -> receive {call, Client} -> Client ! N, ?MODULE:loop(N + 1) end.`;

const topServer = `-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> tp_server:start_link().
stop(_) -> ok.`;

/** What ends the installation, or shows only on a base of its own. */
export const alone: readonly Mistake[] = [
  {
    code: 'apply-runs-twice',
    predicts: 'the call is made when the release is checked, and again when it is installed',
    applications: [
      application(
        'ar',
        { ar: functional('run/0', 'run() -> 1.') },
        { ar: functional('run/0', 'run() -> 2.') },
      ),
      unchanged('ac', { ...supervised('ac', 'ac_server'), ac_server: counts() }, { callback: 'ac_app' }),
    ],
    appups: {
      ar: appup(
        '{apply, {ac_server, count, []}}, point_of_no_return, {load_object_code, {ar, "2", [ar]}}, {load, {ar, brutal_purge, brutal_purge}}',
        '{load_module, ar}',
      ).replace(
        ', point_of_no_return, {load_object_code, {ar, "2", [ar]}}',
        ', {load_object_code, {ar, "2", [ar]}}, point_of_no_return',
      ),
    },
    about: { application: 'ar' },
    upgraded: [{ call: 'ac_server:count()', expect: '2' }],
    shows: { code: 'probe-failed', text: /ac_server:count\(\).*expected 2, found 3/ },
  },
  {
    code: 'child-modules-wrong',
    predicts: 'a process that says dynamic and does not answer ends every upgrade that suspends another',
    applications: [
      unchanged(
        'wd',
        {
          ...supervised('wd', '#{id => wd, start => {wd_worker, start_link, []}, modules => dynamic}'),
          wd_worker: silent,
        },
        { callback: 'wd_app' },
      ),
      suspends('wx'),
    ],
    about: { application: 'wd' },
    shows: {
      code: 'error-logged',
      text: /timeout}, error during a get_modules call to wd /,
      instruction: /suspend/,
    },
    node: 'restarted',
  },
  {
    code: 'child-type-wrong',
    predicts: 'a worker that says supervisor ends the installation',
    applications: [
      unchanged(
        'wt',
        {
          ...supervised('wt', '#{id => wt, start => {wt_server, start_link, []}, type => supervisor}'),
          wt_server: server(
            'ask/0',
            'init([]) -> {ok, 1}.\nask() -> ok.\nhandle_call(_, _, N) -> {reply, N, N}.',
          ),
        },
        { callback: 'wt_app' },
      ),
      suspends('wx'),
    ],
    about: { application: 'wt' },
    shows: {
      code: 'step-failed',
      text: /try_clause.* in release_handler_1:maybe_supervisor_which_children/,
      instruction: /suspend/,
    },
    node: 'restarted',
  },
  {
    code: 'code-change-missing',
    predicts: 'sys:change_code/5 fails with undef, and the node restarts',
    applications: [withChild('cm', counts(), counts('2'))],
    appups: {
      cm: appup('{update, cm_server, {advanced, []}}', '{load_module, cm_server}'),
    },
    about: { module: 'cm_server' },
    shows: {
      code: 'code-change-failed',
      module: 'cm_server',
      text: /code_change of cm_server failed .*undef/,
      instruction: /code_change/,
    },
    node: 'restarted',
  },
  {
    code: 'instruction-refused',
    predicts: 'release_handler refuses it: illegal_instruction_after_point_of_no_return',
    applications: [changed('ir')],
    appups: { ir: appup('{load_module, ir}, reboot', '{load_module, ir}') },
    about: { application: 'ir' },
    shows: { code: 'step-failed', text: /release_handler does not carry out reboot/ },
  },
  {
    code: 'nif-reload',
    predicts: 'the library does not load a second time, and the node restarts',
    applications: [
      application(
        'dyntrace',
        { dyntrace: native(1) },
        { dyntrace: native(2) },
        { files: { 'priv/dyntrace.so': '' } },
      ),
    ],
    spoil: 'native library',
    booted: ['dyntrace:run()'],
    about: { module: 'dyntrace' },
    shows: { code: 'step-failed', text: /on_load_failure/, instruction: /{load, {dyntrace,/ },
    node: 'restarted',
  },
  {
    code: 'on-load',
    predicts: 'where it answers anything but ok, the load fails and the node restarts',
    applications: [application('ol', { ol: loadsOnce(1) }, { ol: loadsOnce(2) })],
    booted: ['ol:run()'],
    about: { module: 'ol' },
    shows: { code: 'step-failed', text: /on_load_failure/, instruction: /{load, {ol,/ },
    node: 'restarted',
  },
  {
    code: 'supervisor-arguments-changed',
    predicts: 'init/1 raises function_clause in the running supervisor, and the node restarts',
    applications: [application('sa', takes('[port]'), takes('[port, limit]'), { callback: 'sa_app' })],
    appups: { sa: appup('{update, sa_pool, supervisor}', '{load_module, sa_pool}') },
    about: { module: 'sa_pool' },
    shows: {
      code: 'code-change-failed',
      module: 'sa_pool',
      text: /code_change of sa_pool failed .*function_clause/,
    },
    node: 'restarted',
  },
  {
    code: 'supervisor-init-side-effects',
    predicts: 'init/1 makes the named table again and raises, and the node restarts',
    applications: [
      application(
        'ss',
        {
          ...supervised('ss', '#{id => ss_pool, start => {ss_pool, start_link, []}, type => supervisor}'),
          ss_server: counts(),
          ss_pool: pool('ss', 1),
        },
        {
          ...supervised('ss', '#{id => ss_pool, start => {ss_pool, start_link, []}, type => supervisor}'),
          ss_server: counts(),
          ss_pool: pool('ss', 2),
        },
        { callback: 'ss_app' },
      ),
    ],
    appups: { ss: appup('{update, ss_pool, supervisor}', '{load_module, ss_pool}') },
    about: { module: 'ss_pool' },
    shows: { code: 'code-change-failed', module: 'ss_pool', text: /code_change of ss_pool failed .*badarg/ },
    node: 'restarted',
  },
  {
    code: 'suspended-supervisor',
    predicts: 'release_handler gives up: suspended_supervisor, and the node restarts',
    applications: [withChild('su', counts(), counts('2'))],
    appups: {
      su: appup(
        '{load_object_code, {su, "2", [su_server]}}, point_of_no_return, {suspend, [su_sup]}, {suspend, [su_server]}, {load, {su_server, brutal_purge, brutal_purge}}, {resume, [su_server]}, {resume, [su_sup]}',
        '{load_module, su_server}',
      ),
    },
    about: { module: 'su_sup' },
    shows: {
      code: 'step-failed',
      text: /met a supervisor that an earlier instruction has suspended/,
      instruction: /{suspend, \[su_server\]}/,
    },
    node: 'restarted',
  },
  {
    code: 'top-process-not-supervisor',
    predicts: 'the top process is asked for children, and its answer ends the installation',
    applications: [
      unchanged(
        'tp',
        {
          tp_app: topServer,
          tp_server: server(
            'ask/0',
            'init([]) -> {ok, 1}.\nask() -> ok.\nhandle_call(_, _, N) -> {reply, N, N}.',
          ),
        },
        { callback: 'tp_app' },
      ),
      suspends('wx'),
    ],
    about: { application: 'tp' },
    shows: {
      code: 'error-logged',
      text: /cannot find top supervisor for application tp/,
      instruction: /suspend/,
    },
    node: 'restarted',
  },
  {
    code: 'stripped-beams',
    predicts: 'release_handler reads the vsn attribute, and crashes with a badmatch',
    applications: [suspends('sb')],
    spoil: 'strip',
    about: { application: 'sb' },
    shows: { code: 'step-failed', text: /badmatch|vsn|attributes/ },
  },
  {
    code: 'releases-file-missing',
    predicts: 'the upgrade works, and the downgrade fails',
    applications: [changed('rm')],
    spoil: 'no RELEASES',
    about: {},
    shows: {
      code: 'step-failed',
      text: /RELEASES does not list the library that an instruction loads from/,
      instruction: /{load_object_code, {rm, "1"/,
    },
  },
  {
    code: 'release-not-recorded',
    predicts: 'release_handler knows only what is listed, and takes another release to run',
    applications: [changed('rn')],
    spoil: 'other RELEASES',
    about: {},
    shows: { code: 'step-failed', text: /no relup leads from the version that runs/ },
  },
  {
    code: 'library-path-stale',
    predicts: 'going back fails: no_such_file',
    applications: [changed('ls')],
    spoil: 'stale RELEASES',
    about: {},
    shows: { code: 'step-failed', text: /a file or folder is missing: nowhere\/lib\/ls-1\/ebin\/ls.beam/ },
  },
  {
    code: 'library-path-absolute',
    predicts: 'release_handler looks there, and the node is not installed at that place',
    applications: [changed('la')],
    spoil: 'absolute RELEASES',
    about: {},
    shows: {
      code: 'application-differs',
      text: /the code path leads to .* for the application la, expected lib\/la-1/,
    },
  },
  {
    code: 'sys-config-missing',
    predicts: 'the environment falls back to what the .app says',
    applications: [suspends('sm')],
    config: { v1: '{sm, [{limit, 10}]}', v2: '{sm, [{limit, 10}]}' },
    spoil: 'no sys.config',
    about: {},
    upgraded: [{ call: 'application:get_env(sm, limit)', expect: '{ok, 10}' }],
    shows: { code: 'probe-failed', text: /expected {ok, 10}, found undefined/ },
  },
  {
    code: 'file-in-the-way',
    predicts: 'what an earlier try has left wins over what the package brings',
    applications: [changed('fw')],
    spoil: 'file in the way',
    about: {},
    shows: { code: 'file-kept', text: /lib\/fw-2\/ebin\/fw\.beam/ },
  },
  {
    code: 'emulator-restart',
    predicts: 'without heart the node does not come back',
    applications: [changed('er')],
    appups: { er: appup('{load_module, er}, restart_emulator', '{load_module, er}') },
    about: {},
    shows: {
      code: 'step-failed',
      text: /the relup restarts the emulator, which needs heart/,
      instruction: /restart_emulator/,
    },
  },
];
