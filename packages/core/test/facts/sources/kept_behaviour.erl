-module(kept_behaviour).
-behaviour(application).
-export([start/2, stop/1]).
-callback open(Name :: atom()) -> {ok, pid()}.
-callback close(pid()) -> ok.
-callback describe(pid(), atom()) -> string().
-optional_callbacks([describe/2]).

start(_Type, _Args) ->
    case kept_sup:start_link() of
        {ok, Pid} -> {ok, Pid};
        {error, Reason} -> {error, Reason}
    end.
stop(_) -> ok.
