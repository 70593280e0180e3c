-module(kept_calls).
-export([run/1, hidden/0, start/1, code_change/3]).
-record(used, {a, b}).
-record(matched, {a}).
-record(unused, {a}).
-record(asked, {a}).

run(Args) ->
    Module = kept_variable,
    Module:call(Args, 2),
    apply(kept_applied, call, [Args]),
    apply(kept_unsure, call, Args),
    spawn(kept_spawned, loop, [#used{a = 1}]),
    timer:apply_after(1000, kept_later, tick, []),
    Handler = {kept_triple, handle, [Args, more]},
    {Handler, fun kept_fun:map/1, lists:map(fun kept_mapped:one/1, Args)}.

start(Args) ->
    Module = case Args of [] -> kept_given; _ -> kept_given_else end,
    hand_on(Args, Module).

hand_on(Args, Module) -> go_on(Module, Args).

go_on(Module, Args) -> Module:go_on(Args).

hidden() -> {kept_calls, run, [1]}.

code_change(_, #matched{a = A}, _) -> {ok, convert(A)};
code_change(_, State, _) when is_record(State, asked) -> {ok, State}.

convert(A) -> kept_converter:convert(apply(kept_old, read, [A])).
