import type { ApplicationVersion, LiveApplication, Sources } from './scenario.js';

/**
 * A gen_server that is registered under the name of its module.
 *
 * @param functions what it exports beside the callbacks, such as `get/0, put/1`
 * @param clauses its functions; `init/1` and `handle_call/3` among them
 */
export function server(functions: string, clauses: string): string {
  const { exported, defaults } = callbacks(clauses, {
    'handle_cast/2': 'handle_cast(_, State) -> {noreply, State}.',
  });
  return `-behaviour(gen_server).
-export([start_link/0, init/1, handle_call/3, ${[...exported, functions].join(', ')}]).
start_link() -> gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).
${defaults}
${clauses}`;
}

/** A gen_server that answers `MODULE:count()` with how often it was asked, in steps of this size. */
export function counts(step = '1'): string {
  return server(
    'count/0',
    `init([]) -> {ok, 0}.
count() -> gen_server:call(?MODULE, count).
handle_call(count, _, N) -> {reply, N + ${step}, N + ${step}}.`,
  );
}

/** A gen_server that answers `MODULE:ask()` with this expression, which may use its state, the number `N`. */
export function asks(answer: string, clauses = ''): string {
  return server(
    'ask/0',
    `init([]) -> {ok, 1}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, N) -> {reply, ${answer}, N}.
${clauses}`,
  );
}

/** The same with the state `{state, N}`, which these expressions make of `State`, and turn back into `N`. */
export function converts(answer: string, up: string, down: string): string {
  return server(
    'ask/0',
    `init([]) -> {ok, {state, 1}}.
ask() -> gen_server:call(?MODULE, ask).
handle_call(ask, _, {state, N} = State) -> {reply, ${answer}, State}.
code_change({down, _}, State, _) -> {ok, ${down}};
code_change(_, State, _) -> {ok, ${up}}.`,
  );
}

/** A gen_statem that is registered under the name of its module. */
export function statem(functions: string, clauses: string): string {
  const exported = ['start_link/0', 'init/1', 'callback_mode/0', functions].join(', ');
  return `-behaviour(gen_statem).
-export([${exported}]).
start_link() -> gen_statem:start_link({local, ?MODULE}, ?MODULE, [], []).
${clauses}`;
}

/** A module without processes. */
export function functional(functions: string, clauses: string): string {
  return `-export([${functions}]).\n${clauses}`;
}

function callbacks(
  clauses: string,
  optional: Readonly<Record<string, string>>,
): { readonly exported: readonly string[]; readonly defaults: string } {
  const defines = (callback: string): boolean =>
    new RegExp(`^${callback.split('/')[0] ?? ''}\\(`, 'm').test(clauses);
  const missing = Object.entries(optional).filter(([callback]) => !defines(callback));
  const converts = ['code_change/3', 'handle_info/2', 'terminate/2'].filter(defines);
  return {
    exported: [...Object.keys(optional), ...converts],
    defaults: missing.map(([, source]) => source).join('\n'),
  };
}

/** The module `NAME_app` of an application with children. */
function applicationCallback(name: string): string {
  return `-behaviour(application).
-export([start/2, stop/1]).
start(_, _) -> ${name}_sup:start_link().
stop(_) -> ok.
`;
}

/** A supervisor that is registered under the name of its module. */
export function supervisor(children: readonly string[], flags = '#{intensity => 0}'): string {
  const specifications = children.map((child) =>
    /^\w+$/.test(child) ? `#{id => ${child}, start => {${child}, start_link, []}}` : child,
  );
  return `-behaviour(supervisor).
-export([start_link/0, init/1]).
start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).
init([]) -> {ok, {${flags}, [${specifications.join(',\n  ')}]}}.
`;
}

/** The modules of a version, with those that its children bring. */
export function modulesOf(name: string, version: ApplicationVersion): Readonly<Record<string, string>> {
  if (version.children === undefined) return version.modules;
  return {
    [`${name}_app`]: applicationCallback(name),
    [`${name}_sup`]: supervisor(version.children),
    ...version.modules,
  };
}

/** An application whose modules change; the supervised children are the same in both versions. */
export function application(
  name: string,
  v1: Sources,
  v2: Sources,
  both: Omit<ApplicationVersion, 'modules'> = {},
): LiveApplication {
  return { name, v1: { ...both, modules: v1 }, v2: { ...both, modules: v2 } };
}

/**
 * A process of proc_lib and sys that is registered under the name of its module and answers `MODULE:call()`.
 *
 * @param shape the pattern of its state, for the messages of sys
 * @param clauses `request/1`, from the state to the answer and the next state; also `system_code_change/4`
 */
export function specialProcess(shape: string, clauses: string, initial: string): string {
  const changes = /^system_code_change\(/m.test(clauses)
    ? ''
    : 'system_code_change(State, _, _, _) -> {ok, State}.';
  return `-export([start_link/0, init/1, call/0, loop/2, request/1]).
-export([system_continue/3, system_terminate/4, system_get_state/1, system_replace_state/2, system_code_change/4]).
start_link() -> proc_lib:start_link(?MODULE, init, [self()]).
init(Parent) -> register(?MODULE, self()), proc_lib:init_ack({ok, self()}), loop(Parent, ${initial}).
call() ->
  Monitor = monitor(process, ?MODULE),
  ?MODULE ! {call, {self(), Monitor}},
  receive
    {Monitor, Answer} -> demonitor(Monitor, [flush]), Answer;
    {'DOWN', Monitor, process, _, Reason} -> exit(Reason)
  after 5000 -> exit(timeout)
  end.
loop(Parent, ${shape} = State) ->
  receive
    {call, {Client, Tag}} -> {Answer, Next} = request(State), Client ! {Tag, Answer}, loop(Parent, Next);
    {system, From, Request} -> sys:handle_system_msg(Request, From, Parent, ?MODULE, [], State);
    {'EXIT', Parent, Reason} -> exit(Reason)
  end.
system_continue(Parent, _, State) -> loop(Parent, State).
system_terminate(Reason, _, _, _) -> exit(Reason).
system_get_state(State) -> {ok, State}.
system_replace_state(Change, State) -> Next = Change(State), {ok, Next, Next}.
${changes}
${clauses}`;
}

/** An appup from 1 to 2 and back. */
export function appup(up: string, down: string): string {
  return `{"2", [{"1", [${up}]}],\n [{"1", [${down}]}]}.\n`;
}
