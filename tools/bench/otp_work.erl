%% What OTP itself offers for the work that is measured, each in one VM.
-module(otp_work).
-export([compare/1, package/1]).

%% beam_lib:cmp_dirs/2 over the folders of all applications of two releases.
compare([Previous, Next]) ->
    InNext = ebins(Next),
    Different = [beam_lib:cmp_dirs(Ebin, maps:get(Name, InNext)) || {Name, Ebin} <- maps:to_list(ebins(Previous))],
    io:format("~p~n", [lists:sum([length(Files) || {_, _, Files} <- Different])]),
    halt(0, [{flush, true}]).

%% systools:make_relup/4 and systools:make_tar/2, without erts.
package([Previous, Next, Output]) ->
    [New] = filelib:wildcard(filename:join([Next, "releases", "*", "large.rel"])),
    [Old] = filelib:wildcard(filename:join([Previous, "releases", "*", "large.rel"])),
    [NewName, OldName] = [filename:rootname(File) || File <- [New, Old]],
    ok = filelib:ensure_dir(filename:join(Output, "x")),
    Of = fun(Release) -> filename:join([Release, "lib", "*", "ebin"]) end,
    {ok, _, _, _} = systools:make_relup(NewName, [OldName], [OldName],
                                        [silent, {path, [Of(Next), Of(Previous)]}, {outdir, Output}]),
    %% make_tar takes the relup from beside the .rel.
    {ok, _} = file:copy(filename:join(Output, "relup"), filename:join(filename:dirname(New), "relup")),
    {ok, _, _} = systools:make_tar(NewName, [silent, {path, [Of(Next)]}, {outdir, Output}]),
    halt(0, [{flush, true}]).

ebins(Release) ->
    maps:from_list([{hd(string:split(filename:basename(filename:dirname(Ebin)), "-")), Ebin}
                    || Ebin <- filelib:wildcard(filename:join([Release, "lib", "*", "ebin"]))]).
