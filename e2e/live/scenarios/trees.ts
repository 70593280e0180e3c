import type { Scenario } from '../../support/live/scenario.js';
import { application, asks, counts, functional, server, supervisor } from '../../support/live/sources.js';

const namedWorker = `-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, count/1]).
start_link(Name) -> gen_server:start_link({local, Name}, ?MODULE, [], []).
init([]) -> {ok, 0}.
count(Name) -> gen_server:call(Name, count).
handle_call(count, _, N) -> {reply, N + 1, N + 1}.
handle_cast(_, N) -> {noreply, N}.`;

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

/** Supervision trees that change: supervisors, their children, and what the children call. */
export const trees: readonly Scenario[] = [
  {
    name: 'child added',
    promise: 'a new child is started after the upgrade, and gone after the downgrade',
    applications: [
      {
        name: 'ca',
        v1: { children: ['ca_old'], modules: { ca_old: counts() } },
        v2: {
          children: ['ca_old', 'ca_new'],
          modules: { ca_old: counts(), ca_new: counts() },
        },
      },
    ],
    load: ['true = is_integer(ca_old:count())'],
    starts: ['ca_new'],
    up: ['1 = ca_new:count()'],
    down: ['undefined = whereis(ca_new)', '{error, not_found} = supervisor:get_childspec(ca_sup, ca_new)'],
  },
  {
    name: 'child removed',
    promise: 'a child that the new version does not have is stopped, and runs again after the downgrade',
    applications: [
      {
        name: 'cr',
        v1: {
          children: ['cr_gone', 'cr_kept'],
          modules: { cr_kept: counts(), cr_gone: counts() },
        },
        v2: { children: ['cr_kept'], modules: { cr_kept: counts() } },
      },
    ],
    load: ['true = is_integer(cr_kept:count())'],
    stops: ['cr_gone'],
    up: ['undefined = whereis(cr_gone)', '{error, not_found} = supervisor:get_childspec(cr_sup, cr_gone)'],
    down: ['1 = cr_gone:count()'],
  },
  {
    name: 'child replaced by another',
    promise: 'one child goes and another comes, in both directions',
    applications: [
      {
        name: 'cx',
        v1: {
          children: ['cx_kept', 'cx_old'],
          modules: { cx_kept: counts(), cx_old: counts() },
        },
        v2: {
          children: ['cx_kept', 'cx_new'],
          modules: { cx_kept: counts(), cx_new: counts() },
        },
      },
    ],
    load: ['true = is_integer(cx_kept:count())'],
    starts: ['cx_new'],
    stops: ['cx_old'],
    up: ['1 = cx_new:count()'],
    down: ['1 = cx_old:count()'],
  },
  {
    name: 'supervisor properties',
    promise: 'a supervisor and its children have the new properties, and go on running',
    applications: [
      {
        name: 'sv',
        v1: {
          children: ['#{id => sv_worker, start => {sv_worker, start_link, []}, shutdown => 1000}'],
          modules: { sv_worker: counts() },
        },
        v2: {
          children: ['#{id => sv_worker, start => {sv_worker, start_link, []}, shutdown => 2000}'],
          modules: { sv_worker: counts() },
        },
      },
    ],
    load: [
      'true = is_integer(sv_worker:count())',
      '[{sv_worker, _, _, _}] = supervisor:which_children(sv_sup)',
    ],
    before: ['{ok, #{shutdown := 1000}} = supervisor:get_childspec(sv_sup, sv_worker)'],
    up: ['{ok, #{shutdown := 2000}} = supervisor:get_childspec(sv_sup, sv_worker)'],
    down: ['{ok, #{shutdown := 1000}} = supervisor:get_childspec(sv_sup, sv_worker)'],
  },
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
    name: 'supervisor with a helper',
    promise: 'init/1 of a supervisor may call a function that is new in another module',
    applications: [
      application(
        'sh',
        {
          sh_sup: supervisor(['sh_worker'], '#{intensity => sh_a_flags:old()}'),
          sh_a_flags: functional('old/0', 'old() -> 0.'),
          sh_worker: counts(),
        },
        {
          sh_sup: supervisor(['sh_worker'], '#{intensity => sh_a_flags:new()}'),
          sh_a_flags: functional('new/0', 'new() -> 1.'),
          sh_worker: counts(),
        },
        { children: ['sh_worker'] },
      ),
    ],
    load: ['true = is_integer(sh_worker:count())'],
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
          modules: { cd_below: supervisor(['cd_old']), cd_old: counts() },
        },
        v2: {
          children: ['#{id => cd_below, start => {cd_below, start_link, []}, type => supervisor}'],
          modules: {
            cd_below: supervisor(['cd_old', 'cd_new']),
            cd_old: counts(),
            cd_new: counts('2'),
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
        v1: { children: ['st_old'], modules: { st_old: counts() } },
        v2: {
          children: ['st_old', '#{id => st_below, start => {st_below, start_link, []}, type => supervisor}'],
          modules: {
            st_old: counts(),
            st_below: supervisor(['st_new']),
            st_new: counts('2'),
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
            nn_back: counts(),
          },
        },
      },
    ],
    load: ['true = is_integer(nn_front:run())'],
    starts: ['nn_back'],
    up: ['true = nn_front:run() > 0'],
    down: ['0 = nn_front:run()'],
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
