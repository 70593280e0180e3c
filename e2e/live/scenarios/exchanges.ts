import type { ApplicationVersion, Scenario, Sources } from '../../support/live/scenario.js';
import {
  application,
  asks,
  converts,
  counts,
  functional,
  specialProcess,
  statem,
  supervisor,
} from '../../support/live/sources.js';

/** A library that has `old/1` in the older version and `new/1` in the newer. */
const libraries = (name: string): readonly [v1: Sources, v2: Sources] => [
  { [name]: functional('old/1', 'old(N) -> N.') },
  { [name]: functional('new/1', 'new(N) -> N + 1.') },
];

const machine = (answer: string): string =>
  statem(
    'ask/0, on/3',
    `callback_mode() -> state_functions.
init([]) -> {ok, on, 1}.
ask() -> gen_statem:call(?MODULE, ask).
on({call, From}, ask, N) -> {keep_state, N, [{reply, From, ${answer}}]}.`,
  );

const handler = (answer: string): string => `-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).
init([]) -> {ok, 1}.
handle_event(_, N) -> {ok, N}.
handle_call(ask, N) -> {ok, ${answer}, N}.`;

const manager = `-export([start_link/0, ask/0]).
start_link() ->
  {ok, Pid} = gen_event:start_link({local, ?MODULE}),
  ok = gen_event:add_handler(Pid, xh_handler, []),
  {ok, Pid}.
ask() -> gen_event:call(?MODULE, xh_handler, ask).`;

/** The modules of both versions that go with a library. */
const withLibrary = (name: string, v1: Sources, v2: Sources): readonly [v1: Sources, v2: Sources] => {
  const [old, exchanged] = libraries(name);
  return [
    { ...old, ...v1 },
    { ...exchanged, ...v2 },
  ];
};

const unchanged: ApplicationVersion = {
  children: ['xu_server'],
  modules: { xu_server: asks('xu_middle:run(N)') },
};

/** Functions that are exchanged for others, so that neither order of the modules serves. */
export const exchanges: readonly Scenario[] = [
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
    name: 'exchange between three applications',
    promise: 'a server waits that reaches the exchanged function through a second application',
    applications: [
      application('xl', ...libraries('xl_lib')),
      application(
        'xm',
        { xm_middle: functional('run/1', 'run(N) -> xl_lib:old(N).') },
        { xm_middle: functional('run/1', 'run(N) -> xl_lib:new(N).') },
        { needs: ['xl'] },
      ),
      application(
        'xn',
        { xn_server: asks('xm_middle:run(N)') },
        { xn_server: asks('xm_middle:run(N)') },
        { children: ['xn_server'], needs: ['xm'] },
      ),
    ],
    load: ['true = is_integer(xn_server:ask())'],
    up: ['2 = xn_server:ask()'],
    down: ['1 = xn_server:ask()'],
  },
  {
    name: 'exchange below an unchanged application',
    promise: 'a server of an application that has the same version waits, too',
    applications: [
      application('xv', ...libraries('xv_lib')),
      application(
        'xw',
        { xu_middle: functional('run/1', 'run(N) -> xv_lib:old(N).') },
        { xu_middle: functional('run/1', 'run(N) -> xv_lib:new(N).') },
        { needs: ['xv'] },
      ),
      { name: 'xu', v1: unchanged, v2: unchanged },
    ],
    load: ['true = is_integer(xu_server:ask())'],
    up: ['2 = xu_server:ask()'],
    down: ['1 = xu_server:ask()'],
  },
  {
    name: 'exchange below a state machine',
    promise: 'a gen_statem without code_change/4 waits',
    applications: [
      application(
        'xs',
        ...withLibrary(
          'xs_lib',
          { xs_machine: machine('xs_lib:old(N)') },
          { xs_machine: machine('xs_lib:new(N)') },
        ),
        { children: ['xs_machine'] },
      ),
    ],
    load: ['true = is_integer(xs_machine:ask())'],
    up: ['2 = xs_machine:ask()'],
    down: ['1 = xs_machine:ask()'],
  },
  {
    name: 'exchange below a special process',
    promise: 'a process of sys and proc_lib waits',
    applications: [
      application(
        'xp',
        ...withLibrary(
          'xp_lib',
          { xp_process: specialProcess('N', 'request(N) -> {xp_lib:old(N), N}.', '1') },
          { xp_process: specialProcess('N', 'request(N) -> {xp_lib:new(N), N}.', '1') },
        ),
        { children: ['xp_process'] },
      ),
    ],
    load: ['true = is_integer(xp_process:call())'],
    up: ['2 = xp_process:call()'],
    down: ['1 = xp_process:call()'],
  },
  {
    name: 'exchange below an event handler',
    promise: 'the event manager waits',
    applications: [
      application(
        'xh',
        ...withLibrary(
          'xh_lib',
          { xh_manager: manager, xh_handler: handler('xh_lib:old(N)') },
          { xh_manager: manager, xh_handler: handler('xh_lib:new(N)') },
        ),
        { children: ['#{id => xh_manager, start => {xh_manager, start_link, []}, modules => dynamic}'] },
      ),
    ],
    load: ['true = is_integer(xh_manager:ask())'],
    up: ['2 = xh_manager:ask()'],
    down: ['1 = xh_manager:ask()'],
  },
  {
    name: 'everything at once',
    promise: 'supervisors change, children are added, states are converted and a function is exchanged',
    applications: [
      {
        name: 'xx',
        v1: {
          children: [
            '#{id => xx_below, start => {xx_below, start_link, []}, type => supervisor}',
            'xx_front',
          ],
          modules: {
            ...libraries('xx_lib')[0],
            xx_below: supervisor(['xx_back']),
            xx_front: asks('xx_back:ask() + N'),
            xx_back: asks('xx_lib:old(N)'),
          },
        },
        v2: {
          children: [
            '#{id => xx_below, start => {xx_below, start_link, []}, type => supervisor, shutdown => 9000}',
            'xx_front',
            'xx_new',
          ],
          modules: {
            ...libraries('xx_lib')[1],
            xx_below: supervisor(['xx_back', 'xx_deep'], '#{intensity => 1}'),
            xx_front: converts('xx_back:ask() + N', '{state, State}', 'element(2, State)'),
            xx_back: converts('xx_lib:new(N)', '{state, State}', 'element(2, State)'),
            xx_new: counts(),
            xx_deep: counts(),
          },
        },
      },
    ],
    load: ['true = is_integer(xx_front:ask())'],
    starts: ['xx_below/xx_deep', 'xx_new'],
    up: ['3 = xx_front:ask()', '1 = xx_deep:count()'],
    down: ['2 = xx_front:ask()'],
  },
];
