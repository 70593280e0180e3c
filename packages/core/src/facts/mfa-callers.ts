/** Where a function that calls what it is given has the module among its arguments; function and arguments follow. */
export function mfaPlaces(module: string, name: string, arity: number): number | undefined {
  return callers.get(`${module}:${name}/${arity}`);
}

const callers: ReadonlyMap<string, number> = new Map([
  ...named(['erlang', 'proc_lib'], ['spawn', 'spawn_link', 'spawn_monitor'], [3, 0], [4, 1]),
  ...named(['erlang', 'proc_lib'], ['spawn_opt'], [4, 0], [5, 1]),
  ...named(['erlang', 'proc_lib'], ['hibernate'], [3, 0]),
  ...named(['erlang', 'Elixir.Kernel'], ['apply'], [3, 0]),
  ...named(['proc_lib'], ['start', 'start_link', 'start_monitor'], [3, 0], [4, 0], [5, 0]),
  ...named(['timer'], ['apply_after', 'apply_interval', 'apply_repeatedly'], [4, 1]),
  ...named(['timer'], ['tc'], [3, 0], [4, 0]),
  ...named(['rpc'], ['call', 'block_call'], [4, 1], [5, 1]),
  ...named(['rpc'], ['cast', 'async_call'], [4, 1]),
  ...named(['rpc'], ['multicall'], [3, 0], [5, 1]),
  ...named(['erpc'], ['call', 'multicall'], [4, 1], [5, 1]),
  ...named(['erpc'], ['cast', 'multicast', 'send_request'], [4, 1]),
  ...named(['Elixir.Task'], ['start', 'start_link', 'async'], [3, 0]),
  ...named(['Elixir.Task.Supervisor'], ['start_child', 'async', 'async_nolink'], [4, 1], [5, 1]),
  ...named(['Elixir.Agent'], ['start', 'start_link'], [3, 0], [4, 0]),
  ...named(['Elixir.Agent'], ['get', 'update', 'get_and_update', 'cast'], [4, 1], [5, 1]),
]);

function named(
  modules: readonly string[],
  names: readonly string[],
  ...places: readonly (readonly [arity: number, place: number])[]
): [string, number][] {
  return modules.flatMap((module) =>
    names.flatMap((name) =>
      places.map(([arity, place]): [string, number] => [`${module}:${name}/${arity}`, place]),
    ),
  );
}
