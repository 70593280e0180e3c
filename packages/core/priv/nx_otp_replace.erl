%% Replaces what matches a regular expression of OTP's, everywhere in a text.
-module(nx_otp_replace).

-export([answer/1]).

-spec answer({Text :: binary(), Pattern :: string(), Replacement :: unicode:unicode_binary(), [term()]}) ->
    {ok, binary()} | {error, unicode:unicode_binary()}.
answer({Text, Pattern, Replacement, Options}) ->
    Characters =
        case unicode:characters_to_list(Text) of
            List when is_list(List) -> [unicode];
            _NotUtf8 -> []
        end,
    try
        {ok, re:replace(Text, Pattern, Replacement, [global, {return, binary}] ++ Characters ++ Options)}
    catch
        error:badarg ->
            case catch re:compile(Pattern, Characters) of
                {error, {Reason, At}} ->
                    {error,
                        unicode:characters_to_binary(io_lib:format("~ts at character ~w", [Reason, At + 1]))};
                _ ->
                    {error, unicode:characters_to_binary(io_lib:format("re:replace/4 refuses ~tp", [Options]))}
            end
    end.
