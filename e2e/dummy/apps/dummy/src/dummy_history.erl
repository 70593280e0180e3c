%% The newest values of something, as many as ?LENGTH.
-module(dummy_history).

-export([new/0, add/2, to_list/1]).
-export_type([history/0]).

-define(LENGTH, 10).

-opaque history() :: [term()].

-spec new() -> history().
new() ->
    [].

-spec add(term(), history()) -> history().
add(Value, History) ->
    lists:sublist([Value | History], ?LENGTH).

%% The newest first.
-spec to_list(history()) -> [term()].
to_list(History) ->
    History.
