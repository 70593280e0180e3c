#!/usr/bin/env escript
%% What OTP itself says about BEAM files, for the tests of src/beam. Each command writes one term, in the external
%% term format, to the file named by its last argument.
-mode(compile).

main(["tables", FormsCount, Output]) ->
    Files = installed_beams(),
    WithForms = every(list_to_integer(FormsCount), small(Files)),
    write(Output, [tables(File, lists:member(File, WithForms)) || File <- Files]);
main(["md5", Input, Output]) ->
    {ok, Beams} = file:read_file(Input),
    write(Output, [md5(Beam) || Beam <- binary_to_term(Beams)]);
main(["variants", Output]) ->
    write(Output, erlang_variants(filename:dirname(Output)) ++ elixir_variants()).

write(Output, Term) ->
    ok = file:write_file(Output, term_to_binary(Term)).

installed_beams() ->
    {ok, Elixir} = resolve(os:find_executable("elixir")),
    Otp = filelib:wildcard(filename:join(code:lib_dir(), "*/ebin/*.beam")),
    ElixirLib = filename:join(filename:dirname(filename:dirname(Elixir)), "lib"),
    [_ | _] = ElixirBeams = filelib:wildcard(filename:join(ElixirLib, "*/ebin/*.beam")),
    lists:usort(Otp ++ ElixirBeams).

resolve(false) ->
    error("elixir is not installed, and its beams are half of what is tested here");
resolve(Path) ->
    case file:read_link(Path) of
        {ok, Target} -> resolve(filename:absname(Target, filename:dirname(Path)));
        {error, _} -> {ok, Path}
    end.

%% So many of the files, evenly spread.
every(Count, Files) ->
    Step = max(1, length(Files) div Count),
    [File || {File, Number} <- lists:zip(Files, lists:seq(1, length(Files))), Number rem Step =:= 0].

%% Those that do not take long to decode. Elixir's would answer abstract_code with a translation of their debug info.
small(Files) ->
    [File || File <- Files, filelib:file_size(File) < 60000, string:prefix(File, code:lib_dir()) =/= nomatch].

tables(File, WithForms) ->
    {ok, {Module, Md5}} = beam_lib:md5(File),
    {ok, {Module, Chunks}} =
        beam_lib:chunks(File, [exports, imports, locals, attributes, compile_info]),
    [Exports, Imports, Locals, Attributes, CompileInfo] = [Value || {_, Value} <- Chunks],
    {unicode:characters_to_binary(File), Module, binary:encode_hex(Md5),
     lines([[atom_to_list(Name), $/, integer_to_list(Arity)] || {Name, Arity} <- Exports]),
     lines([[atom_to_list(From), $:, atom_to_list(Name), $/, integer_to_list(Arity)]
            || {From, Name, Arity} <- Imports]),
     lines([[atom_to_list(Name), $/, integer_to_list(Arity)] || {Name, Arity} <- Locals]),
     Attributes, CompileInfo, has_on_load(File), forms(File, WithForms)}.

lines(Items) ->
    unicode:characters_to_binary(lists:join($\n, Items)).

has_on_load(File) ->
    {beam_file, _, _, _, _, Functions} = beam_disasm:file(File),
    lists:any(fun({function, _, _, _, Instructions}) -> lists:member(on_load, Instructions) end, Functions).

%% Within a binary, so that a reader may leave it alone.
forms(_File, false) ->
    <<>>;
forms(File, true) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(File, [abstract_code]),
    term_to_binary(Forms).

md5(Beam) ->
    {ok, {_, Md5}} = beam_lib:md5(Beam),
    binary:encode_hex(Md5).

%% Builds of the module m, each made as a user would: {Name, Beam, Vsn}, where Vsn is what release_handler takes from
%% the file.
erlang_variants(Folder) ->
    Base = source("", "-kept(true).", "hello"),
    Commented = "%% A comment.\n\n" ++ Base,
    WithVsn = fun(Vsn) -> source("-vsn(" ++ Vsn ++ ").", "-kept(true).", "hello") end,
    Key = {debug_info_key, "secret"},
    Compiled =
        [variant(Folder, Name, Source, Options)
         || {Name, Source, Options} <-
            [{"base", Base, [debug_info]},
             {"comment", Commented, [debug_info]},
             {"other-folder", Base, [debug_info]},
             {"no-debug-info", Base, []},
             {"deterministic", Base, [debug_info, deterministic]},
             {"compressed", Base, [debug_info, compressed]},
             {"encrypted", Base, [debug_info, encrypt_debug_info, Key]},
             {"slim", Base, [slim]},
             {"spec", source("-spec greet() -> string().", "-kept(true).", "hello"), [debug_info]},
             {"author", source("-author(me).", "-kept(true).", "hello"), [debug_info]},
             {"attribute-value", source("", "-kept(false).", "hello"), [debug_info]},
             {"literal", source("", "-kept(true).", "goodbye"), [debug_info]},
             {"code", source("extra() -> greet().", "-kept(true).", "hello"), [debug_info, export_all]},
             {"literal-and-author", source("-author(me).", "-kept(true).", "goodbye"), [debug_info]},
             {"vsn-integer", WithVsn("3"), [debug_info]},
             {"vsn-text", WithVsn("\"1.2\""), [debug_info]},
             {"vsn-atom", WithVsn("one"), [debug_info]},
             {"vsn-list", WithVsn("[1,2]"), [debug_info]},
             {"vsn-empty", WithVsn("[]"), [debug_info]},
             {"vsn-two", WithVsn("one).\n-vsn(two"), [debug_info]},
             {"vsn-printable-integer", WithVsn("65"), [debug_info]},
             {"on-load", source("-on_load(start/0).\nstart() -> erlang:load_nif(\"x\", 0).", "", "hello"), [debug_info]}]],
    [stripped(Folder) | Compiled].

source(Extra, Attribute, Greeting) ->
    "-module(m).\n-behaviour(supervisor).\n-export([init/1, greet/0]).\n"
        ++ Attribute ++ "\n"
        ++ "-record(state, {count = 0 :: integer(), name, 'Odd Field' = [] :: [atom()]}).\n-record(none, {}).\n"
        ++ Extra ++ "\n"
        ++ "init(Args) -> {ok, #state{name = {Args, #none{}}}}.\n"
        ++ "greet() -> lists:map(fun(X) -> twice(X) end, \"" ++ Greeting ++ "\") ++ text().\n"
        ++ "twice(X) -> X * 2.\ntext() -> \"" ++ Greeting ++ "\".\n".

variant(Folder, Name, Source, Options) ->
    Place = filename:join(Folder, Name),
    File = filename:join(Place, "m.erl"),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, Source),
    {ok, m} = compile:file(File, [{outdir, Place}, nowarn_unused_record | Options]),
    answer(Name, Place).

stripped(Folder) ->
    {ok, Beam} = file:read_file(filename:join([Folder, "base", "m.beam"])),
    {ok, {m, Stripped}} = beam_lib:strip(Beam),
    Place = filename:join(Folder, "stripped"),
    File = filename:join(Place, "m.beam"),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, Stripped),
    answer("stripped", Place).

answer(Name, Place) ->
    {ok, Beam} = file:read_file(filename:join(Place, "m.beam")),
    true = code:add_patha(Place),
    Vsn = try {ok, release_handler_1:get_current_vsn(m)} catch error:{badmatch, _} -> none end,
    true = code:del_path(Place),
    {list_to_binary(Name), Beam, Vsn}.

elixir_variants() ->
    {ok, Elixir} = resolve(os:find_executable("elixir")),
    ElixirLib = filename:join(filename:dirname(filename:dirname(Elixir)), "lib"),
    ok = code:add_pathsa(filelib:wildcard(filename:join(ElixirLib, "*/ebin"))),
    {ok, _} = application:ensure_all_started(elixir),
    Source = fun(Doc) ->
        ["defmodule Point do\n@moduledoc \"", Doc, "\"\ndefstruct [:y, x: 0, colour: nil]\ndef zero, do: 0\nend"]
    end,
    Compile = fun(Name, Text, Options) ->
        Before = 'Elixir.Code':compiler_options(Options),
        [{Module, Beam}] = 'Elixir.Code':compile_string(iolist_to_binary(Text)),
        'Elixir.Code':compiler_options(Before),
        code:purge(Module),
        code:delete(Module),
        {Name, Beam, none}
    end,
    [Compile(<<"elixir-base">>, Source("One."), #{docs => true, debug_info => true}),
     Compile(<<"elixir-docs">>, Source("Two."), #{docs => true, debug_info => true}),
     Compile(<<"elixir-no-debug-info">>, Source("One."), #{docs => true, debug_info => false}),
     Compile(<<"elixir-no-struct">>, "defmodule Plain do\ndef zero, do: 0\nend", #{debug_info => true})].
