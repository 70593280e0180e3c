%% The node's side of a rehearsal. It is read with epp and carried out by erl_eval, both of stdlib: a release need not hold a
%% compiler, and the machine's erlc may belong to another OTP than the node. So there are no records here, no fun F/A,
%% no module-qualified call of a function of this file, and nothing that OTP 24 does not have.
%%
%% It talks over file descriptor 3, {packet, 4}, in the external term format:
%%
%%   {Id, Function, [Argument]}       a request; each is carried out in a process of its own
%%   {reply, Id, {ok, Value}}         its answer, or {error, Text}
%%   {event, Name, Map}               what happens meanwhile: log, instruction, suspend, ..., at once
%%
%% Values are maps, lists, binaries (UTF-8), integers and atoms. Terms of the node are told as texts, of limited length.
%% Times are microseconds of the node's monotonic clock.
-module(nx_otp_rehearsal).
-export([start/0]).

start() ->
    spawn(fun() -> serve() end).

%% ---------------------------------------------------------------------------------------------------------------------
%% The server owns the port, so that what is written to it is whole, and hears of everything.

serve() ->
    process_flag(priority, high),
    process_flag(message_queue_data, off_heap),
    loopback_up(),
    Table = ets:new(nx_otp_rehearsal, [public, named_table, {write_concurrency, true}]),
    Logged = atomics:new(1, []),
    ets:insert(Table, [{server, self()}, {logged, Logged}, {epoch, atomics:new(1, [])}]),
    Server = self(),
    ok = logger:add_primary_filter(nx_otp_rehearsal, {fun(Event, _) -> seen(Event, Server, Logged) end, none}),
    Port = open_port({fd, 3, 3}, [{packet, 4}, binary]),
    erlang:monitor(port, Port),
    send(Port, {event, hello, #{
        otp => text(erlang:system_info(otp_release)),
        erts => text(erlang:system_info(version)),
        pid => list_to_integer(os:getpid()),
        node => text(node())
    }}),
    loop(Port, #{}, #{}).

loop(Port, Workers, Watched) ->
    receive
        {Port, {data, Bytes}} ->
            {Id, Function, Arguments} = binary_to_term(Bytes),
            {_, Worker} = spawn_monitor(fun() -> exit({answer, answer(Function, Arguments)}) end),
            loop(Port, Workers#{Worker => Id}, Watched);
        {'DOWN', Worker, process, Pid, Reason} when is_map_key(Worker, Workers) ->
            Answer = case Reason of
                {answer, Value} -> Value;
                Other -> {error, str("the process that carried it out died: ~0tP", [Other, 20])}
            end,
            send(Port, {reply, maps:get(Worker, Workers), Answer}),
            loop(Port, maps:remove(Worker, Workers), maps:remove(Pid, Watched));
        {'DOWN', Monitor, process, Pid, Reason} when is_map_key(Monitor, Watched) ->
            send(Port, {event, down, #{at => now_us(), pid => pid_text(Pid), reason => term(Reason), kind => kind_of_exit(Reason)}}),
            loop(Port, Workers, maps:remove(Monitor, Watched));
        {'DOWN', _, port, Port, _} ->
            %% Whoever rehearses is gone. Nobody else would end the node.
            erlang:halt(1, [{flush, false}]);
        {event, Name, Event} ->
            send(Port, {event, Name, Event}),
            loop(Port, Workers, Watched);
        {logged, Event} ->
            send(Port, {event, log, log_event(Event)}),
            loop(Port, Workers, Watched);
        {watch, Pids, From} ->
            New = maps:from_list([{erlang:monitor(process, Pid), Pid} || Pid <- Pids]),
            From ! watched,
            loop(Port, Workers, maps:merge(Watched, New));
        {unwatch, From} ->
            lists:foreach(fun(Monitor) -> erlang:demonitor(Monitor, [flush]) end, maps:keys(Watched)),
            From ! unwatched,
            loop(Port, Workers, #{});
        {sync, From} ->
            From ! synced,
            loop(Port, Workers, Watched);
        tick ->
            case ets:member(nx_otp_rehearsal, load) of
                true ->
                    send(Port, {event, load, load_counts()}),
                    erlang:send_after(200, self(), tick);
                false ->
                    ok
            end,
            loop(Port, Workers, Watched);
        _ ->
            loop(Port, Workers, Watched)
    end.

send(Port, Term) ->
    catch port_command(Port, term_to_binary(Term)).

tell(Name, Event) ->
    ets:lookup_element(nx_otp_rehearsal, server, 2) ! {event, Name, Event}.

answer(Function, Arguments) ->
    try
        {ok, request(Function, Arguments)}
    catch
        Class:Reason:Stack -> {error, str("~w ~0tP in ~0tP", [Class, Reason, 30, Stack, 12])}
    end.

request(snapshot, [Modules]) -> snapshot(Modules);
request(shape, [Applications]) -> shape(Applications);
request(unpack, [Name]) -> timed(fun() -> release_handler:unpack_release(unicode:characters_to_list(Name)) end);
request(check, [Vsn, Calls]) -> check(unicode:characters_to_list(Vsn), Calls);
request(install, [Vsn, Options, Calls]) -> install(unicode:characters_to_list(Vsn), maps:to_list(Options), Calls);
request(permanent, [Vsn]) -> timed(fun() -> release_handler:make_permanent(unicode:characters_to_list(Vsn)) end);
request(remove, [Vsn]) -> timed(fun() -> release_handler:remove_release(unicode:characters_to_list(Vsn)) end);
request(settled, []) -> length(application:which_applications(infinity));
request(releases, []) -> releases();
request(code, [Sources]) -> [load_code(Source) || Source <- Sources];
request(probe, [Probe, Timeout]) -> probe(Probe, Timeout);
request(start_load, [Probes, Clients]) -> start_load(Probes, Clients);
request(stop_load, []) -> stop_load();
request(load, []) -> load_counts();
request(watch, []) -> watch();
request(unwatch, []) -> unwatch();
request(sync, []) -> sync();
request(where, []) -> where();
request(where, [Pid]) -> stack(list_to_pid(unicode:characters_to_list(Pid)));
request(state, [Pid]) -> state_of(list_to_pid(unicode:characters_to_list(Pid)));
request(stop, []) -> init:stop().

%% Nothing listens on it, where the namespace is new and there was no tool to bring it up.
loopback_up() ->
    try
        {ok, Socket} = socket:open(inet, dgram, udp),
        case socket:ioctl(Socket, gifflags, "lo") of
            {ok, #{up := true}} -> ok;
            {ok, _} -> socket:ioctl(Socket, sifflags, "lo", #{up => true});
            _ -> ok
        end,
        socket:close(Socket)
    catch
        _:_ -> ok
    end.

%% Everything that was logged before is on its way.
sync() ->
    ets:lookup_element(nx_otp_rehearsal, server, 2) ! {sync, self()},
    receive synced -> ok end.

timed(Fun) ->
    Start = now_us(),
    Result = try Fun() catch Class:Reason -> {error, {Class, Reason}} end,
    outcome(Result, Start).

outcome(Result, Start) ->
    #{
        ok => Result =:= ok orelse (is_tuple(Result) andalso element(1, Result) =:= ok),
        result => term(Result),
        started => Start,
        ended => now_us()
    }.

%% ---------------------------------------------------------------------------------------------------------------------
%% The log: a filter of the primary configuration sees each event before any handler of the project may drop it.

seen(#{level := Level} = Event, Server, Logged) ->
    case logger:compare_levels(Level, error) of
        lt -> ok;
        _ ->
            %% What floods the log would flood the rehearsal, too.
            case atomics:add_get(Logged, 1, 1) of
                Number when Number =< 500 -> Server ! {logged, Event};
                501 -> Server ! {event, flood, #{at => now_us()}};
                _ -> ok
            end
    end,
    ignore;
seen(_, _, _) ->
    ignore.

log_event(#{level := Level, meta := Meta} = Event) ->
    Format = #{single_line => true, template => [msg], chars_limit => 2000, depth => 30},
    Text = try unicode:characters_to_binary(logger_formatter:format(Event, Format)) catch _:_ -> term(Event) end,
    Pid = maps:get(pid, Meta, undefined),
    #{
        at => now_us(),
        level => Level,
        kind => kind_of_event(Event),
        text => Text,
        pid => case is_pid(Pid) of true -> pid_text(Pid); false -> <<>> end
    }.

kind_of_event(#{msg := {report, #{label := {proc_lib, crash}}}}) -> crash;
kind_of_event(#{msg := {report, #{label := {supervisor, _}}}}) -> supervisor;
kind_of_event(#{msg := {report, #{label := {_, terminate}}}}) -> terminate;
kind_of_event(_) -> error.

%% ---------------------------------------------------------------------------------------------------------------------
%% What runs on the node.

snapshot(Modules) ->
    Processes = processes_of_applications(),
    #{
        at => now_us(),
        applications => [
            #{name => App, version => text(Vsn), path => lib_dir(App)}
         || {App, _, Vsn} <- lists:sort(application:which_applications())
        ],
        processes => [process(P) || P <- lists:sublist(Processes, 5000)],
        modules => [module(M) || M <- Modules],
        oldCode => old_code(),
        counts => counts()
    }.

lib_dir(App) ->
    case code:lib_dir(App) of
        {error, _} -> <<>>;
        Dir -> text(filename:absname(Dir))
    end.

counts() ->
    #{
        processes => erlang:system_info(process_count),
        ports => erlang:system_info(port_count),
        memory => erlang:memory(total),
        messages => lists:sum([N || P <- processes(), {message_queue_len, N} <- [process_info(P, message_queue_len)]])
    }.

module(Module) ->
    case erlang:module_loaded(Module) of
        true ->
            File = case code:is_loaded(Module) of {file, F} when is_list(F) -> text(F); _ -> <<>> end,
            #{name => Module, md5 => hex(erlang:get_module_info(Module, md5)), file => File, old => erlang:check_old_code(Module)};
        false ->
            #{name => Module, old => erlang:check_old_code(Module)}
    end.

%% Who still runs old code, and so would be killed by a purge.
old_code() ->
    Modules = [M || {M, _} <- code:all_loaded(), erlang:check_old_code(M)],
    All = processes() -- [self()],
    [
        #{module => M, pid => pid_text(P), where => stack(P)}
     || M <- Modules, P <- All, is_process_alive(P), erlang:check_process_code(P, M) =:= true
    ].

%% {Application, Path, Pid, Type, Modules}: the supervision trees first, as release_handler walks them; then whoever
%% else belongs to an application.
processes_of_applications() ->
    Masters = [
        {App, Master}
     || {App, _, _} <- application:which_applications(), Master <- [application_controller:get_master(App)], is_pid(Master)
    ],
    Supervised = lists:append([tree_of(App, Master) || {App, Master} <- Masters]),
    Known = maps:from_list([{Pid, true} || {_, _, Pid, _, _} <- Supervised]),
    AppOf = maps:from_list([{Master, App} || {App, Master} <- Masters]),
    Others = [
        {maps:get(Leader, AppOf), <<>>, Pid, worker, []}
     || Pid <- processes(),
        not is_map_key(Pid, Known),
        {group_leader, Leader} <- [process_info(Pid, group_leader)],
        is_map_key(Leader, AppOf),
        Pid =/= Leader,
        not is_starter(Pid)
    ],
    Supervised ++ Others.

is_starter(Pid) ->
    process_info(Pid, initial_call) =:= {initial_call, {application_master, start_it, 4}}.

tree_of(App, Master) ->
    case catch application_master:get_child(Master) of
        {Top, _} when is_pid(Top) -> [{App, <<"top">>, Top, supervisor, callback_of(Top)} | below(App, Top, [])];
        _ -> []
    end.

callback_of(Top) ->
    case catch supervisor:get_callback_module(Top) of
        Module when is_atom(Module) -> [Module];
        _ -> []
    end.

below(App, Supervisor, Path) ->
    case is_suspended(Supervisor) of
        true -> [];
        false ->
            Children = try gen_server:call(Supervisor, which_children, 3000) catch _:_ -> [] end,
            lists:append([
                child(App, Path, Number, Child)
             || {Number, Child} <- numbered(lists:reverse(case is_list(Children) of true -> Children; false -> [] end))
            ])
    end.

numbered(List) -> lists:zip(lists:seq(1, length(List)), List).

child(App, Path, Number, {Id, Pid, Type, Modules}) when is_pid(Pid) ->
    Name = case Id of undefined -> str("~w", [Number]); _ -> str("~0tP", [Id, 8]) end,
    Here = Path ++ [Name],
    Mods = case Modules of dynamic -> []; _ -> Modules end,
    Deeper = case Type of supervisor -> below(App, Pid, Here); _ -> [] end,
    %% A child without an id is one of many: its place says nothing about who it is.
    Kind = case Id of undefined -> dynamic; _ -> Type end,
    [{App, iolist_to_binary(lists:join("/", Here)), Pid, Kind, Mods} | Deeper];
child(_, _, _, _) ->
    [].

process({App, Path, Pid, Type, Modules}) ->
    Items = [registered_name, current_function, message_queue_len, memory],
    Info = case process_info(Pid, Items) of undefined -> []; List -> List end,
    #{
        application => App,
        path => Path,
        pid => pid_text(Pid),
        type => Type,
        modules => Modules,
        alive => Info =/= [],
        name => case lists:keyfind(registered_name, 1, Info) of {_, Name} when is_atom(Name) -> text(Name); _ -> <<>> end,
        initialCall => initial_call(Pid),
        suspended => is_suspended(Pid),
        messages => value(message_queue_len, Info),
        memory => value(memory, Info)
    }.

value(Key, Info) ->
    case lists:keyfind(Key, 1, Info) of {_, Value} -> Value; false -> 0 end.

%% A fun says nothing of where it came from.
initial_call(Pid) ->
    case process_info(Pid, initial_call) of
        {initial_call, {erlang, apply, 2}} -> <<>>;
        {initial_call, {proc_lib, _, _}} -> call_text(proc_lib:translate_initial_call(Pid));
        {initial_call, Call} -> call_text(Call);
        undefined -> <<>>
    end.

call_text({M, F, A}) -> str("~ts:~ts/~w", [M, F, A]).

%% Without asking it: a process that is suspended waits in a loop of sys.
is_suspended(Pid) ->
    case process_info(Pid, current_stacktrace) of
        {current_stacktrace, Stack} ->
            lists:any(fun({sys, F, _, _}) -> F =:= suspend_loop orelse F =:= suspend_loop_hib; (_) -> false end, lists:sublist(Stack, 4));
        _ -> false
    end.

releases() ->
    [#{name => text(Name), version => text(Vsn), status => Status} || {Name, Vsn, _, Status} <- release_handler:which_releases()].

%% Who ends meanwhile, and why.
watch() ->
    Pids = [Pid || {_, _, Pid, _, _} <- processes_of_applications()],
    ets:lookup_element(nx_otp_rehearsal, server, 2) ! {watch, Pids, self()},
    receive watched -> length(Pids) end.

unwatch() ->
    ets:lookup_element(nx_otp_rehearsal, server, 2) ! {unwatch, self()},
    receive unwatched -> ok end.

kind_of_exit(normal) -> normal;
kind_of_exit(shutdown) -> shutdown;
kind_of_exit({shutdown, _}) -> shutdown;
kind_of_exit(killed) -> killed;
kind_of_exit(_) -> crash.

%% What release_handler is doing: for a step that does not end.
where() ->
    case whereis(release_handler) of
        undefined -> <<"there is no release_handler: the application sasl does not run">>;
        Pid -> stack(Pid)
    end.

state_of(Pid) ->
    try term(sys:get_state(Pid, 1000)) catch _:_ -> <<>> end.

%% ---------------------------------------------------------------------------------------------------------------------
%% What a node that was upgraded should have in common with one that has booted: names and shapes, no pids. Only these
%% applications are asked.

shape(Applications) ->
    Processes = [P || {App, _, _, _, _} = P <- processes_of_applications(), lists:member(App, Applications)],
    #{
        children => lists:append([specified(P) || P <- lists:sublist(Processes, 2000), is_otp_supervisor(element(3, P))]),
        states => lists:append([states(P) || P <- lists:sublist(Processes, 1000)]),
        environment => [
            #{application => App, key => str("~0tp", [Key]), value => term(without_identity(Value))}
         || App <- Applications, {Key, Value} <- application:get_all_env(App), Key =/= included_applications
        ],
        tables => named_tables(Processes),
        libraries => libraries()
    }.

%% Others that are asked for children, such as a DynamicSupervisor, need not know what a specification is.
is_otp_supervisor(Pid) ->
    case catch proc_lib:translate_initial_call(Pid) of
        {supervisor, _, _} -> not is_suspended(Pid);
        _ -> false
    end.

specified({App, Path, Pid, _, _}) ->
    Children = try gen_server:call(Pid, which_children, 3000) catch _:_ -> [] end,
    Above = case Path of <<"top">> -> <<>>; _ -> <<Path/binary, "/">> end,
    [
        (specification(Spec))#{
            application => App,
            path => <<Above/binary, (str("~0tP", [Id, 8]))/binary>>,
            running => is_pid(Child)
        }
     || is_list(Children),
        {Id, Child, _, _} <- lists:sublist(Children, 500),
        Id =/= undefined,
        {ok, Spec} <- [try gen_server:call(Pid, {get_childspec, Id}, 3000) catch _:_ -> none end]
    ].

specification(#{start := {M, F, As}, restart := Restart, shutdown := Shutdown, type := Type, modules := Modules}) ->
    #{
        start => case is_list(As) of true -> str("~ts:~ts/~w", [M, F, length(As)]); false -> str("~ts:~ts", [M, F]) end,
        arguments => term(without_identity(As)),
        restart => Restart,
        shutdown => str("~0tp", [Shutdown]),
        type => Type,
        modules => str("~0tp", [Modules])
    }.

%% Those of the behaviours of OTP that wait for a message: whoever else is asked might not understand, and a large state
%% would be copied.
states({App, Path, Pid, _, _}) ->
    Info = case process_info(Pid, [current_stacktrace, memory, registered_name]) of undefined -> []; List -> List end,
    Waits = case lists:keyfind(current_stacktrace, 1, Info) of
        {_, [{gen_server, loop, _, _} | _]} -> gen_server;
        {_, [{gen_event, fetch_msg, _, _} | _]} -> gen_event;
        {_, [{gen_statem, _, _, _} | _]} -> gen_statem;
        _ -> none
    end,
    Name = case lists:keyfind(registered_name, 1, Info) of {_, Atom} when is_atom(Atom) -> text(Atom); _ -> <<>> end,
    Place = case Path of <<>> -> Name; _ -> Path end,
    case Waits =/= none andalso Place =/= <<>> andalso value(memory, Info) < 4000000 of
        false -> [];
        true ->
            State = try {ok, sys:get_state(Pid, 1000)} catch _:_ -> none end,
            [(shape_of(Inner))#{application => App, path => Where, pid => pid_text(Pid)} || {Where, Inner} <- inner(Waits, Place, State)]
    end.

inner(gen_server, Place, {ok, State}) -> [{Place, State}];
inner(gen_statem, Place, {ok, {_, Data}}) -> [{Place, Data}];
inner(gen_event, Place, {ok, Handlers}) when is_list(Handlers) ->
    [{<<Place/binary, (str(", handler ~0tp", [Handler]))/binary>>, State} || {Handler, false, State} <- Handlers];
inner(_, _, _) -> [].

%% The state of a supervisor holds the flags that it goes by (supervisor.erl: name, strategy, children, dynamics,
%% intensity, period).
shape_of(State) when is_tuple(State), tuple_size(State) >= 11, element(1, State) =:= state, is_atom(element(3, State)), is_integer(element(6, State)), is_atom(element(10, State)) orelse is_atom(element(9, State)) ->
    #{kind => supervisor, name => <<>>, text => str("~w, ~w restarts in ~w seconds", [element(3, State), element(6, State), element(7, State)])};
shape_of(State) when is_tuple(State), tuple_size(State) > 1, is_atom(element(1, State)) ->
    #{kind => record, name => text(element(1, State)), text => str("a tuple of ~w elements, the first ~tw", [tuple_size(State), element(1, State)])};
shape_of(#{'__struct__' := Struct} = State) when is_atom(Struct) ->
    #{kind => struct, name => text(Struct), text => str("a struct ~ts with the keys ~0tp", [Struct, lists:sort(maps:keys(State)) -- ['__struct__']])};
shape_of(State) ->
    Kind = if
        is_tuple(State) -> <<"a tuple">>;
        is_map(State) -> <<"a map">>;
        is_list(State) -> <<"a list">>;
        is_number(State) -> <<"a number">>;
        is_atom(State) -> <<"an atom">>;
        true -> <<"something else">>
    end,
    #{kind => other, name => <<>>, text => Kind}.

named_tables(Processes) ->
    Owners = maps:from_list([{Pid, App} || {App, _, Pid, _, _} <- Processes]),
    [
        #{application => maps:get(Owner, Owners), name => str("~0tp", [Table])}
     || Table <- ets:all(), is_atom(Table), Owner <- [ets:info(Table, owner)], is_map_key(Owner, Owners)
    ].

%% Native libraries that are loaded; nothing where the system does not tell.
libraries() ->
    case file:read_file("/proc/self/maps") of
        {ok, Maps} ->
            Paths = [lists:last(Fields) || Line <- binary:split(Maps, <<"\n">>, [global]), Fields <- [binary:split(Line, <<" /">>)], length(Fields) =:= 2],
            [<<"/", Path/binary>> || Path <- lists:usort(Paths), filename:extension(Path) =:= <<".so">>];
        _ -> []
    end.

%% Pids and the like are others on each node.
without_identity(Term) when is_pid(Term) -> '<pid>';
without_identity(Term) when is_reference(Term) -> '<reference>';
without_identity(Term) when is_port(Term) -> '<port>';
without_identity(Term) when is_function(Term) -> '<fun>';
without_identity([Head | Tail]) -> [without_identity(Head) | without_identity(Tail)];
without_identity(Term) when is_tuple(Term) -> list_to_tuple([without_identity(Element) || Element <- tuple_to_list(Term)]);
without_identity(Term) when is_map(Term) -> maps:from_list([{without_identity(K), without_identity(V)} || {K, V} <- maps:to_list(Term)]);
without_identity(Term) -> Term.

%% ---------------------------------------------------------------------------------------------------------------------
%% Installing, with release_handler traced: the instructions of the relup as they are carried out, and what each does to
%% which process.

install(Vsn, Options, Calls) ->
    [{epoch, Epoch}] = ets:lookup(nx_otp_rehearsal, epoch),
    Outcome = traced(Calls, fun() ->
        forget_load(),
        atomics:add(Epoch, 1, 1),
        Installed = timed(fun() -> release_handler:install_release(Vsn, Options) end),
        atomics:add(Epoch, 1, 1),
        Installed
    end),
    Outcome#{load => load_counts()}.

%% It carries out what comes before the point of no return.
check(Vsn, Calls) ->
    traced(Calls, fun() -> timed(fun() -> release_handler:check_install_release(Vsn) end) end).

traced(Calls, Fun) ->
    case whereis(release_handler) of
        undefined ->
            Fun();
        Handler ->
            Server = ets:lookup_element(nx_otp_rehearsal, server, 2),
            Tracer = spawn(fun() ->
                process_flag(priority, high),
                trace_loop(Server, 0)
            end),
            trace(Handler, Tracer, Calls),
            Outcome = Fun(),
            untrace(Handler, Tracer, Calls),
            Outcome
    end.

%% Only release_handler's own calls are traced. The arguments are told by match specifications: the state of
%% release_handler_1:eval/2 holds all beams.
trace(Handler, Tracer, Calls) ->
    {module, _} = code:ensure_loaded(release_handler_1),
    erlang:trace_pattern({release_handler_1, eval, 2}, [{['$1', '_'], [], [{message, '$1'}]}], [local]),
    lists:foreach(
        fun({Function, Arity}) ->
            Arguments = [list_to_atom("$" ++ integer_to_list(N)) || N <- lists:seq(1, Arity)],
            Told = {message, {{lists:sublist(['$1', '$2'], min(Arity, 2)), true}}},
            erlang:trace_pattern({sys, Function, Arity}, [{Arguments, [], [Told, {exception_trace}]}], [local])
        end,
        traced_of_sys()
    ),
    [catch erlang:trace_pattern(MFA, [{'_', [], [{exception_trace}]}], [local]) || MFA <- applied(Calls)],
    erlang:trace(Handler, true, [call, arity, monotonic_timestamp, {tracer, Tracer}]).

untrace(Handler, Tracer, Calls) ->
    catch erlang:trace(Handler, false, [call, arity, monotonic_timestamp]),
    erlang:trace_pattern({release_handler_1, eval, 2}, false, [local]),
    [erlang:trace_pattern({sys, F, A}, false, [local]) || {F, A} <- traced_of_sys()],
    [catch erlang:trace_pattern(MFA, false, [local]) || MFA <- applied(Calls)],
    Reference = erlang:trace_delivered(all),
    receive {trace_delivered, all, Reference} -> ok after 1000 -> ok end,
    Tracer ! {done, self()},
    receive traced -> ok after 1000 -> ok end.

traced_of_sys() ->
    [{suspend, 1}, {suspend, 2}, {resume, 1}, {change_code, 4}, {change_code, 5}].

applied(Calls) ->
    [{M, F, A} || [M, F, A] <- Calls, M =/= sys].

trace_loop(Server, Instructions) ->
    receive
        {trace_ts, _, call, {release_handler_1, eval, 2}, Instruction, At} ->
            Server ! {event, instruction, #{at => us(At), index => Instructions, text => term(Instruction)}},
            %% It may be the last that is heard of the clients, too.
            Server ! {event, load, load_counts()},
            trace_loop(Server, Instructions + 1);
        {trace_ts, _, call, {sys, Function, _}, {[Pid | Rest], true}, At} ->
            Server ! {event, called, #{at => us(At), what => Function, pid => pid_or_text(Pid), module => case Rest of [M] when is_atom(M) -> M; _ -> '' end}},
            put(asked, Pid),
            trace_loop(Server, Instructions);
        {trace_ts, _, return_from, {sys, Function, _}, Value, At} ->
            returned(Server, Function, Value, At),
            trace_loop(Server, Instructions);
        {trace_ts, _, exception_from, {sys, Function, _}, {Class, Reason}, At} ->
            returned(Server, Function, {Class, Reason}, At),
            trace_loop(Server, Instructions);
        {trace_ts, _, return_from, {M, F, A}, Value, At} ->
            Server ! {event, applied, #{at => us(At), call => str("~ts:~ts/~w", [M, F, A]), failed => is_failure(Value), value => term(Value)}},
            trace_loop(Server, Instructions);
        {trace_ts, _, exception_from, {M, F, A}, {Class, Reason}, At} ->
            Server ! {event, applied, #{at => us(At), call => str("~ts:~ts/~w", [M, F, A]), failed => true, value => str("~w: ~0tP", [Class, Reason, 30])}},
            trace_loop(Server, Instructions);
        {done, From} ->
            From ! traced;
        _ ->
            trace_loop(Server, Instructions)
    end.

is_failure(error) -> true;
is_failure({error, _}) -> true;
is_failure(_) -> false.

%% A call of sys that failed is told with what the process is doing, since the node may restart at once.
returned(Server, Function, ok, At) ->
    Server ! {event, returned, #{at => us(At), what => Function, pid => pid_or_text(get(asked)), ok => true}};
returned(Server, Function, Value, At) ->
    Pid = get(asked),
    State = case is_pid(Pid) of true -> state_if_suspended(Pid); false -> <<>> end,
    Told = #{at => us(At), what => Function, pid => pid_or_text(Pid), ok => false, reason => term(Value)},
    Server ! {event, returned, case is_pid(Pid) of
        true -> Told#{where => stack(Pid), messages => queue_of(Pid), state => State};
        false -> Told
    end}.

state_if_suspended(Pid) ->
    case is_suspended(Pid) of
        true -> state_of(Pid);
        false -> <<>>
    end.

queue_of(Pid) ->
    case process_info(Pid, message_queue_len) of {_, Length} -> Length; undefined -> 0 end.

%% ---------------------------------------------------------------------------------------------------------------------
%% Probes: expressions of the project.

%% A module of the project: object code, or Elixir source.
load_code(#{beam := Beam, file := File}) ->
    {ok, {Module, _}} = beam_lib:md5(Beam),
    case code:load_binary(Module, unicode:characters_to_list(File), Beam) of
        {module, Module} -> #{ok => true, module => Module};
        {error, Reason} -> #{ok => false, reason => term(Reason)}
    end;
load_code(#{elixir := Source, file := File}) ->
    try
        'Elixir.Code':compile_string(Source, File),
        #{ok => true, module => ''}
    catch
        Class:Reason -> #{ok => false, reason => str("~w: ~0tP", [Class, Reason, 30])}
    end.

probe(#{} = Probe, Timeout) ->
    {Pid, Monitor} = spawn_monitor(fun() -> exit({probed, once(prepare(Probe))}) end),
    receive
        {'DOWN', Monitor, process, Pid, {probed, {Ok, Text, Us}}} ->
            #{ok => Ok, value => Text, microseconds => Us};
        {'DOWN', Monitor, process, Pid, Reason} ->
            #{ok => false, value => str("its process was ended: ~0tP", [Reason, 20]), microseconds => 0}
    after Timeout ->
        Where = stack(Pid),
        erlang:demonitor(Monitor, [flush]),
        exit(Pid, kill),
        #{ok => false, value => str("no answer within ~w ms; it waits in ~ts", [Timeout, Where]), microseconds => Timeout * 1000}
    end.

%% Calls once, and compares: {Ok, Text of the value or of what is wrong, Microseconds}.
once({error, Reason}) ->
    {false, Reason, 0};
once({Call, Matches}) ->
    Start = now_us(),
    try Call() of
        Value ->
            Us = now_us() - Start,
            try Matches(Value) of
                true -> {true, term(Value), Us};
                _ -> {false, str("found ~ts", [term(Value)]), Us}
            catch
                Class:Reason -> {false, str("the expectation fails with ~w ~0tP for ~ts", [Class, Reason, 20, term(Value)]), Us}
            end
    catch
        Class:Reason:Stack -> {false, str("~w: ~ts~ts", [Class, reason(Reason), place(Stack)]), now_us() - Start}
    end.

reason(#{'__exception__' := true} = Exception) ->
    try 'Elixir.Exception':message(Exception) catch _:_ -> term(Exception) end;
reason(Reason) ->
    str("~0tP", [Reason, 30]).

place([{M, F, A, _} | _]) -> str(" in ~ts:~ts/~w", [M, F, case is_list(A) of true -> length(A); false -> A end]);
place(_) -> <<>>.

%% The expression and the expectation as funs, read once.
prepare(#{language := elixir, call := Call} = Probe) ->
    try
        {Fun, _} = 'Elixir.Code':eval_string(<<"fn -> ", Call/binary, "\nend">>),
        Matches = case Probe of
            #{expect := Pattern} ->
                {M, _} = 'Elixir.Code':eval_string(<<"fn value -> match?(", Pattern/binary, ", value) end">>),
                M;
            _ -> fun(_) -> true end
        end,
        {Fun, Matches}
    catch
        error:undef -> {error, <<"the release has no Elixir: write the probe in Erlang, with \"language\": \"erlang\"">>};
        _:Reason -> {error, str("it cannot be read: ~ts", [reason(Reason)])}
    end;
prepare(#{call := Call} = Probe) ->
    try
        Expressions = parse(Call),
        Matches = case Probe of
            #{expect := Pattern} ->
                Case = parse(<<"case Value of ", Pattern/binary, " -> true; _ -> false end">>),
                fun(Value) ->
                    {value, Matched, _} = erl_eval:exprs(Case, erl_eval:add_binding('Value', Value, erl_eval:new_bindings())),
                    Matched
                end;
            _ -> fun(_) -> true end
        end,
        {fun() -> {value, Value, _} = erl_eval:exprs(Expressions, erl_eval:new_bindings()), Value end, Matches}
    catch
        throw:Text -> {error, Text}
    end.

parse(Source) ->
    Text = string:trim(unicode:characters_to_list(Source), trailing, " .\n\t\r"),
    case erl_scan:string(Text ++ " .") of
        {ok, Tokens, _} ->
            case erl_parse:parse_exprs(Tokens) of
                {ok, Expressions} -> Expressions;
                {error, {_, Module, Reason}} -> throw(str("it cannot be read: ~ts", [Module:format_error(Reason)]))
            end;
        {error, {_, Module, Reason}, _} ->
            throw(str("it cannot be read: ~ts", [Module:format_error(Reason)]))
    end.

%% ---------------------------------------------------------------------------------------------------------------------
%% Load: clients that call all the while. A call is counted by where it began and ended: the epoch is odd while
%% release_handler installs.

start_load(Probes, Clients) ->
    Count = length(Probes),
    Starter = self(),
    Keeper = spawn(fun() ->
        Load = #{
            probes => Probes,
            counters => counters:new(Count * 6, [write_concurrency]),
            longest => atomics:new(Count * 2, []),
            stop => atomics:new(1, []),
            busy => atomics:new(Clients, []),
            keeper => self()
        },
        ets:insert(nx_otp_rehearsal, {load, Load}),
        Starter ! {started, self()},
        keep_clients([{spawn_client(Load, N), N} || N <- lists:seq(1, Clients)], Load)
    end),
    receive {started, Keeper} -> ok end,
    ets:lookup_element(nx_otp_rehearsal, server, 2) ! tick,
    Clients.

spawn_client(#{probes := Probes} = Load, Number) ->
    {_, Monitor} = spawn_monitor(fun() ->
        Prepared = [{Index, prepare(Probe)} || {Index, Probe} <- numbered(Probes)],
        {Later, First} = lists:split((Number - 1) rem length(Prepared), Prepared),
        [{epoch, Epoch}] = ets:lookup(nx_otp_rehearsal, epoch),
        client(First ++ Later, Load, Number, Epoch, 1)
    end),
    Monitor.

%% They rest, so that the node has time for something else; less while release_handler is at work, which is short.
client(Prepared, #{stop := Stop} = Load, Number, Epoch, Round) ->
    case atomics:get(Stop, 1) of
        0 ->
            lists:foreach(fun({Index, Call}) -> client_call(Index, Call, Load, Number, Epoch) end, Prepared),
            case atomics:get(Epoch, 1) rem 2 of
                1 when Round rem 4 =/= 0 -> erlang:yield();
                _ -> receive after 1 -> ok end
            end,
            client(Prepared, Load, Number, Epoch, Round + 1);
        1 ->
            ok
    end.

client_call(Index, Call, #{busy := Busy} = Load, Number, Epoch) ->
    Began = atomics:get(Epoch, 1),
    atomics:put(Busy, Number, Index),
    {Ok, Text, Us} = once(Call),
    atomics:put(Busy, Number, 0),
    count_call(Index, Began, atomics:get(Epoch, 1), Us, Load),
    case Ok of
        true -> ok;
        false -> failed_call(Index, Number, Text, Load)
    end.

%% 1 outside of an installation, 2 within one, 3 into one, 4 out of one, 5 all of one; 6 failures.
count_call(Index, Began, Ended, Us, #{counters := Counters, longest := Longest}) ->
    Kind = if
        Began =:= Ended, Began rem 2 =:= 0 -> 1;
        Began =:= Ended -> 2;
        Began rem 2 =:= 0, Ended rem 2 =:= 1 -> 3;
        Began rem 2 =:= 1 -> 4;
        true -> 5
    end,
    counters:add(Counters, (Index - 1) * 6 + Kind, 1),
    longer(Longest, (Index - 1) * 2 + (case Kind of 1 -> 1; _ -> 2 end), Us).

longer(Longest, At, Us) ->
    Known = atomics:get(Longest, At),
    case Us > Known of
        true ->
            case atomics:compare_exchange(Longest, At, Known, Us) of
                ok -> ok;
                _ -> longer(Longest, At, Us)
            end;
        false -> ok
    end.

failed_call(Index, Number, Text, #{counters := Counters}) ->
    counters:add(Counters, Index * 6, 1),
    case counters:get(Counters, Index * 6) =< 20 of
        true -> tell(failure, #{at => now_us(), probe => Index - 1, client => Number, reason => Text});
        false -> ok
    end.

%% A client that is killed is a call that failed; another takes its place.
keep_clients([], #{keeper := Keeper}) ->
    receive {stopped, From} -> From ! {ended, Keeper} end;
keep_clients(Clients, #{busy := Busy, stop := Stop} = Load) ->
    receive
        {'DOWN', Monitor, process, Pid, Reason} ->
            {_, Number} = lists:keyfind(Monitor, 1, Clients),
            Rest = lists:keydelete(Monitor, 1, Clients),
            Index = atomics:get(Busy, Number),
            case {Reason, Index} of
                {normal, _} -> ok;
                {_, 0} -> ok;
                _ -> failed_call(Index, Number, str("the calling process ~ts was ended in the call: ~0tP", [pid_text(Pid), Reason, 20]), Load)
            end,
            case atomics:get(Stop, 1) of
                0 -> keep_clients([{spawn_client(Load, Number), Number} | Rest], Load);
                1 -> keep_clients(Rest, Load)
            end
    end.

stop_load() ->
    case ets:lookup(nx_otp_rehearsal, load) of
        [{load, #{stop := Stop, keeper := Keeper}}] ->
            atomics:put(Stop, 1, 1),
            Keeper ! {stopped, self()},
            Stuck = receive {ended, Keeper} -> 0 after 6500 -> exit(Keeper, kill), maps:get(busy, load_counts()) end,
            Counts = load_counts(),
            ets:delete(nx_otp_rehearsal, load),
            Counts#{stuck => Stuck};
        [] ->
            #{probes => [], busy => 0, stuck => 0}
    end.

%% What was counted before an installation does not belong to it.
forget_load() ->
    case ets:lookup(nx_otp_rehearsal, load) of
        [{load, #{probes := Probes, counters := Counters, longest := Longest}}] ->
            [counters:put(Counters, (I - 1) * 6 + K, 0) || I <- lists:seq(1, length(Probes)), K <- [2, 3, 4, 5]],
            [atomics:put(Longest, I * 2, 0) || I <- lists:seq(1, length(Probes))],
            ok;
        [] -> ok
    end.

load_counts() ->
    case ets:lookup(nx_otp_rehearsal, load) of
        [{load, #{probes := Probes, counters := Counters, longest := Longest, busy := Busy}}] ->
            #{
                probes => [
                    #{
                        outside => count(Counters, I, 1),
                        within => count(Counters, I, 2),
                        into => count(Counters, I, 3),
                        out => count(Counters, I, 4),
                        across => count(Counters, I, 5),
                        failures => count(Counters, I, 6),
                        longest => atomics:get(Longest, I * 2 - 1),
                        longestWithin => atomics:get(Longest, I * 2)
                    }
                 || I <- lists:seq(1, length(Probes))
                ],
                busy => length([N || N <- lists:seq(1, maps:get(size, atomics:info(Busy))), atomics:get(Busy, N) > 0])
            };
        [] ->
            #{probes => [], busy => 0}
    end.

count(Counters, Index, Kind) -> counters:get(Counters, (Index - 1) * 6 + Kind).

%% ---------------------------------------------------------------------------------------------------------------------
%% Texts.

stack(Pid) ->
    case process_info(Pid, current_stacktrace) of
        {current_stacktrace, Stack} ->
            iolist_to_binary(lists:join(" < ", [str("~ts:~ts/~w", [M, F, A]) || {M, F, A, _} <- lists:sublist(Stack, 6)]));
        undefined ->
            <<"it has ended">>
    end.

term(Term) ->
    limited(str("~0tP", [Term, 60])).

limited(Text) ->
    case string:length(Text) > 3000 of
        true -> <<(string:slice(Text, 0, 3000))/binary, "...">>;
        false -> Text
    end.

text(Atom) when is_atom(Atom) -> atom_to_binary(Atom, utf8);
text(Text) -> unicode:characters_to_binary(Text).

pid_text(Pid) -> list_to_binary(pid_to_list(Pid)).

pid_or_text(Pid) when is_pid(Pid) -> pid_text(Pid);
pid_or_text(Other) -> term(Other).

hex(Md5) -> list_to_binary([io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Md5]).

str(Format, Values) -> unicode:characters_to_binary(io_lib:format(Format, Values)).

now_us() -> erlang:monotonic_time(microsecond).

us(Native) -> erlang:convert_time_unit(Native, native, microsecond).
