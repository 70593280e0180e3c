%% Makes two releases of all applications of the installed OTP: the first as OTP was built, the second as if it had
%% been built again in another folder, with every tenth module changed. Where the installed OTP has few modules, copies
%% of its applications under other names are added.
%%   erl -noinput -run large_release main FOLDER MODULES
%% makes FOLDER/previous and FOLDER/next with MODULES modules or more, and prints how many there are and how many changed.
-module(large_release).
-export([main/1]).

-record(app, {name, original, version, next_version, properties, modules, changed = []}).

%% Their upgrade needs a restart of the VM, so they keep their version and their code.
-define(NOT_HOT, [kernel, stdlib, sasl]).

main([Folder, AtLeast]) ->
    Files = lists:sort(filelib:wildcard(filename:join([code:lib_dir(), "*", "ebin", "*.app"]))),
    Installed = [App || App <- lists:map(fun read_app/1, Files), App#app.modules =/= []],
    LargestFirst = lists:reverse(lists:keysort(1, [{length(App#app.modules), App} || App <- Installed])),
    Copies = copies([App || {_, App} <- LargestFirst], list_to_integer(AtLeast) - count(Installed)),
    Apps = every_tenth_changed(Installed ++ Copies),
    Previous = filename:join(Folder, "previous"),
    Next = filename:join(Folder, "next"),
    each_in_parallel(fun(App) -> write_app(App, Previous, Next) end, Apps),
    write_release(Previous, "1", [{App#app.name, App#app.version} || App <- Apps]),
    write_release(Next, "2", [{App#app.name, App#app.next_version} || App <- Apps]),
    io:format("~p ~p ~p~n", [length(Apps), count(Apps), lists:sum([length(App#app.changed) || App <- Apps])]),
    halt(0, [{flush, true}]).

read_app(File) ->
    {ok, [{application, Name, Properties}]} = file:consult(File),
    Version = proplists:get_value(vsn, Properties),
    #app{name = Name, original = Name, version = Version, next_version = Version, properties = Properties,
         modules = lists:sort(proplists:get_value(modules, Properties))}.

count(Apps) ->
    lists:sum([length(App#app.modules) || App <- Apps]).

copies([App | Apps], Missing) when Missing > 0 ->
    [copy(App) | copies(Apps, Missing - length(App#app.modules))];
copies(_Apps, _Missing) ->
    [].

copy(#app{original = Original} = App) ->
    Name = list_to_atom(atom_to_list(Original) ++ "_copy"),
    Modules = [copy_name(Module) || Module <- App#app.modules],
    App#app{name = Name, modules = Modules,
            properties = [{description, ""}, {vsn, App#app.version}, {modules, Modules}, {registered, []},
                          {applications, [kernel, stdlib]}]}.

copy_name(Module) ->
    list_to_atom(atom_to_list(Module) ++ "_copy").

every_tenth_changed(Apps) ->
    Hot = [{App#app.name, Module} || App <- Apps, not lists:member(App#app.name, ?NOT_HOT), Module <- App#app.modules],
    Changed = every_tenth(Hot),
    [case [Module || {Name, Module} <- Changed, Name =:= App#app.name] of
         [] -> App;
         Modules -> App#app{changed = Modules, next_version = App#app.version ++ ".1"}
     end || App <- Apps].

every_tenth([_, _, _, _, _, _, _, _, _, Tenth | Rest]) -> [Tenth | every_tenth(Rest)];
every_tenth(_) -> [].

write_app(#app{name = Name, version = Version, next_version = NextVersion, changed = Changed} = App, Previous, Next) ->
    PreviousEbin = ebin(Previous, App, Version),
    NextEbin = ebin(Next, App, NextVersion),
    lists:foreach(fun({File, Beam, Module}) ->
        ok = file:write_file(filename:join(PreviousEbin, File), Beam),
        Rebuilt = case lists:member(Module, Changed) of
            true -> changed(Beam);
            false -> built_elsewhere(Beam)
        end,
        ok = file:write_file(filename:join(NextEbin, File), Rebuilt)
    end, beams(App)),
    case Changed of
        [] -> ok;
        _ ->
            Loads = [{load_module, Module} || Module <- Changed],
            write_term(filename:join(NextEbin, atom_to_list(Name) ++ ".appup"),
                       {NextVersion, [{Version, Loads}], [{Version, Loads}]})
    end.

ebin(Release, #app{name = Name, properties = Properties}, Version) ->
    Ebin = filename:join([Release, "lib", atom_to_list(Name) ++ "-" ++ Version, "ebin"]),
    ok = filelib:ensure_dir(filename:join(Ebin, "x")),
    write_term(filename:join(Ebin, atom_to_list(Name) ++ ".app"),
               {application, Name, lists:keyreplace(vsn, 1, Properties, {vsn, Version})}),
    Ebin.

beams(#app{name = Name, original = Name, modules = Modules}) ->
    [{file_name(Module), read_beam(Name, Module), Module} || Module <- Modules];
beams(#app{original = Original}) ->
    {ok, Modules} = application:get_key(loaded(Original), modules),
    [{file_name(copy_name(Module)), renamed(read_beam(Original, Module), copy_name(Module)), copy_name(Module)}
     || Module <- Modules].

loaded(Name) ->
    _ = application:load(Name),
    Name.

file_name(Module) ->
    atom_to_list(Module) ++ ".beam".

read_beam(Name, Module) ->
    {ok, Beam} = file:read_file(filename:join([code:lib_dir(Name), "ebin", file_name(Module)])),
    Beam.

%% What a build in another folder leaves in a beam: other paths in the compile info and in the debug info.
built_elsewhere(Beam) ->
    {ok, _, Chunks} = beam_lib:all_chunks(Beam),
    {ok, Rebuilt} = beam_lib:build_module([{Id, elsewhere(Id, Data)} || {Id, Data} <- Chunks]),
    Rebuilt.

elsewhere("CInf", Data) ->
    Info = binary_to_term(Data),
    term_to_binary(lists:keystore(source, 1, Info, {source, "/elsewhere/" ++ proplists:get_value(source, Info, "")}));
elsewhere("Dbgi", Data) ->
    {debug_info_v1, Backend, {Forms, Options}} = binary_to_term(Data),
    term_to_binary({debug_info_v1, Backend, {Forms, [{i, "/elsewhere/include"} | Options]}}, [{compressed, 1}]);
elsewhere(_Id, Data) ->
    Data.

renamed(Beam, Name) ->
    compiled([case Form of
                  {attribute, Line, module, _} -> {attribute, Line, module, Name};
                  _ -> Form
              end || Form <- abstract_code(Beam)]).

%% One more function, exported.
changed(Beam) ->
    Name = added_for_the_benchmark,
    compiled(lists:flatmap(fun
        ({attribute, Line, module, _} = Form) -> [Form, {attribute, Line, export, [{Name, 0}]}];
        ({eof, Line} = Form) -> [{function, Line, Name, 0, [{clause, Line, [], [], [{atom, Line, ok}]}]}, Form];
        (Form) -> [Form]
    end, abstract_code(Beam))).

abstract_code(Beam) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(Beam, [abstract_code]),
    Forms.

compiled(Forms) ->
    {ok, _, Beam} = compile:forms(Forms, [debug_info]),
    Beam.

write_release(Folder, Version, Apps) ->
    Versions = filename:join([Folder, "releases", Version]),
    ok = filelib:ensure_dir(filename:join(Versions, "x")),
    Erts = erlang:system_info(version),
    Name = filename:join(Versions, "large"),
    write_term(Name ++ ".rel", {release, {"large", Version}, {erts, Erts}, Apps}),
    {ok, _, _} = systools:make_script(Name, [silent, {path, [filename:join([Folder, "lib", "*", "ebin"])]},
                                             {outdir, Versions}]),
    {ok, _} = file:copy(Name ++ ".boot", filename:join(Versions, "start.boot")),
    ok = file:write_file(filename:join(Versions, "sys.config"), "[].\n"),
    %% With library paths relative to the root: without it there is no way back to this release.
    ok = release_handler:create_RELEASES("", filename:join(Folder, "releases"), Name ++ ".rel", []),
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
