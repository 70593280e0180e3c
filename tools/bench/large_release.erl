%% Makes two releases of all applications of the installed OTP: the first as OTP was built, the second as if it had
%% been built again in another folder, with every tenth module changed.
-module(large_release).
-export([main/1]).

%% Their upgrade needs a restart of the VM, so they keep their version and their code.
-define(NOT_HOT, [kernel, stdlib, sasl]).

main([Folder]) ->
    Applications = [Resource || Resource <- lists:map(fun read_app/1, app_files()), has_modules(Resource)],
    Modules = lists:sort([{Name, Module} || {application, Name, _} = Resource <- Applications,
                                            not lists:member(Name, ?NOT_HOT),
                                            Module <- modules(Resource)]),
    Changed = every_tenth(Modules),
    Previous = filename:join(Folder, "previous"),
    Next = filename:join(Folder, "next"),
    ok = each_in_parallel(fun(Resource) ->
        Version = version(Resource),
        Names = [Module || {Name, Module} <- Changed, Name =:= element(2, Resource)],
        write_app(Previous, Resource, Version, fun(_Module, Beam) -> Beam end),
        Ebin = write_app(Next, Resource, next_version(Resource, Names), fun(Module, Beam) ->
            case lists:member(Module, Names) of
                true -> changed(Beam);
                false -> built_elsewhere(Beam)
            end
        end),
        write_appup(Ebin, Resource, Names)
    end, Applications),
    write_release(Previous, "1", [{Name, version(R)} || {application, Name, _} = R <- Applications]),
    write_release(Next, "2", [{Name, next_version(R, [M || {N, M} <- Changed, N =:= Name])}
                              || {application, Name, _} = R <- Applications]),
    io:format("~p ~p ~p~n", [length(Applications), lists:sum([length(modules(R)) || R <- Applications]), length(Changed)]),
    halt(0, [{flush, true}]).

app_files() ->
    lists:sort(filelib:wildcard(filename:join([code:lib_dir(), "*", "ebin", "*.app"]))).

read_app(File) ->
    {ok, [Resource]} = file:consult(File),
    Resource.

modules({application, _, Properties}) ->
    proplists:get_value(modules, Properties, []).

version({application, _, Properties}) ->
    proplists:get_value(vsn, Properties).

has_modules(Resource) ->
    modules(Resource) =/= [].

next_version(Resource, []) -> version(Resource);
next_version(Resource, _Changed) -> version(Resource) ++ ".1".

every_tenth([_, _, _, _, _, _, _, _, _, Module | Rest]) -> [Module | every_tenth(Rest)];
every_tenth(_) -> [].

write_app(Release, {application, Name, Properties} = Resource, Version, Rebuild) ->
    Ebin = filename:join([Release, "lib", atom_to_list(Name) ++ "-" ++ Version, "ebin"]),
    ok = filelib:ensure_dir(filename:join(Ebin, "x")),
    write_term(filename:join(Ebin, atom_to_list(Name) ++ ".app"),
               {application, Name, lists:keyreplace(vsn, 1, Properties, {vsn, Version})}),
    lists:foreach(fun(Module) ->
        File = atom_to_list(Module) ++ ".beam",
        {ok, Beam} = file:read_file(filename:join([code:lib_dir(Name), "ebin", File])),
        ok = file:write_file(filename:join(Ebin, File), Rebuild(Module, Beam))
    end, modules(Resource)),
    Ebin.

%% What a build in another folder leaves in a beam: other paths in the compile info and in the debug info.
built_elsewhere(Beam) ->
    {ok, _, Chunks} = beam_lib:all_chunks(Beam),
    {ok, Rebuilt} = beam_lib:build_module([{Id, elsewhere(Id, Data)} || {Id, Data} <- Chunks]),
    Rebuilt.

elsewhere("CInf", Data) ->
    Info = binary_to_term(Data),
    term_to_binary(lists:keyreplace(source, 1, Info, {source, "/elsewhere/" ++ proplists:get_value(source, Info)}));
elsewhere("Dbgi", Data) ->
    {debug_info_v1, Backend, {Forms, Options}} = binary_to_term(Data),
    term_to_binary({debug_info_v1, Backend, {Forms, [{i, "/elsewhere/include"} | Options]}}, [{compressed, 1}]);
elsewhere(_Id, Data) ->
    Data.

%% One more function, exported.
changed(Beam) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    {Head, [Module | Tail]} = lists:splitwith(fun(Form) -> element(3, Form) =/= module end, Forms),
    Export = {attribute, 1, export, [{added_for_the_benchmark, 0}]},
    Function = {function, 1, added_for_the_benchmark, 0, [{clause, 1, [], [], [{atom, 1, ok}]}]},
    {Body, End} = lists:splitwith(fun(Form) -> element(1, Form) =/= eof end, Tail),
    {ok, _, Rebuilt} = compile:forms(Head ++ [Module, Export] ++ Body ++ [Function] ++ End, [debug_info]),
    Rebuilt.

write_appup(_Ebin, _Resource, []) ->
    ok;
write_appup(Ebin, {application, Name, _} = Resource, Changed) ->
    Loads = [{load_module, Module} || Module <- Changed],
    Previous = version(Resource),
    write_term(filename:join(Ebin, atom_to_list(Name) ++ ".appup"),
               {next_version(Resource, Changed), [{Previous, Loads}], [{Previous, Loads}]}).

write_release(Folder, Version, Applications) ->
    Versions = filename:join([Folder, "releases", Version]),
    ok = filelib:ensure_dir(filename:join(Versions, "x")),
    Erts = erlang:system_info(version),
    Name = filename:join(Versions, "large"),
    write_term(Name ++ ".rel", {release, {"large", Version}, {erts, Erts}, Applications}),
    Path = [filename:join([Folder, "lib", "*", "ebin"])],
    {ok, _, _} = systools:make_script(Name, [silent, {path, Path}, {outdir, Versions}]),
    {ok, _} = file:copy(Name ++ ".boot", filename:join(Versions, "start.boot")),
    ok = file:write_file(filename:join(Versions, "sys.config"), "[].\n"),
    ok = file:write_file(filename:join([Folder, "releases", "start_erl.data"]), [Erts, $\s, Version, $\n]).

write_term(File, Term) ->
    ok = file:write_file(File, io_lib:format("~tp.~n", [Term])).

%% As many at a time as there are cores.
each_in_parallel(Action, Items) ->
    Main = self(),
    Workers = [spawn_monitor(fun() -> work(Main, Action) end) || _ <- lists:seq(1, erlang:system_info(schedulers_online))],
    hand_out(Items, Workers).

work(Main, Action) ->
    Main ! {wants_work, self()},
    receive
        {item, Item} -> Action(Item), work(Main, Action);
        done -> ok
    end.

hand_out(_Items, []) ->
    ok;
hand_out(Items, Workers) ->
    receive
        {wants_work, Worker} when Items =:= [] -> Worker ! done, hand_out([], Workers);
        {wants_work, Worker} -> Worker ! {item, hd(Items)}, hand_out(tl(Items), Workers);
        {'DOWN', Monitor, process, Worker, normal} -> hand_out(Items, lists:delete({Worker, Monitor}, Workers));
        {'DOWN', _, process, _, Reason} -> erlang:error(Reason)
    end.
