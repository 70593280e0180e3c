-module(kept_literal_sup).
-behaviour(supervisor).
-export([start_link/0, init/1]).

start_link() -> supervisor:start_link(?MODULE, []).

init(_) ->
    {ok, {{one_for_one, 1, 5}, [{only, {kept_server, start_link, [name]}, temporary, 100, worker, [kept_server]}]}}.
