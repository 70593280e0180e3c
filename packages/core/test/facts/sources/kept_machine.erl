-module(kept_machine).
-behaviour(gen_statem).
-export([callback_mode/0, init/1, locked/3, code_change/4]).

callback_mode() -> state_functions.
init(no) -> {stop, refused};
init(tuple) -> {ok, locked, {data, 1, 2}};
init(_) -> {ok, locked, #{tries => 0, since => erlang:monotonic_time()}, []}.
locked(_, _, Data) -> {keep_state, Data}.
code_change(_OldVsn, StateName, {data, Tries, Since}, _Extra) ->
    {ok, StateName, #{tries => Tries, since => Since}};
code_change(_OldVsn, StateName, Data, _Extra) -> {ok, StateName, Data}.
