import { expect, test } from 'vitest';
import { elixirSources } from './support/elixir-sources.js';
import { MixUpgrade } from './support/mix-upgrade.js';

const upgrade = new MixUpgrade(
  'elixir',
  elixirSources,
  'Mixy.Rooms.open(:hall); Mixy.Rooms.open(:attic, Mixy.Inline); Mixy.Clients.start()',
);
const rpc = (expression: string): Promise<string> => upgrade.rpc(expression);
const install = (version: string) => upgrade.install(version);

/** What only the code, the children and the states of one version answer. */
const answers = `
attempt = fn function -> try do function.() catch _, _ -> :none end end
children = fn supervisor -> for({id, pid, _, _} <- Supervisor.which_children(supervisor), do: {id, is_pid(pid)}) |> Enum.sort() end
IO.inspect [
  team: children.(Mixy.Team), children: children.(Mixy.Supervisor),
  given: for(name <- [:given, :other, :mapped], do: attempt.(fn -> Mixy.Given.get(name) end)),
  started: attempt.(fn -> {:ok, pid} = Task.Supervisor.start_child(Mixy.MoreTasks, fn -> :ok end); is_pid(pid) end),
  account: :sys.get_state(Mixy.Account), session: :sys.get_state(Mixy.Session), hall: :sys.get_state(:hall),
  worker: for({_, pid, _, _} <- Supervisor.which_children(Mixy.Workers), uniq: true, do: :sys.get_state(pid))
], limit: :infinity, width: 5000, structs: false`;
const childrenOfBoth = [
  'Mixy.Account',
  'Mixy.Cell',
  'Mixy.Inline',
  'Mixy.Jobs',
  'Mixy.Keeper',
  'Mixy.Registry',
  'Mixy.Rooms',
  'Mixy.Session',
  'Mixy.Tasks',
  'Mixy.Team',
  'Mixy.Ticker',
  'Mixy.Workers',
];
const running = (...ids: string[]): string => `[${ids.map((id) => `{${id}, true}`).join(', ')}]`;
const earlier = [
  '[team: [anna: true, bert: true]',
  `children: ${running(...[...childrenOfBoth, 'Mixy.Leaves', 'Mixy.Topics'].sort())}`,
  'given: [:none, :none, :none]',
  'started: :none',
  'account: %{__struct__: Mixy.Account, amount: 7, owner: :me}',
  'session: %{__struct__: Mixy.Session.State, seen: 1, user: "ü"}',
  'hall: {:hall, 1}',
  'worker: [0]]',
].join(', ');
const later = [
  `[team: ${running('Mixy.TeamTasks', ':anna', ':clara')}`,
  `children: ${running(...[...childrenOfBoth, 'Mixy.Arrives', 'Mixy.Given', 'Mixy.MoreInline', 'Mixy.MoreTasks', 'Mixy.MoreWorkers'].sort(), ':mapped', ':other')}`,
  'given: [1, 2, 3]',
  'started: true',
  'account: %{__struct__: Mixy.Account, cents: 700, owner: :me}',
  'session: %{__struct__: Mixy.Session.State, user: "ü", visits: [1]}',
  'hall: {:room, :hall, 1}',
  'worker: [%{n: 0}]]',
].join(', ');
/** The processes that both versions have. */
const kept = `
named = for name <- [Mixy.Supervisor, ${childrenOfBoth.join(', ')}, :anna, :hall, :attic], do: Process.whereis(name)
IO.inspect(named ++ for(supervisor <- [Mixy.Supervisor, Mixy.Workers, Mixy.Rooms, Mixy.Inline], {id, pid, _, _} <- Supervisor.which_children(supervisor),
  is_integer(id) or id == :undefined or id in [${childrenOfBoth.join(', ')}], do: pid), limit: :infinity, width: 5000)`;

/** Modules in memory that are not those of the version's files, or that the version does not have; and its folders. */
const foreign = `
file = fn module -> :code.where_is_file(to_charlist(module) ++ ~c".beam") end
own = for application <- [:mixy, :mixlib], {:ok, modules} = :application.get_key(application, :modules), module <- modules, do: module
strange = for module <- own, {:ok, {_, md5}} = :beam_lib.md5(file.(module)), module.module_info(:md5) != md5, do: module
folders = for module <- own, uniq: true, do: module |> file.() |> Path.dirname() |> Path.dirname() |> Path.basename()
gone = for {module, _} <- :code.all_loaded(), to_string(module) =~ ~r/^Elixir.Mix(y|lib)\\b/, module not in own, do: module
IO.inspect({strange, gone, Enum.sort(folders)}, width: 1000)`;

/** Nobody died, and nobody got an answer that neither version gives. */
const onlyBothVersions = `4, [${[
  'account: 7, account: 700',
  'cell: :cell, cell: {:cell, 2}',
  'fair: [3], fair: [{3, "old"}]',
  'front: {:front, :added}, front: {:front, :gone}',
  'hello: :good_day, hello: :hello',
  'inline: {:attic, 1}, inline: {:room, :attic, 1}',
  'jobs: 3, jobs: {:formatted, 3}',
  'keeper: :kept, keeper: {:kept, 2}',
  'lib: {:asked, :back}, lib: {:asked, {:back, 2}}',
  'member: :anna, member: {:member, :anna}',
  'name: :after, name: :before',
  'room: {:hall, 1}, room: {:room, :hall, 1}',
  'session: {"ü", 1}, session: {"ü", 1, :later}',
  'shop: [1], shop: [{1, "new"}]',
  'tick: 1, tick: 2',
  'worker: :works, worker: {:works, 0}',
].join(', ')}]`;

test('the package is made without a finding', () => {
  expect(upgrade.made.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
});

test('the earlier version is there before the upgrade', async () => {
  expect(await rpc(answers)).toBe(earlier);
  expect(await rpc(foreign)).toBe('{[], [], ["mixlib-0.1.0", "mixy-0.1.0"]}');
});

test.each([1, 2])('everything follows the release up and down, time %i, and no call fails', async () => {
  const processes = await rpc(kept);
  expect(processes).not.toContain('nil');
  const up = await install('0.2.0');
  expect(up.printed).toBe(onlyBothVersions);
  expect(up.calls).toBeGreaterThan(1000);
  expect(await rpc(answers)).toBe(later);
  expect(await rpc(foreign)).toBe('{[], [], ["mixlib-0.2.0", "mixy-0.2.0"]}');
  expect(await rpc(kept)).toBe(processes);
  const down = await install('0.1.0');
  expect(down.printed).toBe(onlyBothVersions);
  expect(down.calls).toBeGreaterThan(1000);
  expect(await rpc(answers)).toBe(earlier);
  expect(await rpc(foreign)).toBe('{[], [], ["mixlib-0.1.0", "mixy-0.1.0"]}');
  expect(await rpc(kept)).toBe(processes);
});

test('nothing was reported as an error on the way', () => {
  expect(upgrade.log()).not.toBe('');
  expect(upgrade.log()).not.toMatch(/\[error\]|CRASH|terminating/i);
});

test('a node that boots as either release has what the upgrade had given it', async () => {
  await install('0.2.0');
  await upgrade.restart();
  await rpc(upgrade.start);
  expect(await rpc(answers)).toBe(later);
  await install('0.1.0');
  await upgrade.restart();
  await rpc(upgrade.start);
  expect(await rpc(answers)).toBe(earlier);
});
