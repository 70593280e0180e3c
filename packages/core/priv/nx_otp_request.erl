%% Answers one request of the build and ends the VM.
%%
%% Plain arguments: the folder of these sources, the file of the request, the file of the answer, both
%% in the external term format. A request is {Module, Request}; the answer is what
%% Module:answer(Request) returns, or {crash, Text}.
-module(nx_otp_request).

-export([main/0, load/2, start_telling/0, tell/1]).

-callback answer(Request :: term()) -> Answer :: term().

-spec main() -> no_return().
main() ->
    [Sources, RequestFile, AnswerFile] = init:get_plain_arguments(),
    spawn(fun end_with_parent/0),
    [io:setopts(Device, [{encoding, unicode}]) || Device <- [standard_io, standard_error]],
    Answer =
        try
            {ok, Request} = file:read_file(RequestFile),
            {Module, Argument} = binary_to_term(Request),
            ok = load(Sources, Module),
            Module:answer(Argument)
        catch
            Class:Reason:Stack ->
                {crash, unicode:characters_to_binary(erl_error:format_exception(Class, Reason, Stack))}
        end,
    ok = file:write_file(AnswerFile, term_to_binary(Answer)),
    halt(0).

%% Compiles a module of the sources into memory: the beams of one OTP do not run on every other.
-spec load(file:filename(), module()) -> ok.
load(Sources, Module) ->
    File = filename:join(Sources, atom_to_list(Module) ++ ".erl"),
    {ok, Module, Beam} = compile:file(File, [binary, report]),
    {module, Module} = code:load_binary(Module, File, Beam),
    ok.

%% Opens file descriptor 4, on which the parent listens for what it wants to know before the answer.
-spec start_telling() -> ok.
start_telling() ->
    true = register(nx_otp_told, open_port({fd, 4, 4}, [out, binary, {packet, 4}])),
    ok.

%% Any process may.
-spec tell(term()) -> ok.
tell(Term) ->
    true = port_command(nx_otp_told, term_to_binary(Term)),
    ok.

%% The parent holds the other end of file descriptor 3: it closes however the parent ends.
end_with_parent() ->
    Parent = open_port({fd, 3, 3}, [in, eof]),
    receive
        {Parent, eof} -> halt(143, [{flush, false}])
    end.
