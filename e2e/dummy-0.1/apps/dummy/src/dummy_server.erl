%% Keeps one value.
-module(dummy_server).

-behaviour(gen_server).

-export([start_link/0, get_state/0, set_state/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3]).

-record(state, {value :: term()}).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec get_state() -> term().
get_state() ->
    gen_server:call(?MODULE, get_state).

-spec set_state(term()) -> ok.
set_state(Value) ->
    gen_server:call(?MODULE, {set_state, Value}).

init([]) ->
    {ok, Initial} = application:get_env(dummy, initial_state),
    {ok, #state{value = Initial}}.

handle_call(get_state, _From, State) ->
    {reply, State#state.value, State};
handle_call({set_state, Value}, _From, State) ->
    ok = dummy_trace:changed(State#state.value, Value),
    {reply, ok, State#state{value = Value}}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info(_Info, State) ->
    {noreply, State}.

terminate(_Reason, _State) ->
    ok.

code_change(_FromVsn, State, _Extra) ->
    {ok, State}.
