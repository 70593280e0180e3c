/** Calls that fail when they are made a second time. */
const failing =
  /^(ets:new\/2|erlang:register\/2|global:register_name\/[23]|(gen_tcp|ssl|gen_sctp):listen\/2|gen_udp:open\/[12]|dets:open_file\/2|Elixir\.Process:register\/2|Elixir\.Registry:register\/3|mnesia:create_table\/2)$/;

/** Who asks whether the table or the name is there may well leave the rest out. */
const guards = /^(ets:(info|whereis)|erlang:whereis|global:whereis_name|Elixir\.Process:whereis)\/\d$/;

/**
 * Those of the calls in a supervisor's `init/1` that fail when a code change makes them again; none where `init/1` asks
 * first.
 */
export function failingAgain(sideEffects: readonly string[]): readonly string[] {
  return sideEffects.some((effect) => guards.test(effect))
    ? []
    : sideEffects.filter((effect) => failing.test(effect));
}
