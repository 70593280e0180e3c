%% The node's side of the live tests: evaluates what the test asks over file descriptor 3, runs the clients, and keeps
%% what goes wrong. Answers are JSON texts, {packet, 4}. When the test goes away, the node does, too.
-module(live_node).
-export([start/1, log/2]).
-export([clients/0, calls/0, stop_clients/0, install/1, slow_down/1, children/1, loaded/2, running_old_code/1, reports/0, holds/1]).

%% @doc Of -eval: the folder holds live_load, which has the functions that clients call.
start(Folder) ->
    {module, live_load} = code:load_abs(filename:join(Folder, "live_load")),
    spawn(fun serve/0).

serve() ->
    register(live_node, self()),
    ets:new(live_reports, [named_table, public, ordered_set]),
    put(clients, []),
    ok = logger:add_handler(live_node, ?MODULE, #{level => error}),
    Port = open_port({fd, 3, 3}, [{packet, 4}, binary]),
    erlang:monitor(port, Port),
    answer(Port, {ok, hello}),
    loop(Port).

loop(Port) ->
    receive
        {Port, {data, Expression}} ->
            answer(Port, evaluate(Expression)),
            loop(Port);
        {'DOWN', _, port, Port, _} ->
            erlang:halt(0, [{flush, false}]);
        _ ->
            %% What erl_eval and the processes of scenarios send here is nobody's business.
            loop(Port)
    end.

answer(Port, {Kind, Value}) ->
    port_command(Port, unicode:characters_to_binary(json(#{Kind => Value}))).

evaluate(Expression) ->
    try
        {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(Expression)),
        {ok, Parsed} = erl_parse:parse_exprs(Tokens),
        {value, Value, _} = erl_eval:exprs(Parsed, []),
        {ok, Value}
    catch
        Class:Reason:Stack -> {error, text(Class, Reason, Stack)}
    end.

%% @doc What of these expressions fails, and why.
holds(Expressions) ->
    lists:append([
        case evaluate(Expression ++ ".") of
            {ok, _} -> [];
            {error, Reason} -> [str("~ts: ~ts", [Expression, Reason])]
        end
     || Expression <- Expressions
    ]).

%% @doc Starts a client for each function of live_load. Each calls all the while, and every failure is kept.
clients() ->
    Loads = live_load:loads(),
    Counts = counters:new(length(Loads), [write_concurrency]),
    Stop = atomics:new(1, []),
    Clients = [
        {Scenario, spawn_monitor(fun() -> client(Load, Scenario, Counts, Index, Stop) end)}
     || {Index, {Scenario, Load}} <- lists:zip(lists:seq(1, length(Loads)), Loads)
    ],
    put(clients, {Counts, Stop, Clients}),
    length(Clients).

%% Calls come in bursts, so that the node has time for something else.
client(Load, Scenario, Counts, Index, Stop) ->
    burst(Load, Scenario, Counts, Index, 60),
    receive after 1 -> ok end,
    case atomics:get(Stop, 1) of
        0 -> client(Load, Scenario, Counts, Index, Stop);
        1 -> ok
    end.

burst(_, _, _, _, 0) ->
    ok;
burst(Load, Scenario, Counts, Index, Calls) ->
    try
        live_load:Load()
    catch
        Class:Reason:Stack -> report(Scenario, str("call failed: ~ts", [text(Class, Reason, Stack)]))
    end,
    counters:add(Counts, Index, 1),
    burst(Load, Scenario, Counts, Index, Calls - 1).

%% @doc How many calls each client has made.
calls() ->
    {Counts, _, Clients} = get(clients),
    [counters:get(Counts, Index) || Index <- lists:seq(1, length(Clients))].

%% @doc Lets the clients end; those that are stuck or were killed are reported.
stop_clients() ->
    {_, Stop, Clients} = get(clients),
    atomics:put(Stop, 1, 1),
    lists:foreach(
        fun({Scenario, {Pid, Monitor}}) ->
            receive
                {'DOWN', Monitor, process, Pid, normal} -> ok;
                {'DOWN', Monitor, process, Pid, Reason} -> report(Scenario, str("a client died: ~0tP", [Reason, 20]))
            after 6000 ->
                {current_stacktrace, Stack} = process_info(Pid, current_stacktrace),
                report(Scenario, str("a client is stuck: ~0tP", [Stack, 20])),
                exit(Pid, kill)
            end
        end,
        Clients
    ),
    ok.

%% @doc Installs a release, and says which calls were made meanwhile and how long it took.
install(Version) ->
    Before = calls(),
    Start = erlang:monotonic_time(millisecond),
    Result = (catch release_handler:install_release(Version)),
    Milliseconds = erlang:monotonic_time(millisecond) - Start,
    Meanwhile = lists:zipwith(fun(B, A) -> A - B end, Before, calls()),
    #{
        result => str("~0tP", [Result, 40]),
        %% Where it failed, the node may restart before it is asked again.
        reports => case Result of {ok, _, _} -> []; _ -> reports() end,
        milliseconds => Milliseconds,
        calls => Meanwhile
    }.

%% @doc Writes a relup again with a pause after each instruction past the point of no return, longer than clients rest:
%% calls of all of them meet every state that the node goes through.
slow_down(Relup) ->
    {ok, [{Version, Up, Down}]} = file:consult(Relup),
    [SlowUp, SlowDown] = [
        [{Other, Description, with_pauses(Script)} || {Other, Description, Script} <- Section]
     || Section <- [Up, Down]
    ],
    ok = file:write_file(
        Relup,
        unicode:characters_to_binary(io_lib:format("%% coding: utf-8~n~tp.~n", [{Version, SlowUp, SlowDown}]))
    ).

%% A short script gets longer pauses: there shall be a thousand calls and more while it runs.
with_pauses(Script) ->
    {Before, After} = lists:splitwith(fun(Instruction) -> Instruction =/= point_of_no_return end, Script),
    Pause = max(3, 160 div max(1, length(After))),
    Before ++ lists:append([[Instruction, {apply, {timer, sleep, [Pause]}}] || Instruction <- After]).

%% @doc The supervised processes of applications: [[Application, Id, Pid]]; the pid is empty for one that does not run.
children(Applications) ->
    lists:append([children_of(Application) || Application <- Applications]).

children_of(Application) ->
    case application_controller:get_master(Application) of
        undefined ->
            [];
        Master ->
            case application_master:get_child(Master) of
                {Top, _} -> [[Application, <<"top">>, pid_text(Top)] | walk(Application, Top, "")];
                _ -> []
            end
    end.

walk(Application, Supervisor, Path) ->
    case catch supervisor:which_children(Supervisor) of
        Children when is_list(Children) ->
            Numbered = lists:zip(lists:seq(1, length(Children)), lists:reverse(Children)),
            lists:append([
                begin
                    Name = case Id of undefined -> N; _ -> Id end,
                    Below = iolist_to_binary([Path, io_lib:format("~0tp", [Name])]),
                    Deeper = case Type of
                        supervisor when is_pid(Pid) -> walk(Application, Pid, [Below, "/"]);
                        _ -> []
                    end,
                    [[Application, Below, pid_text(Pid)] | Deeper]
                end
             || {N, {Id, Pid, Type, _}} <- Numbered
            ]);
        _ ->
            []
    end.

pid_text(Pid) when is_pid(Pid) -> list_to_binary(pid_to_list(Pid));
pid_text(_) -> <<>>.

%% @doc Whether what is loaded is what lies in the release: [[Application, Finding]].
loaded(Root, Applications) ->
    lists:append([loaded_of(Root, Application, Version) || {Application, Version} <- Applications]).

loaded_of(Root, Application, Version) ->
    Own = beams(Root, Application, case Version of none -> "none"; _ -> Version end),
    Others = [{M, F} || {M, F} <- beams(Root, Application, "*"), not lists:keymember(M, 1, Own)],
    [[Application, Finding] || Finding <-
        lists:append([of_module(Module, File) || {Module, File} <- Own]) ++
        lists:usort([str("~ts is still loaded", [M]) || {M, _} <- Others, belongs(Root, Application, M)]) ++
        of_application(Root, Application, Version)].

beams(Root, Application, Version) ->
    Pattern = lists:concat([Application, "-", Version, "/ebin/*.beam"]),
    [
        {list_to_atom(filename:basename(File, ".beam")), filename:join([Root, "lib", File])}
     || File <- filelib:wildcard(Pattern, filename:join(Root, "lib"))
    ].

of_module(Module, File) ->
    case code:is_loaded(Module) of
        false ->
            [str("~ts is not loaded", [Module])];
        _ ->
            {ok, {Module, Md5}} = beam_lib:md5(File),
            case Module:module_info(md5) of
                Md5 -> [];
                _ -> [str("~ts runs other code than the release has", [Module])]
            end
    end.

%% A module may have moved to another application of the release.
belongs(Root, Application, Module) ->
    case code:is_loaded(Module) of
        {file, File} -> lists:prefix(filename:join([Root, "lib", lists:concat([Application, "-"])]), filename:absname(File));
        false -> false
    end.

of_application(_, Application, none) ->
    [<<"is still running">> || lists:keymember(Application, 1, application:which_applications())];
of_application(Root, Application, Version) ->
    Folder = filename:join([Root, "lib", lists:concat([Application, "-", Version])]),
    [str("code:lib_dir is ~ts", [Dir]) || Dir <- [code:lib_dir(Application)], Dir =/= Folder] ++
    [str("does not run in version ~ts", [Version])
     || not lists:any(fun({A, _, V}) -> A =:= Application andalso V =:= Version end, application:which_applications())].

%% @doc Processes that still run old code of modules: [[Module, Pid and where it is]].
running_old_code(Modules) ->
    [
        [Module, str("~p is in old code of ~ts: ~0tP", [Pid, Module, process_info(Pid, current_stacktrace), 20])]
     || Module <- Modules, erlang:check_old_code(Module), Pid <- processes(), erlang:check_process_code(Pid, Module) =:= true
    ].

%% @doc What went wrong since it was asked last: [[Scenario, or crash for a report of the logger, Text, how often]].
reports() ->
    Reports = ets:tab2list(live_reports),
    ets:delete_all_objects(live_reports),
    [[Subject, Text, Count] || {{Subject, Text}, Count} <- Reports].

report(Subject, Text) ->
    ets:update_counter(live_reports, {Subject, Text}, 1, {key, 0}).

%% logger's callback, in the process that logs.
log(Event, _) ->
    Config = #{single_line => true, template => [msg], chars_limit => 1500, depth => 25},
    report(crash, unicode:characters_to_binary(logger_formatter:format(Event, Config))).

text(Class, Reason, Stack) ->
    Where = case Stack of [{M, F, A, _} | _] when is_list(A) -> {M, F, length(A)}; [{M, F, A, _} | _] -> {M, F, A}; [] -> none end,
    str("~w ~0tP in ~0tp", [Class, Reason, 20, Where]).

str(Format, Values) ->
    unicode:characters_to_binary(io_lib:format(Format, Values)).

json(true) -> "true";
json(false) -> "false";
json(Number) when is_integer(Number) -> integer_to_list(Number);
json(Atom) when is_atom(Atom) -> quoted(atom_to_binary(Atom));
json(Binary) when is_binary(Binary) -> quoted(Binary);
json(Map) when is_map(Map) ->
    ["{", lists:join(",", [[json(Key), ":", json(Value)] || {Key, Value} <- maps:to_list(Map)]), "}"];
json(List) when is_list(List) ->
    ["[", lists:join(",", [json(Element) || Element <- List]), "]"];
json(Other) ->
    quoted(str("~0tP", [Other, 40])).

quoted(Text) ->
    ["\"", [escaped(Character) || Character <- unicode:characters_to_list(Text)], "\""].

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(Character) when Character < 32 -> io_lib:format("\\u~4.16.0b", [Character]);
escaped(Character) -> Character.
