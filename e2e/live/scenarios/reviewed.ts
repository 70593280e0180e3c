import type { Scenario } from '../../support/live/scenario.js';
import { application, appup, functional, server } from '../../support/live/sources.js';

/** Upgrades that only a person can decide, with the appup that person has reviewed. */
export const reviewed: readonly Scenario[] = [
  {
    name: 'application restarted',
    promise: 'restart_application stops it, loads all of it and starts it, and leaves the others alone',
    applications: [
      application(
        'ra',
        {
          ra_server: server(
            'get/0',
            `init([]) -> {ok, old}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, S) -> {reply, S, S}.`,
          ),
        },
        {
          ra_server: server(
            'get/0',
            `init([]) -> {ok, new}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, S) -> {reply, S, S}.`,
          ),
        },
        { children: ['ra_server'] },
      ),
      application(
        'rn',
        { rn: functional('run/0', 'run() -> 1.') },
        { rn: functional('run/0', 'run() -> 2.') },
      ),
    ],
    // Callers of an application that restarts get noproc, or undef: that is the price of it.
    load: ['true = is_integer(rn:run())'],
    restarts: true,
    before: ['old = ra_server:get()'],
    up: ['new = ra_server:get()'],
    down: ['old = ra_server:get()'],
    appups: { ra: appup('{restart_application, ra}', '{restart_application, ra}') },
  },
  {
    name: 'busy server',
    promise:
      'with a timeout that is long enough, a server that is busy for more than five seconds is converted',
    applications: [
      application(
        'bs',
        {
          bs_server: server(
            'work/1, idle/0',
            `init([]) -> {ok, 0}.
work(Time) -> gen_server:call(?MODULE, {work, Time}, infinity).
idle() -> 1.
handle_call({work, Time}, _, S) -> timer:sleep(Time), {reply, done, S}.`,
          ),
        },
        {
          bs_server: server(
            'work/1, idle/0',
            `init([]) -> {ok, {state, 0}}.
work(Time) -> gen_server:call(?MODULE, {work, Time}, infinity).
idle() -> 2.
handle_call({work, Time}, _, S) -> timer:sleep(Time), {reply, done, S}.
code_change({down, _}, {state, S}, _) -> {ok, S};
code_change(_, S, _) -> {ok, {state, S}}.`,
          ),
        },
        { children: ['bs_server'] },
      ),
    ],
    load: ['true = is_integer(bs_server:idle())'],
    prepare: ['spawn(fun() -> bs_server:work(6000) end)'],
    up: ['{state, 0} = sys:get_state(bs_server)'],
    down: ['0 = sys:get_state(bs_server)'],
    appups: {
      bs: appup(
        '{update, bs_server, 20000, {advanced, []}, soft_purge, soft_purge, []}',
        '{update, bs_server, 20000, {advanced, []}, soft_purge, soft_purge, []}',
      ),
    },
  },
  {
    name: 'several versions in one appup',
    promise: 'the section of the running version is used, whatever else the appup is for',
    applications: [
      application(
        'se',
        { se: functional('run/0', 'run() -> 1.') },
        { se: functional('run/0', 'run() -> 2.') },
      ),
    ],
    load: ['true = is_integer(se:run())'],
    up: ['2 = se:run()'],
    down: ['1 = se:run()'],
    appups: {
      se: `{"2",
 [{"0.9", [{apply, {erlang, halt, []}}]}, {"1", [{load_module, se}]}],
 [{"0.9", [{apply, {erlang, halt, []}}]}, {"1", [{load_module, se}]}]}.
`,
    },
  },
];
