%% Keeps one value and the values it replaced.
-module(dummy_server).

-behaviour(gen_server).

-export([start_link/0, get_state/0, set_state/1, get_history/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2, code_change/3]).

-record(state, {
    value :: term(),
    history = dummy_history:new() :: dummy_history:history()
}).

start_link() ->
    gen_server:start_link({local, ?MODULE}, ?MODULE, [], []).

-spec get_state() -> term().
get_state() ->
    gen_server:call(?MODULE, get_state).

-spec set_state(term()) -> ok.
set_state(Value) ->
    gen_server:call(?MODULE, {set_state, Value}).

%% The values before the present one, the newest first.
-spec get_history() -> [term()].
get_history() ->
    gen_server:call(?MODULE, get_history).

init([]) ->
    {ok, Initial} = application:get_env(dummy, initial_state),
    {ok, #state{value = Initial}}.

handle_call(get_state, _From, State) ->
    {reply, State#state.value, State};
handle_call({set_state, Value}, _From, #state{value = Replaced, history = History}) ->
    {reply, ok, #state{value = Value, history = dummy_history:add(Replaced, History)}};
handle_call(get_history, _From, State) ->
    {reply, dummy_history:to_list(State#state.history), State}.

handle_cast(_Request, State) ->
    {noreply, State}.

handle_info(_Info, State) ->
    {noreply, State}.

terminate(_Reason, _State) ->
    ok.

%% 0.1 kept the value alone: {state, Value}.
code_change({down, _ToVsn}, #state{value = Value}, _Extra) ->
    {ok, {state, Value}};
code_change(_FromVsn, {state, Value}, _Extra) ->
    {ok, #state{value = Value}}.
