import type { Scenario } from '../../support/live/scenario.js';
import { application, counts, functional, server, specialProcess } from '../../support/live/sources.js';

/** The sections of OTP's Appup Cookbook, but for those on supervision trees. */
export const cookbook: readonly Scenario[] = [
  {
    name: 'functional module',
    promise: 'a module without processes is replaced between two calls',
    applications: [
      application(
        'fm',
        { fm: functional('area/1', 'area({square, Side}) -> Side * Side.') },
        { fm: functional('area/1', 'area({square, Side}) -> round(math:pow(Side, 2)).') },
      ),
    ],
    load: ['9 = fm:area({square, 3})'],
  },
  {
    name: 'residence module',
    promise: 'a gen_server whose state stays as it is runs its new callbacks',
    applications: [
      application(
        'rm',
        {
          rm_server: server(
            'count/0',
            `init([]) -> {ok, 0}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, N) -> {reply, N + 1, N + 1}.`,
          ),
        },
        {
          rm_server: server(
            'count/0',
            `init([]) -> {ok, 0}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, N) -> {reply, N + 2, N + 2}.`,
          ),
        },
        { children: ['rm_server'] },
      ),
    ],
    load: ['true = is_integer(rm_server:count())'],
    prepare: ['sys:replace_state(rm_server, fun(_) -> 1000000 end)'],
    up: ['true = rm_server:count() > 1000000'],
    down: ['true = rm_server:count() > 1000000'],
  },
  {
    name: 'internal state',
    promise: 'code_change converts the state on the way up and back on the way down',
    applications: [
      application(
        'is',
        {
          is_server: server(
            'get/0',
            `-record(state, {value}).
init([]) -> {ok, #state{value = 0}}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, #state{value = Value} = State) -> {reply, Value, State}.`,
          ),
        },
        {
          is_server: server(
            'get/0',
            `-record(state, {value, reads = 0}).
init([]) -> {ok, #state{value = 0}}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, #state{value = Value, reads = Reads} = State) -> {reply, Value, State#state{reads = Reads + 1}}.
code_change({down, _}, #state{value = Value}, _) -> {ok, {state, Value}};
code_change(_, {state, Value}, _) -> {ok, #state{value = Value}}.`,
          ),
        },
        { children: ['is_server'] },
      ),
    ],
    load: ['true = is_integer(is_server:get())'],
    prepare: ['sys:replace_state(is_server, fun(_) -> {state, 7} end)'],
    up: ['{state, 7, Reads} = sys:get_state(is_server), true = Reads > 0'],
    down: ['{state, 7} = sys:get_state(is_server)'],
  },
  {
    name: 'dependency, function added',
    promise: 'a function is there before it is called',
    applications: [
      application(
        'da',
        {
          da_caller: functional('run/0', 'run() -> da_library:old().'),
          da_library: functional('old/0', 'old() -> 1.'),
        },
        {
          da_caller: functional('run/0', 'run() -> da_library:new().'),
          da_library: functional('old/0, new/0', 'old() -> 1.\nnew() -> 2.'),
        },
      ),
    ],
    load: ['true = is_integer(da_caller:run())'],
    before: ['1 = da_caller:run()'],
    up: ['2 = da_caller:run()'],
    down: ['1 = da_caller:run()'],
  },
  {
    name: 'dependency, function removed',
    promise: 'a function is called until nobody does, and then goes',
    applications: [
      application(
        'dr',
        {
          dr_caller: functional('run/0', 'run() -> dr_a_library:old() + dr_z_library:old().'),
          dr_a_library: functional('old/0, kept/0', 'old() -> 1.\nkept() -> 2.'),
          dr_z_library: functional('old/0, kept/0', 'old() -> 1.\nkept() -> 2.'),
        },
        {
          dr_caller: functional('run/0', 'run() -> dr_a_library:kept() + dr_z_library:kept().'),
          dr_a_library: functional('kept/0', 'kept() -> 2.'),
          dr_z_library: functional('kept/0', 'kept() -> 2.'),
        },
      ),
    ],
    load: ['true = is_integer(dr_caller:run())'],
    up: ['4 = dr_caller:run()'],
    down: ['2 = dr_caller:run()'],
  },
  {
    name: 'dependency, function exchanged',
    promise: 'where a server calls the old function or the new one, it waits while both modules change',
    applications: [
      application(
        'de',
        {
          de_server: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, de_library:old(N), N + 1}.`,
          ),
          de_library: functional('old/1', 'old(N) -> N.'),
        },
        {
          de_server: server(
            'run/0',
            `init([]) -> {ok, 0}.
run() -> gen_server:call(?MODULE, run).
handle_call(run, _, N) -> {reply, de_library:new(N), N + 1}.`,
          ),
          de_library: functional('new/1', 'new(N) -> N + 1.'),
        },
        { children: ['de_server'] },
      ),
    ],
    load: ['true = is_integer(de_server:run())'],
    prepare: ['sys:replace_state(de_server, fun(_) -> 1000000 end)'],
    up: ['true = sys:get_state(de_server) > 1000000'],
    down: ['true = sys:get_state(de_server) > 1000000'],
  },
  {
    name: 'special process',
    promise:
      'a process of sys and proc_lib converts its state in system_code_change/4, without any -behaviour',
    applications: [
      application(
        'sp',
        { sp_server: specialProcess('N', 'request(N) -> {N, N + 1}.', '0') },
        {
          sp_server: specialProcess(
            '{state, N, _}',
            `request({state, N, L}) -> {N, {state, N + 1, L}}.
system_code_change({state, N, _}, _, {down, _}, _) -> {ok, N};
system_code_change(N, _, _, _) -> {ok, {state, N, []}}.`,
            '{state, 0, []}',
          ),
        },
        { children: ['sp_server'] },
      ),
    ],
    load: ['true = is_integer(sp_server:call())'],
    prepare: ['sys:replace_state(sp_server, fun(_) -> 1000000 end)'],
    up: ['{state, N, []} = sys:get_state(sp_server), true = N > 1000000'],
    down: ['true = sys:get_state(sp_server) > 1000000'],
  },
  {
    name: 'special process with a behaviour',
    promise: 'a behaviour that is no behaviour of OTP does not hide system_code_change/4',
    applications: [
      application(
        'sb',
        {
          sb_protocol: '-callback request(term()) -> {term(), term()}.\n',
          sb_server: `-behaviour(sb_protocol).\n${specialProcess('N', 'request(N) -> {N, N + 1}.', '0')}`,
        },
        {
          sb_protocol: '-callback request(term()) -> {term(), term()}.\n',
          sb_server: `-behaviour(sb_protocol).\n${specialProcess(
            '{state, N}',
            `request({state, N}) -> {N, {state, N + 1}}.
system_code_change({state, N}, _, {down, _}, _) -> {ok, N};
system_code_change(N, _, _, _) -> {ok, {state, N}}.`,
            '{state, 0}',
          )}`,
        },
        { children: ['sb_server'] },
      ),
    ],
    load: ['true = is_integer(sb_server:call())'],
    prepare: ['sys:replace_state(sb_server, fun(_) -> 1000000 end)'],
    up: ['{state, N} = sys:get_state(sb_server), true = N > 1000000'],
    down: ['true = sys:get_state(sb_server) > 1000000'],
  },
  {
    name: 'modules added and deleted',
    promise: 'a new module is there before it is called, and an old one until it is not called any more',
    applications: [
      application(
        'am',
        {
          am: functional('run/0', 'run() -> am_old:run().'),
          am_old: functional('run/0', 'run() -> old.'),
        },
        {
          am: functional('run/0', 'run() -> am_new:run().'),
          am_new: functional('run/0', 'run() -> new.'),
        },
      ),
    ],
    load: ['true = is_atom(am:run())'],
    before: ['old = am:run()'],
    up: ['new = am:run()'],
    down: ['old = am:run()'],
  },
  {
    name: 'application added',
    promise: 'a new application runs before the one that uses it changes, and until that one has gone back',
    applications: [
      {
        name: 'aa',
        v1: { modules: { aa: functional('run/0', 'run() -> 0.') } },
        v2: { needs: ['aa_new'], modules: { aa: functional('run/0', 'run() -> aa_server:count().') } },
      },
      {
        name: 'aa_new',
        v2: { children: ['aa_server'], modules: { aa_server: counts() } },
      },
    ],
    load: ['true = is_integer(aa:run())'],
    starts: ['aa_new top', 'aa_server'],
    up: ['true = is_pid(whereis(aa_server))'],
    down: ['undefined = whereis(aa_server)'],
  },
  {
    name: 'application removed',
    promise:
      'an application is stopped after the last one that uses it has changed, and is back before it goes back',
    applications: [
      {
        name: 'ar',
        v1: { needs: ['ar_old'], modules: { ar: functional('run/0', 'run() -> ar_server:count().') } },
        v2: { modules: { ar: functional('run/0', 'run() -> 0.') } },
      },
      {
        name: 'ar_old',
        v1: { children: ['ar_server'], modules: { ar_server: counts() } },
      },
    ],
    load: ['true = is_integer(ar:run())'],
    stops: ['ar_old top', 'ar_server'],
    up: ['undefined = whereis(ar_server)'],
    down: ['true = is_pid(whereis(ar_server))'],
  },
  {
    name: 'application specification',
    promise: 'what the .app says is what the new version says, and nothing else happens',
    applications: [
      application('as', { as_server: counts() }, { as_server: counts() }, { children: ['as_server'] }),
    ],
    load: ['true = is_integer(as_server:count())'],
    up: ['{ok, "2"} = application:get_key(as, vsn)'],
    down: ['{ok, "1"} = application:get_key(as, vsn)'],
  },
  {
    name: 'configuration',
    promise: 'a running server hears of the configuration of the release it is in now',
    applications: [
      {
        name: 'cf',
        ...configured(),
      },
    ],
    config: { v1: '{cf, [{limit, 10}]}', v2: '{cf, [{limit, 20}, {added, yes}]}' },
    load: ['true = lists:member(cf_server:limit(), [10, 20])'],
    before: ['10 = cf_server:limit()'],
    up: ['20 = cf_server:limit()', '{ok, yes} = application:get_env(cf, added)'],
    down: ['10 = cf_server:limit()', 'undefined = application:get_env(cf, added)'],
  },
  {
    name: 'files in priv',
    promise: 'code:priv_dir/1 leads to the files of the new version, though no module changed',
    applications: [
      {
        name: 'pf',
        v1: {
          files: { 'priv/data': 'one' },
          modules: { pf: functional('priv/0', 'priv() -> code:priv_dir(pf).') },
        },
        v2: {
          files: { 'priv/data': 'two' },
          modules: { pf: functional('priv/0', 'priv() -> code:priv_dir(pf).') },
        },
      },
    ],
    load: ['true = is_list(pf:priv())'],
    up: ['{ok, <<"two">>} = file:read_file(filename:join(pf:priv(), "data"))'],
    down: ['{ok, <<"one">>} = file:read_file(filename:join(pf:priv(), "data"))'],
  },
];

function configured(): Pick<Scenario['applications'][number], 'v1' | 'v2'> {
  const version = (reply: string) => ({
    children: ['cf_server'],
    callback: 'cf_app',
    modules: {
      cf_app: `-behaviour(application).
-export([start/2, stop/1, config_change/3]).
start(_, _) -> cf_sup:start_link().
stop(_) -> ok.
config_change(Changed, _, _) -> cf_server:configure(proplists:get_value(limit, Changed)).`,
      cf_server: server(
        'limit/0, configure/1',
        `init([]) -> {ok, element(2, application:get_env(cf, limit))}.
limit() -> gen_server:call(?MODULE, limit).
configure(undefined) -> ok;
configure(Limit) -> gen_server:call(?MODULE, {configure, Limit}).
handle_call(limit, _, Limit) -> {reply, ${reply}, Limit};
handle_call({configure, Limit}, _, _) -> {reply, ok, Limit}.`,
      ),
    },
  });
  return { v1: version('Limit'), v2: version('Limit + 0') };
}
