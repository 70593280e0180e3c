-module(kept_server).
-behaviour(gen_server).
-export([start_link/1, init/1, handle_call/3, handle_cast/2, code_change/3]).
-record(state, {count = 0 :: integer(), name, 'Odd Field' = [] :: [atom()]}).
-record(none, {}).

start_link(Name) ->
    gen_server:start_link({local, Name}, ?MODULE, [secret_cookie], []).

init([Name]) ->
    State = #state{name = {Name, #none{}}},
    case application:get_env(kept, later) of
        {ok, Time} -> {ok, with_count(State), Time};
        undefined -> {ok, with_count(State)}
    end.

with_count(State) -> State#state{count = 1}.

handle_call({Module, Argument}, _From, State) -> {reply, Module:answer(Argument), State}.
handle_cast(_, State) -> {noreply, State}.

code_change({down, _}, #state{} = State, _Extra) -> {ok, State};
code_change(_OldVsn, State, _Extra) ->
    Same = State,
    {ok, Same}.
