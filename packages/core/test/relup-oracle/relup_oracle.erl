%% What OTP answers, for the tests of relup/ and appup/: reads a list of questions in the external term format and
%% writes the list of answers.
-module(relup_oracle).
-export([main/1]).

%% The record of systools.hrl, which not every installation has.
-record(application, {name, type = permanent, vsn = "", id = "", description = "", modules = [], uses = [],
                      optional = [], includes = [], regs = [], env = [], maxT = infinity, maxP = infinity, mod = [],
                      start_phases, dir = ""}).

main([QuestionFile, AnswerFile]) ->
    {ok, Questions} = file:read_file(QuestionFile),
    Answers = [answer(Question) || Question <- binary_to_term(Questions)],
    ok = file:write_file(AnswerFile, term_to_binary(Answers)),
    halt(0).

%% {ok, Instructions} | {error, Kind}
answer({translate, Mode, Scripts, Entered, Left}) ->
    case catch systools_rc:translate_scripts(Mode, Scripts, applications(Entered), applications(Left)) of
        {ok, Instructions} -> {ok, Instructions};
        {error, systools_rc, Reason} -> {error, kind(Reason)};
        {'EXIT', {Reason, _}} -> {error, kind(Reason)}
    end;
%% {ok, Relup, [WarningKind]} | {error, Kind}; the files are {Path, Term}.
answer({make_relup, Directory, Files, Top, Bases, Options}) ->
    [write(filename:join(Directory, Path), Term) || {Path, Term} <- Files],
    Path = [filename:join(Directory, filename:dirname(File)) || {File, _} <- Files, filename:extension(File) =:= ".app"],
    In = fun(Name) -> filename:join(Directory, Name) end,
    Previous = [case Base of {Name, Description} -> {In(Name), Description}; Name -> In(Name) end || Base <- Bases],
    Flags = [{path, Path}, silent, noexec | Options],
    case catch systools:make_relup(In(Top), Previous, Previous, Flags) of
        {ok, Relup, systools_relup, Warnings} -> {ok, Relup, lists:usort([kind(Warning) || Warning <- Warnings])};
        {error, _Module, [Reason | _]} -> {error, kind(Reason)};
        {error, _Module, Reason} -> {error, kind(Reason)};
        {'EXIT', {Reason, _}} -> {error, kind(Reason)}
    end;
%% true | false | error
answer({match, Version, Pattern}) ->
    case catch systools_relup:appup_search_for_version(Version, [{Pattern, []}]) of
        {ok, []} -> true;
        error -> false;
        {'EXIT', {badarg, _}} -> error
    end.

applications(Applications) ->
    [#application{name = Name, vsn = Vsn, type = Type, modules = Modules} || {Name, Vsn, Type, Modules} <- Applications].

%% Improper lists are not named by systools: it crashes on them.
kind(Crash) when Crash =:= badarg; Crash =:= function_clause -> crash;
kind({Crash, _Stack}) when Crash =:= badarg; Crash =:= function_clause -> crash;
kind({apps, [Reason | _]}) -> kind(Reason);
kind(Reason) when is_tuple(Reason) -> element(1, Reason);
kind(Reason) -> Reason.

write(File, Term) ->
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, unicode:characters_to_binary(io_lib:format("~tp.~n", [Term]))).
