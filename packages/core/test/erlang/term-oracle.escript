#!/usr/bin/env escript
%% -*- coding: utf-8 -*-
%% Answers questions about terms with OTP's own functions. COMMAND INPUT OUTPUT: the question is read from
%% INPUT and the answer, in the external term format, is written to OUTPUT.
-mode(compile).

main([Command, Input, Output]) ->
    Answer = answer(Command, Input),
    ok = file:write_file(Output, term_to_binary(Answer)).

%% A list of terms in their external format -> {for each, what term_to_binary makes of it in several ways;
%% the bytes of terms that only live in a node}.
answer("encodings", Input) ->
    Local = 1,
    {[begin
          Term = binary_to_term(Bytes),
          {term_to_binary(Term, [deterministic]),
           term_to_binary(Term, [compressed]),
           term_to_binary(Term, [{minor_version, 0}])}
      end || Bytes <- input(Input)],
     [term_to_binary(Term) || Term <- [self(), make_ref(), hd(erlang:ports()), fun(X) -> X + Local end,
                                       {self(), [make_ref() | fun lists:map/2]},
                                       fun() -> {self(), Local} end]]};

%% Pairs of terms -> {the order of terms, the order of map keys}, each as -1, 0 or 1.
answer("orders", Input) ->
    [{order(A, B), key_order(A, B)} || {A, B} <- input(Input)];

%% A text file -> {terms that file:consult reads from it; for each, the texts that ~tp and ~tw give which erl_parse reads
%% back as the term (that of `fun 'End':f/1` lacks its quotes)}.
answer("consult", Input) ->
    {ok, Terms} = file:consult(Input),
    Texts = fun(Term) ->
                    [unicode:characters_to_binary(Text) || Format <- ["~tp.~n", "~tw.~n"],
                                                           Text <- [io_lib:format(Format, [Term])],
                                                           reads_as(lists:flatten(Text), Term)]
            end,
    {[term_to_binary(Term) || Term <- Terms], [Texts(Term) || Term <- Terms]};

%% A list of texts -> for each {ok, Terms in their external format} or error.
answer("texts", Input) ->
    Scratch = Input ++ ".scratch",
    [begin
         ok = file:write_file(Scratch, Text),
         case file:consult(Scratch) of
             {ok, Terms} -> {ok, [term_to_binary(Term) || Term <- Terms]};
             {error, _} -> error
         end
     end || Text <- input(Input)];

%% The same for texts that are decoded already, with the scanner and the parser that file:consult uses but without its files.
answer("scans", Input) ->
    [case scan(erl_scan:tokens([], unicode:characters_to_list(Text), 1), []) of
         {ok, Terms} -> {ok, [term_to_binary(Term) || Term <- Terms]};
         error -> error
     end || Text <- input(Input)];

%% The term files of Erlang's and Elixir's installation -> {Path, {ok, Terms in their external format} or error}.
answer("installed", _) ->
    [case file:consult(Path) of
         {ok, Terms} -> {unicode:characters_to_binary(Path), {ok, [term_to_binary(Term) || Term <- Terms]}};
         {error, _} -> {unicode:characters_to_binary(Path), error}
     end || Root <- [code:root_dir() | elixir_root()],
            Path <- filelib:wildcard(Root ++ "/{lib,releases}/**/*.{app,appup,rel,script,config}")].

scan({more, Continuation}, Terms) -> scan(erl_scan:tokens(Continuation, eof, 1), Terms);
scan({done, {eof, _}, _}, Terms) -> {ok, lists:reverse(Terms)};
scan({done, {error, _, _}, _}, _) -> error;
scan({done, {ok, Tokens, Line}, Rest}, Terms) ->
    case erl_parse:parse_term(Tokens) of
        {ok, Term} -> scan(erl_scan:tokens([], Rest, Line), [Term | Terms]);
        {error, _} -> error
    end.

input(Input) ->
    {ok, Bytes} = file:read_file(Input),
    binary_to_term(Bytes).

reads_as(Text, Term) ->
    case erl_scan:string(Text) of
        {ok, Tokens, _} -> erl_parse:parse_term(Tokens) =:= {ok, Term};
        {error, _, _} -> false
    end.

order(A, B) when A == B -> 0;
order(A, B) when A < B -> -1;
order(_, _) -> 1.

key_order(A, A) -> 0;
key_order(A, B) ->
    case maps:keys(#{A => 1, B => 1}) of
        [A, B] -> -1;
        [B, A] -> 1
    end.

elixir_root() ->
    case os:find_executable("elixir") of
        false -> [];
        Path -> [filename:dirname(filename:dirname(resolve(Path)))]
    end.

resolve(Path) ->
    case file:read_link(Path) of
        {ok, Target} -> resolve(filename:absname(Target, filename:dirname(Path)));
        {error, _} -> Path
    end.
