-module(kept_waiting).
-export([start/0, loop/1, renewed/1, wait/0, wait_for/1, flush/0, ask/1, ask_last/1, ask_soon/1, outer/1, each/1,
         send/1, ping/0, refer/1, adder/1, keep/0, gather/2, gather_all/1, accept/1, accept/2, retry/1]).

start() -> spawn(fun() -> loop(0) end).

loop(State) ->
    receive
        stop -> ok;
        _ -> loop(State + 1)
    end.

renewed(State) ->
    receive
        stop -> ok;
        _ -> ?MODULE:renewed(State)
    after 60000 -> ok
    end.

outer(State) -> receive Message -> inner(Message, State) after 1000 -> outer(State) end.
inner(Message, State) -> outer([Message | State]).

ping() -> receive pong -> ok after 0 -> ping() end.
wait() -> receive done -> ok end.
wait_for(Time) -> receive done -> ok after Time -> late end.
flush() -> receive _ -> flush() after 0 -> ok end.

ask(Server) ->
    Answer = gen_server:call(Server, question, infinity),
    {ok, Answer}.
ask_last(Server) -> gen_server:call(Server, question, infinity).
ask_soon(Server) -> {ok, gen_server:call(Server, question, 5000)}.

accept(Transport, Socket) ->
    {ok, Accepted} = Transport:accept(Socket, infinity),
    ?MODULE:accept(Transport, Accepted).

each(List) -> lists:map(fun(X) -> X + 1 end, List).
send(Server) ->
    Fun = fun(X) -> X end,
    Server ! {run, Fun}.
refer(Server) -> gen_server:cast(Server, fun ?MODULE:each/1).

adder(X) -> fun(Y) -> X + Y end.
keep() -> persistent_term:put(kept_waiting, fun(X) -> X end).

gather(0, Answers) -> Answers;
gather(N, Answers) -> receive {answer, X} -> gather(N - 1, [X | Answers]) end.
gather_all(Pids) ->
    case Pids of
        [] -> ok;
        [Pid | Others] -> receive {Pid, done} -> gather_all(Others) end
    end.

accept(Listen) ->
    case gen_tcp:accept(Listen) of
        {ok, Socket} -> gen_tcp:close(Socket), accept(Listen);
        {error, _} -> accept(Listen)
    end.
retry(Fun) ->
    case Fun() of
        ok -> ok;
        _ -> timer:sleep(100), retry(Fun)
    end.
