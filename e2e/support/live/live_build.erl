%% Builds the releases of live tests, all in one VM: compiles lib/APP-VSN/src to ebin, makes the boot file, writes RELEASES.
-module(live_build).
-export([main/0]).

main() ->
    [Loads | Roots] = init:get_plain_arguments(),
    Sources = lists:append([filelib:wildcard(filename:join(Root, "lib/*/src/*.erl")) || Root <- Roots]),
    Beams = pmap(fun compile/1, Sources ++ filelib:wildcard(filename:join(Loads, "**/*.erl"))),
    case [Text || {error, Text} <- Beams] of
        [] ->
            lists:foreach(fun make_release/1, Roots),
            halt(0);
        Errors ->
            io:put_chars(Errors),
            halt(1)
    end.

compile(Source) ->
    Folder = filename:dirname(Source),
    Out = case filename:basename(Folder) of
        "src" -> filename:join(filename:dirname(Folder), "ebin");
        _ -> Folder
    end,
    case compile:file(Source, [debug_info, return, {outdir, Out}]) of
        {ok, _, _} -> ok = file:delete(Source);
        {ok, _, _, _} -> ok = file:delete(Source);
        {error, Errors, _} -> {error, io_lib:format("~ts: ~tp~n", [Source, Errors])};
        error -> {error, io_lib:format("~ts: error~n", [Source])}
    end.

%% Two at a time: the machine has other work.
pmap(Function, List) ->
    Parent = self(),
    {Even, Odd} = lists:partition(fun({Index, _}) -> Index rem 2 =:= 0 end, lists:zip(lists:seq(1, length(List)), List)),
    Pids = [spawn_link(fun() -> Parent ! {self(), [Function(X) || {_, X} <- Half]} end) || Half <- [Even, Odd]],
    lists:append([receive {Pid, Results} -> Results end || Pid <- Pids]).

make_release(Root) ->
    [Rel] = filelib:wildcard(filename:join(Root, "releases/*/live.rel")),
    Folder = filename:dirname(Rel),
    Paths = filelib:wildcard(filename:join(Root, "lib/*/ebin")),
    make_script(Rel, Folder, Paths),
    {ok, _} = file:copy(filename:join(Folder, "live.boot"), filename:join(Folder, "start.boot")),
    ok = release_handler:create_RELEASES("", filename:join(Root, "releases"), Rel, []).

make_script(Rel, Folder, Paths) ->
    case systools:make_script(filename:rootname(Rel), [{path, Paths}, {outdir, Folder}, silent]) of
        {ok, _, _} -> ok;
        {error, Module, Reason} -> io:put_chars(Module:format_error(Reason)), halt(1)
    end.
