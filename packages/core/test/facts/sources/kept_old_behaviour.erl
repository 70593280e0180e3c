-module(kept_old_behaviour).
-export([behaviour_info/1, start/2]).

behaviour_info(callbacks) -> [{init, 1}, {handle, 2}];
behaviour_info(_) -> undefined.

start(_, _) ->
    {ok, Pid} = kept_literal_sup:start_link(),
    {ok, Pid}.
