%% Compiles the sources of OTP applications, in parallel, each module after those that the compiler
%% needs for it.
-module(nx_otp_compile).

-export([answer/1]).

-type application() :: #{
    name := atom(),
    %% All paths are relative to the working directory, which is the root of the project.
    folder := file:filename(),
    output := file:filename(),
    sources := [file:filename()],
    options := [term()],
    %% Modules that all others are compiled after (rebar's erl_first_files).
    first := [module()],
    %% Holds a link to the folder of every application that this one may use, by its name: for include_lib.
    libraries := file:filename()
}.

-type request() :: #{
    applications := [application()],
    %% What the links stand for.
    links := [{Link :: file:filename(), Folder :: file:filename()}],
    %% Where the sources that yecc and leex make may lie for a while.
    scratch := file:filename(),
    %% ebin folders of dependencies that are built already.
    code_paths := [file:filename()],
    %% Whether each result is told as soon as there is one.
    tell := boolean()
}.

-record(source, {
    module :: module(),
    path :: file:filename(),
    application :: application(),
    %% Modules of the project that have to be compiled before.
    after_modules = [] :: [module()]
}).

%% What the text of a file says about other files.
-record(mentions, {
    behaviours = [] :: [module()],
    transforms = [] :: [module()],
    calls = [] :: [module()],
    includes = [] :: [{include | include_lib, string()}]
}).

%% One result per source, in the order of the request: whether it compiled, and what the compiler
%% printed.
-spec answer(request()) -> [{file:filename(), ok | error, unicode:unicode_binary()}].
answer(#{applications := Applications, code_paths := CodePaths} = Request) ->
    [ok = nx_otp_request:start_telling() || map_get(tell, Request)],
    code:add_pathsz(CodePaths),
    code:add_pathsa([filename:absname(Output) || #{output := Output} <- Applications]),
    Sources = [
        #source{
            module = list_to_atom(filename:rootname(filename:basename(Path))),
            path = Path,
            application = Application
        }
     || #{sources := Paths} = Application <- Applications, Path <- Paths
    ],
    Levels = levels(with_order(Sources)),
    Results = lists:append([
        parallel_map(fun(Source) -> compile(Source, Request) end, Level)
     || Level <- Levels
    ]),
    ByPath = maps:from_list([{Path, Result} || {Path, _, _} = Result <- Results]),
    [maps:get(Path, ByPath) || #source{path = Path} <- Sources].

%% Compiling one source

compile(#source{path = Path} = Source, #{tell := Tell} = Request) ->
    {Status, Text} = captured(fun() -> compile_kind(filename:extension(Path), Source, Request) end),
    Result = {Path, Status, readable(Text, Request)},
    [ok = nx_otp_request:tell(Result) || Tell],
    Result.

compile_kind(".erl", #source{path = Path} = Source, _Request) ->
    compile_erl(Path, Source);
compile_kind(".yrl", Source, Request) ->
    compile_generated(Source, Request, fun(Path, Erl) ->
        yecc:file(Path, [{parserfile, Erl}, {report, true}])
    end);
compile_kind(".xrl", Source, Request) ->
    compile_generated(Source, Request, fun(Path, Erl) ->
        leex:file(Path, [{scannerfile, Erl}, {report, true}])
    end).

compile_generated(Source, #{scratch := Scratch}, Generate) ->
    #source{path = Path, module = Module, application = Application} = Source,
    Erl = filename:join([Scratch, maps:get(name, Application), atom_to_list(Module) ++ ".erl"]),
    ok = filelib:ensure_dir(Erl),
    case Generate(Path, Erl) of
        error -> error;
        _Generated -> compile_erl(Erl, Source)
    end.

compile_erl(Erl, #source{path = Path, module = Module, application = Application} = Source) ->
    #{output := Output} = Application,
    Options = options(Source),
    %% With the option deterministic, messages name files without their folders.
    {Status, Text} = captured(fun() ->
        status(compile:file(Erl, [deterministic, report, {outdir, Output} | Options]))
    end),
    case {Status, Text} of
        {ok, <<>>} -> ok;
        _ ->
            Again = compile:file(Erl, [binary, report | Options]),
            wrong_name(Path, Module, Again),
            worse(Status, status(Again))
    end.

%% Only what writes the file looks at this, so that the second run, whose messages are shown, is silent.
wrong_name(Path, Module, {ok, Found, _Beam}) when Found =/= Module ->
    io:format("~ts: expected -module(~tw), by the name of the file, and found -module(~tw).~n", [
        Path, Module, Found
    ]);
wrong_name(_Path, _Module, _Result) ->
    ok.

worse(ok, ok) -> ok;
worse(_, _) -> error.

status({ok, _Module}) -> ok;
status({ok, _Module, _BeamOrWarnings}) -> ok;
status(_Error) -> error.

options(#source{path = Path, application = Application}) ->
    #{folder := Folder, options := Options, libraries := Libraries} = Application,
    Includes = [filename:dirname(Path) | include_folders(Folder)] ++ [Libraries],
    lists:flatmap(fun platform_define/1, Options) ++ [{i, Include} || Include <- Includes].

%% rebar's macros that depend on the machine: a regular expression over the release of OTP, the
%% architecture and the word size decides.
platform_define({platform_define, Platform, Macro}) ->
    [{d, Macro} || is_platform(Platform)];
platform_define({platform_define, Platform, Macro, Value}) ->
    [{d, Macro, Value} || is_platform(Platform)];
platform_define(Option) ->
    [Option].

is_platform(Pattern) ->
    Platform = lists:join("-", [
        erlang:system_info(otp_release),
        erlang:system_info(system_architecture),
        integer_to_list(8 * erlang:system_info({wordsize, external}))
    ]),
    re:run(Platform, Pattern, [{capture, none}]) =:= match.

%% Written as messages are to show them.
include_folders(".") ->
    ["include", "src", "."];
include_folders(Folder) ->
    [filename:join(Folder, "include"), filename:join(Folder, "src"), Folder].

%% The links to the folders of applications are ours; whoever reads a message looks for the real folder.
readable(Text, #{links := Links}) ->
    lists:foldl(
        fun({Link, Folder}, Readable) ->
            Real =
                case Folder of
                    "." -> <<>>;
                    _ -> unicode:characters_to_binary([Folder, $/])
                end,
            binary:replace(Readable, unicode:characters_to_binary([Link, $/]), Real, [global])
        end,
        Text,
        case Text of
            <<>> -> [];
            _ -> Links
        end
    ).

%% Order

%% A source is compiled after the behaviours it implements (the compiler checks its callbacks), and
%% after the parse transforms it uses with all that these call.
with_order(Sources) ->
    Known = maps:from_list([{Module, Source} || #source{module = Module} = Source <- Sources]),
    Mentions = maps:from_list(
        parallel_map(
            fun(#source{module = Module} = Source) -> {Module, source_mentions(Source)} end,
            Sources
        )
    ),
    [
        Source#source{after_modules = after_modules(Source, Known, Mentions)}
     || Source <- Sources
    ].

after_modules(#source{module = Module, application = Application}, Known, Mentions) ->
    #{options := Options, first := First} = Application,
    #mentions{behaviours = Behaviours, transforms = Named} = maps:get(Module, Mentions),
    Transforms = called([T || {parse_transform, T} <- Options] ++ Named, Mentions, []),
    FirstBefore =
        case lists:splitwith(fun(Other) -> Other =/= Module end, First) of
            {_, [Module | _]} -> [];
            {All, []} -> All
        end,
    Before =
        case lists:member(Module, Transforms) of
            %% What a transform calls does not wait for the transform.
            true -> Behaviours;
            false -> Behaviours ++ Transforms ++ FirstBefore
        end,
    lists:usort([M || M <- Before, M =/= Module, is_map_key(M, Known)]).

called([], _Mentions, Seen) ->
    Seen;
called([Module | Rest], Mentions, Seen) ->
    case not lists:member(Module, Seen) andalso maps:find(Module, Mentions) of
        {ok, #mentions{calls = Calls}} -> called(Calls ++ Rest, Mentions, [Module | Seen]);
        _ -> called(Rest, Mentions, Seen)
    end.

source_mentions(#source{path = Path, application = #{folder := Folder, libraries := Libraries}}) ->
    file_mentions([Path], include_folders(Folder) ++ [Libraries], [], #mentions{}).

file_mentions([], _Folders, _Seen, Mentions) ->
    Mentions;
file_mentions([Path | Rest], Folders, Seen, Mentions) ->
    case lists:member(Path, Seen) of
        true ->
            file_mentions(Rest, Folders, Seen, Mentions);
        false ->
            Found = mentions(tokens(Path), Mentions#mentions{includes = []}),
            Next = [
                File
             || {_Kind, Name} <- Found#mentions.includes,
                Folder <- [filename:dirname(Path) | Folders],
                File <- [filename:join(Folder, Name)],
                filelib:is_regular(File)
            ],
            file_mentions(Next ++ Rest, Folders, [Path | Seen], Found)
    end.

tokens(Path) ->
    %% Where any of this fails, the compiler will say what is wrong.
    maybe_tokens(file:read_file(Path)).

maybe_tokens({ok, Bytes}) ->
    Encoding =
        case epp:read_encoding_from_binary(Bytes) of
            none -> epp:default_encoding();
            Declared -> Declared
        end,
    case unicode:characters_to_list(Bytes, Encoding) of
        Text when is_list(Text) ->
            case erl_scan:string(Text) of
                {ok, Tokens, _End} -> Tokens;
                {error, _Reason, _Location} -> []
            end;
        _NotText ->
            []
    end;
maybe_tokens({error, _Reason}) ->
    [].

mentions([{'-', _}, {atom, _, Behaviour}, {'(', _}, {atom, _, Module} | Rest], Found) when
    Behaviour =:= behaviour; Behaviour =:= behavior
->
    mentions(Rest, Found#mentions{behaviours = [Module | Found#mentions.behaviours]});
mentions([{'-', _}, {atom, _, Include}, {'(', _}, {string, _, File} | Rest], Found) when
    Include =:= include; Include =:= include_lib
->
    mentions(Rest, Found#mentions{includes = [{Include, File} | Found#mentions.includes]});
mentions([{atom, _, parse_transform}, {',', _}, {atom, _, Module} | Rest], Found) ->
    mentions(Rest, Found#mentions{transforms = [Module | Found#mentions.transforms]});
mentions([{atom, _, Module}, {':', _} | Rest], Found) ->
    mentions(Rest, Found#mentions{calls = [Module | Found#mentions.calls]});
mentions([_ | Rest], Found) ->
    mentions(Rest, Found);
mentions([], Found) ->
    Found.

%% Groups of sources, each after the groups it needs. Behaviours that implement each other are legal:
%% what is left in a circle goes last, together.
levels(Sources) ->
    levels(Sources, #{}).

levels([], _Done) ->
    [];
levels(Sources, Done) ->
    Ready = fun(#source{after_modules = After}) ->
        lists:all(fun(Module) -> is_map_key(Module, Done) end, After)
    end,
    case lists:partition(Ready, Sources) of
        {[], Circle} ->
            [Circle];
        {Level, Later} ->
            Compiled = maps:from_list([{Module, done} || Module <- modules(Level)]),
            [Level | levels(Later, maps:merge(Done, Compiled))]
    end.

modules(Sources) ->
    [Module || #source{module = Module} <- Sources].

%% Processes

%% As lists:map/2, in as many processes at a time as there are schedulers; exits as the first that
%% exits.
parallel_map(Fun, List) ->
    Numbered = lists:zip(lists:seq(1, length(List)), List),
    Results = parallel_map(Fun, Numbered, erlang:system_info(schedulers_online), #{}, #{}),
    [Result || {_Number, Result} <- lists:sort(maps:to_list(Results))].

parallel_map(Fun, [{Number, Element} | Rest], Free, Running, Results) when Free > 0 ->
    {_Pid, Monitor} = spawn_monitor(fun() -> exit({result, Fun(Element)}) end),
    parallel_map(Fun, Rest, Free - 1, Running#{Monitor => Number}, Results);
parallel_map(_Fun, [], _Free, Running, Results) when map_size(Running) =:= 0 ->
    Results;
parallel_map(Fun, Waiting, Free, Running, Results) ->
    receive
        {'DOWN', Monitor, process, _Pid, {result, Result}} ->
            {Number, Others} = maps:take(Monitor, Running),
            parallel_map(Fun, Waiting, Free + 1, Others, Results#{Number => Result});
        {'DOWN', _Monitor, process, _Pid, Reason} ->
            exit(Reason)
    end.

%% What Fun returns, and what it and its processes print meanwhile.
captured(Fun) ->
    Printer = spawn_link(fun() -> collect([]) end),
    Leader = group_leader(),
    group_leader(Printer, self()),
    try
        Result = Fun(),
        Printer ! {self(), printed},
        receive
            {Printer, Text} -> {Result, Text}
        end
    after
        group_leader(Leader, self()),
        unlink(Printer),
        exit(Printer, kill)
    end.

%% The part of the Erlang I/O protocol that the compiler uses.
collect(Printed) ->
    receive
        {io_request, From, ReplyAs, Request} ->
            {Reply, Text} = print(Request),
            From ! {io_reply, ReplyAs, Reply},
            collect([Printed, Text]);
        {From, printed} ->
            From ! {self(), unicode:characters_to_binary(Printed)},
            collect(Printed)
    end.

print({put_chars, Encoding, Text}) ->
    {ok, unicode:characters_to_list(Text, Encoding)};
print({put_chars, Encoding, Module, Function, Arguments}) ->
    print({put_chars, Encoding, apply(Module, Function, Arguments)});
print({requests, Requests}) ->
    {ok, [element(2, print(Request)) || Request <- Requests]};
print(getopts) ->
    {[{encoding, unicode}], []};
print(_Other) ->
    {{error, enotsup}, []}.
