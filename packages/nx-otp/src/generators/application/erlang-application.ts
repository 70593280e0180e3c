/**
 * The files of an application in Erlang, by their path in its folder, as rebar3 lays them out and erlfmt formats them.
 * @param supervisor whether it starts processes
 */
export function erlangApplication(name: string, supervisor: boolean): Record<string, string> {
  return supervisor ? withProcesses(name) : library(name);
}

/** For an application that is a project of rebar3 by itself. */
export const rebarConfig = `{erl_opts, [debug_info]}.
{deps, []}.
`;

function withProcesses(name: string): Record<string, string> {
  return {
    [`src/${name}.app.src`]: `{application, ${name}, [
    {description, "An OTP application"},
    {vsn, "0.1.0"},
    {registered, [${name}_sup, ${name}_server]},
    {applications, [kernel, stdlib]},
    {env, []},
    {modules, []},
    {mod, {${name}_app, []}}
]}.
`,
    [`src/${name}_app.erl`]: `-module(${name}_app).

-behaviour(application).

-export([start/2, stop/1]).

start(_StartType, _StartArgs) ->
    ${name}_sup:start_link().

stop(_State) ->
    ok.
`,
    [`src/${name}_sup.erl`]: `-module(${name}_sup).

-behaviour(supervisor).

-export([start_link/0]).
-export([init/1]).

start_link() ->
    supervisor:start_link({local, ?MODULE}, ?MODULE, []).

%% An upgrade finds a process by the modules that its child specification names.
init([]) ->
    Server = #{
        id => ${name}_server,
        start => {${name}_server, start_link, []},
        modules => [${name}_server]
    },
    {ok, {#{strategy => one_for_one, intensity => 5, period => 10}, [Server]}}.
`,
    [`src/${name}_server.erl`]: `%% Counts.
-module(${name}_server).

-behaviour(gen_server).

-export([start_link/0, count/0, increment/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, code_change/3]).

-record(state, {count = 0 :: non_neg_integer()}).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec count() -> non_neg_integer().
count() ->
    gen_server:call(?MODULE, count).

%% The new count.
-spec increment() -> pos_integer().
increment() ->
    gen_server:call(?MODULE, increment).

init([]) ->
    {ok, #state{}}.

handle_call(count, _From, #state{count = Count} = State) ->
    {reply, Count, State};
handle_call(increment, _From, #state{count = Count} = State) ->
    {reply, Count + 1, State#state{count = Count + 1}}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info(_Info, State) ->
    {noreply, State}.

%% An upgrade calls it in the running process, with the state as the other version has it: on the way down the first
%% argument is {down, Vsn}. Whoever changes the record converts between both here.
code_change(_Vsn, #state{} = State, _Extra) ->
    {ok, State}.
`,
    [`test/${name}_server_tests.erl`]: `-module(${name}_server_tests).

-include_lib("eunit/include/eunit.hrl").

counts_test_() ->
    {setup, fun start/0, fun gen_server:stop/1, [
        ?_assertEqual(0, ${name}_server:count()),
        ?_assertEqual(1, ${name}_server:increment()),
        ?_assertEqual(1, ${name}_server:count())
    ]}.

keeps_its_state_in_an_upgrade_test_() ->
    {setup, fun start/0, fun gen_server:stop/1, fun(Server) ->
        ?_test(begin
            1 = ${name}_server:increment(),
            ok = sys:suspend(Server),
            ok = sys:change_code(Server, ${name}_server, "0.1.0", []),
            ok = sys:resume(Server),
            ?assertEqual(1, ${name}_server:count())
        end)
    end}.

start() ->
    {ok, Server} = ${name}_server:start_link(),
    Server.
`,
  };
}

function library(name: string): Record<string, string> {
  return {
    [`src/${name}.app.src`]: `{application, ${name}, [
    {description, "An OTP library"},
    {vsn, "0.1.0"},
    {registered, []},
    {applications, [kernel, stdlib]},
    {env, []},
    {modules, []}
]}.
`,
    [`src/${name}.erl`]: `-module(${name}).

-export([hello/0]).

-spec hello() -> world.
hello() ->
    world.
`,
    [`test/${name}_tests.erl`]: `-module(${name}_tests).

-include_lib("eunit/include/eunit.hrl").

hello_test() ->
    ?assertEqual(world, ${name}:hello()).
`,
  };
}
