%% Replaces what matches a regular expression of OTP's, everywhere in a text.
-module(nx_otp_replace).

-export([answer/1]).

-spec answer({Text, Pattern, Replacement, Options}) -> {ok, binary()} | {error, unicode:unicode_binary()} when
    Text :: binary(),
    Pattern :: string(),
    Replacement :: unicode:unicode_binary(),
    Options :: [term()].
answer({Text, Pattern, Replacement, Options}) ->
    Characters =
        case unicode:characters_to_list(Text) of
            List when is_list(List) -> [unicode];
            _NotUtf8 -> []
        end,
    try
        All = [global, {return, binary}] ++ Characters ++ Options,
        {ok, re:replace(Text, Pattern, Replacement, All)}
    catch
        error:badarg ->
            case catch re:compile(Pattern, Characters) of
                {error, {Reason, At}} -> wrong("~ts at character ~w", [Reason, At + 1]);
                _ -> wrong("re:replace/4 refuses ~tp", [Options])
            end
    end.

wrong(Format, Arguments) ->
    {error, unicode:characters_to_binary(io_lib:format(Format, Arguments))}.
