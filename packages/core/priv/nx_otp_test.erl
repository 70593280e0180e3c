%% Compiles an application with its tests, and runs them: EUnit, then Common Test.
-module(nx_otp_test).

-export([answer/1]).
%% A hook of Common Test.
-export([init/2, on_tc_fail/4]).

-type request() :: #{
    %% As for nx_otp_compile.
    compile := map(),
    %% Modules to be tested by EUnit; the tests of m_tests belong to m.
    eunit := [module()],
    suites := [module()],
    %% Holds the beams of the suites, and their data.
    suites_in := file:filename(),
    %% The working directory of the tests.
    folder := file:filename(),
    %% Where reports in the format of JUnit go.
    reports := file:filename(),
    %% Where Common Test may write its pages.
    logs := file:filename()
}.

-spec answer(request()) ->
    {missing, atom()}
    | {compile, [tuple()]}
    | {tested, EUnit :: passed | failed | none, CommonTest :: passed | failed | none}.
answer(#{eunit := Modules, suites := Suites} = Request) ->
    Needed = [eunit || Modules =/= []] ++ [common_test || Suites =/= []],
    case [Application || Application <- Needed, is_missing(Application)] of
        [Missing | _] -> {missing, Missing};
        [] -> compile(Request)
    end.

is_missing(Application) ->
    code:lib_dir(Application) =:= {error, bad_name}.

compile(#{compile := Compile, folder := Folder} = Request) ->
    [Sources | _] = init:get_plain_arguments(),
    ok = nx_otp_request:load(Sources, nx_otp_compile),
    Results = nx_otp_compile:answer(Compile),
    case lists:keymember(error, 2, Results) of
        true ->
            {compile, Results};
        false ->
            [io:put_chars(Text) || {_Path, ok, Text} <- Results],
            ok = file:set_cwd(Folder),
            {tested, eunit(Request), common_test(Request)}
    end.

eunit(#{eunit := []}) ->
    none;
eunit(#{eunit := Modules, reports := Reports}) ->
    case eunit:test(Modules, [{report, {eunit_surefire, [{dir, Reports}]}}]) of
        ok -> passed;
        error -> failed
    end.

common_test(#{suites := []}) ->
    none;
common_test(#{suites := Suites, suites_in := Folder, reports := Reports, logs := Logs}) ->
    Result = ct:run_test([
        {dir, Folder},
        {suite, Suites},
        {logdir, Logs},
        {auto_compile, false},
        {ct_hooks, [
            ?MODULE,
            {cth_surefire, [{path, filename:join(Reports, "common_test.xml")}]}
        ]}
    ]),
    case Result of
        {_Ok, 0, {_UserSkipped, 0}} ->
            passed;
        {_Ok, _Failed, _Skipped} ->
            failed;
        {error, Reason} ->
            io:format("Common Test: ~tp~n", [Reason]),
            failed
    end.

%% What Common Test itself shows of a failure is the line; the reason stands in its pages.

init(_Id, State) ->
    {ok, State}.

on_tc_fail(Suite, Case, Reason, State) ->
    io:format(user, "~n~tp:~tp failed:~n~tp~n", [Suite, Case, Reason]),
    State.
