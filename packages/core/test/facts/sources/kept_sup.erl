-module(kept_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).
-define(CHILD(Id, Module), {Id, {Module, start_link, [Id]}, permanent, 5000, worker, [Module]}).

start_link() -> supervisor:start_link({local, ?MODULE}, ?MODULE, []).

init([]) ->
    ets:new(kept_table, [named_table, public]),
    Flags = #{strategy => rest_for_one, intensity => 1},
    Pool = [child({worker, Number}, kept_server) || Number <- [1, 2]],
    {ok, {Flags, [?CHILD(first, kept_server) | Pool] ++ extra()}}.

child(Id, Module) -> #{id => Id, start => {Module, start_link, [hd([Id])]}, shutdown => brutal_kill}.

extra() ->
    Events = #{id => events, start => {gen_event, start_link, [{local, kept_events}]}, modules => dynamic},
    Sub = maps:put(type, supervisor, #{id => sub, start => {kept_literal_sup, start_link, []}}),
    lists:flatten([[Events], [[Sub]], lists:map(fun more/1, [last])]).

more(Id) -> #{id => Id, start => {?MODULE, start_link, []}, restart => transient, type => supervisor}.
