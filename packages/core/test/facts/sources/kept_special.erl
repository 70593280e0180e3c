-module(kept_special).
-export([loop/3, system_continue/3, init/1]).

loop(Parent, Debug, State) ->
    receive
        {system, From, Request} -> sys:handle_system_msg(Request, From, Parent, ?MODULE, Debug, State);
        _ -> loop(Parent, Debug, State)
    end.
system_continue(Parent, Debug, State) -> loop(Parent, Debug, State).
init(_) -> {ok, #{callback => fun(X) -> X end}}.
