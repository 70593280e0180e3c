%% Tells the log of every change of a value.
-module(dummy_trace).

-export([changed/2]).

-spec changed(term(), term()) -> ok.
changed(From, To) ->
    logger:debug("dummy: ~tp is now ~tp", [From, To]).
