#!/usr/bin/env escript
%% -*- coding: utf-8 -*-
%% SOURCES OUTPUT: compiles the modules of the folder SOURCES and writes, in the external term format, {Builds,
%% Children, Records, Callbacks} to OUTPUT.
%%   Builds: [{Module, Beam, [{HowItWasStripped, Beam}]}]
%%   Children: what init/1 of the supervisors among them really answers, as [{Module, [{Id, Start, Arity, Restart,
%%     Shutdown, Type, Modules}]}] in text
%%   Records: [{File, [{Name, [Field]}]}] of 200 of OTP's modules
%%   Callbacks: [{Module, ["name/arity"], Mode}], what behaviour_info(callbacks) and callback_mode() answer in text, each
%%     [] for a module without it
-mode(compile).

main([Sources, Output]) ->
    Mix = start_elixir(),
    Erlang = [erlang_build(File) || File <- filelib:wildcard(filename:join(Sources, "*.erl"))],
    {ok, Source} = file:read_file(filename:join(Sources, "kept.ex")),
    Elixir = 'Elixir.Code':compile_string(Source, <<"kept.ex">>),
    Builds = [{Module, Beam, stripped(Beam, Mix)} || {Module, Beam} <- Erlang ++ Elixir],
    Children = [{Module, children(Module, Arg)}
                || {Module, Arg} <- [{kept_sup, []}, {kept_literal_sup, []}, {'Elixir.Kept.Supervisor', x}]],
    ok = file:write_file(Output, term_to_binary({Builds, Children, [records(File) || File <- sample()], [callbacks(Module) || {Module, _, _} <- Builds]})).

start_elixir() ->
    {ok, Elixir} = resolve(os:find_executable("elixir")),
    Lib = filename:join(filename:dirname(filename:dirname(Elixir)), "lib"),
    ok = code:add_pathsa(filelib:wildcard(filename:join(Lib, "*/ebin"))),
    {ok, _} = application:ensure_all_started(elixir),
    'Elixir.Mix.Release'.

resolve(false) ->
    error("elixir is not installed, and half of these tests need it");
resolve(Path) ->
    case file:read_link(Path) of
        {ok, Target} -> resolve(filename:absname(Target, filename:dirname(Path)));
        {error, _} -> {ok, Path}
    end.

erlang_build(File) ->
    {ok, Module, Beam} = compile:file(File, [binary, debug_info, nowarn_unused_record]),
    {module, Module} = code:load_binary(Module, File, Beam),
    {Module, Beam}.

%% relx keeps Attr when it strips.
stripped(Beam, Mix) ->
    {ok, {_, Plain}} = beam_lib:strip(Beam),
    {ok, {_, Relx}} = beam_lib:strip(Beam, ["Attr"]),
    {ok, MixStripped} = Mix:strip_beam(Beam),
    [{beam_lib, Plain}, {relx, Relx}, {mix, MixStripped}].

callbacks(Module) ->
    Names = case erlang:function_exported(Module, behaviour_info, 1) of
        true -> [text("~ts/~w", [Name, Arity]) || {Name, Arity} <- Module:behaviour_info(callbacks)];
        false -> []
    end,
    Mode = case erlang:function_exported(Module, callback_mode, 0) of
        true -> [text("~0tp", [Module:callback_mode()])];
        false -> []
    end,
    {Module, lists:sort(Names), Mode}.

text(Format, Args) ->
    unicode:characters_to_binary(io_lib:format(Format, Args)).

children(Module, Arg) ->
    {ok, {_, Specs}} = Module:init(Arg),
    [child(Spec) || Spec <- Specs].

child({Id, Start, Restart, Shutdown, Type, Modules}) ->
    child(#{id => Id, start => Start, restart => Restart, shutdown => Shutdown, type => Type, modules => Modules});
child(#{id := Id, start := {Module, Function, Args}} = Spec) ->
    Type = maps:get(type, Spec, worker),
    Default = case Type of worker -> 5000; supervisor -> infinity end,
    unicode:characters_to_binary(
      io_lib:format("~0tp ~0tp ~0tp/~w ~0tp ~0tp ~0tp ~0tp",
                    [Id, Module, Function, length(Args), maps:get(restart, Spec, permanent),
                     maps:get(shutdown, Spec, Default), Type, maps:get(modules, Spec, [Module])])).

sample() ->
    Files = [File || File <- filelib:wildcard(filename:join(code:lib_dir(), "{stdlib,kernel,ssl,ssh,inets,snmp,mnesia}-*/ebin/*.beam")),
                     filelib:file_size(File) < 60000],
    lists:sublist(Files, 210).

records(File) ->
    {ok, {_, [{abstract_code, {raw_abstract_v1, Forms}}]}} = beam_lib:chunks(File, [abstract_code]),
    {unicode:characters_to_binary(File),
     [{Name, [field(Field) || Field <- Fields]} || {attribute, _, record, {Name, Fields}} <- Forms]}.

field({typed_record_field, Field, _}) -> field(Field);
field({record_field, _, {atom, _, Name}}) -> Name;
field({record_field, _, {atom, _, Name}, _}) -> Name.
