%% Makes a target system with OTP's reltool.
-module(nx_otp_reltool).

-export([answer/1]).

-include_lib("kernel/include/file.hrl").

-type request() :: #{
    %% The contents of {sys, _} in reltool.config.
    sys := [term()],
    %% The folder of reltool.config: what the paths in it are relative to.
    folder := file:filename(),
    %% An empty folder.
    target := file:filename()
}.

-spec answer(request()) ->
    {ok, #{erts := string(), warnings := [string()]}} | {error, unicode:chardata() | term()}.
answer(#{sys := Sys, folder := Folder, target := Target}) ->
    ok = file:set_cwd(Folder),
    case reltool:start_server([{config, {sys, Sys}}]) of
        {ok, Server} -> target(Server, Sys, Target);
        {error, Reason} -> {error, text(Reason)}
    end.

target(Server, Sys, Target) ->
    Warnings =
        case reltool:get_status(Server) of
            {ok, Texts} -> [text(Text) || Text <- Texts];
            {error, _} -> []
        end,
    RootDir = proplists:get_value(root_dir, Sys, code:root_dir()),
    case reltool:get_target_spec(Server) of
        {ok, Spec} ->
            case reltool:eval_target_spec(Spec, RootDir, Target) of
                ok ->
                    [pin_archive(Archive, Options) || {Archive, Options} <- archives(Spec, Target)],
                    {ok, #{erts => erlang:system_info(version), warnings => Warnings}};
                {error, Reason} ->
                    {error, text(Reason)}
            end;
        {error, Reason} ->
            {error, text(Reason)}
    end.

text(Reason) ->
    case io_lib:printable_unicode_list(Reason) of
        true -> unicode:characters_to_binary(Reason);
        false -> unicode:characters_to_binary(io_lib:format("~tp", [Reason]))
    end.

%% The archives of the applications that reltool packs, below a folder of its specification, with their
%% options for zip:create/3.
archives(Spec, Folder) ->
    lists:flatmap(
        fun
            ({create_dir, Name, Files}) -> archives(Files, filename:join(Folder, Name));
            ({create_dir, Name, _From, Files}) -> archives(Files, filename:join(Folder, Name));
            ({archive, Name, Options, _Files}) -> [{filename:join(Folder, Name), Options}];
            (_File) -> []
        end,
        Spec
    ).

%% An archive holds the time at which reltool made each of its files; the same release would differ
%% by it.
pin_archive(Archive, Options) ->
    {ok, Files} = zip:unzip(Archive, [memory]),
    Time = {{1980, 1, 1}, {0, 0, 0}},
    Pinned = [
        {Name, Bytes, #file_info{
            type = regular,
            size = byte_size(Bytes),
            mode = 8#100644,
            access = read_write,
            atime = Time,
            mtime = Time,
            ctime = Time
        }}
     || {Name, Bytes} <- lists:sort(Files)
    ],
    {ok, _} = zip:zip(Archive, Pinned, Options),
    ok.
