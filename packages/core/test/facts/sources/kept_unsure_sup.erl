-module(kept_unsure_sup).
-behaviour(supervisor).
-export([init/1]).

init(Servers) ->
    Children = [#{id => Server, start => {Server, start_link, []}} || Server <- Servers],
    {ok, {{one_for_one, 1, 5}, Children}}.
