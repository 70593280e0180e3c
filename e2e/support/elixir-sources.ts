import { clientsSource } from './mix-upgrade.js';
import { elixirCallers } from './elixir-callers.js';

/**
 * Elixir sources of the release `mixy` in two versions, with the path dependency `mixlib`: one small scenario for each way
 * in which an Elixir application changes.
 *
 * - `Application`: a supervisor without a module, as `mix new --sup` makes it. It loses a child, gets children in each form
 *   that Elixir knows, and keeps others, of its own and of Elixir's modules.
 * - `Team`, `Rooms`: `use Supervisor` with other children, `use DynamicSupervisor` with other code.
 * - `Room`, `Worker`: processes below a DynamicSupervisor, with and without a module, and a PartitionSupervisor, whose state
 *   is converted; `Keeper`, `Member`: the default `code_change/3`; `Cell`, `Ticker`: an Agent and a Task.
 * - `Account`, `Session`: structs as states, in the module itself and in one of its own, converted by `code_change/3`.
 * - `Shop`, `Fair`: behaviours of the project's own, one of which gets a callback, and one loses one.
 * - `Queue`, `Jobs`: a process of a behaviour of the project's own, found by the module that names the behaviour.
 * - `Macros`, `Greeter`: what `use` writes.
 * - `Before`, `After`, `Name`: a renamed module.
 * - `Front`, `Back`, `Mixlib`: calls between the applications both ways, which are added and removed.
 *
 * `Clients` call them all the while and keep every answer that is new to them.
 */
export function elixirSources(version: 'earlier' | 'later', strip = false): Record<string, string> {
  const isLater = version === 'later';
  const pick = (earlier: string, later: string): string => (isLater ? later : earlier);
  const number = pick('0.1.0', '0.2.0');
  return {
    'mix.exs': `
defmodule Mixy.MixProject do
  use Mix.Project
  def project do
    [app: :mixy, version: "${number}", elixir: "~> 1.12", releases: [mixy: [strip_beams: ${strip}]],
     deps: [{:mixlib, path: "mixlib"}]]
  end
  def application, do: [extra_applications: [:logger, :sasl], mod: {Mixy.Application, []}]
end
`,
    'mixlib/mix.exs': `
defmodule Mixlib.MixProject do
  use Mix.Project
  def project, do: [app: :mixlib, version: "${number}", elixir: "~> 1.12"]
  def application, do: [extra_applications: [:logger]]
end
`,
    'mixlib/lib/mixlib.ex': `
defmodule Mixlib do
  @compile {:no_warn_undefined, Mixy.Back}
  def ask(), do: {:asked, ${pick('Mixy.Back.earlier()', 'Mixy.Back.later()')}}
end
defmodule Mixlib.${pick('Gone', 'Added')} do
  def answer(), do: ${pick(':gone', ':added')}
end
`,
    'lib/mixy/server.ex': '',
    'lib/mixy/application.ex': `
defmodule Mixy.Application do
  use Application
  def start(_, _) do
    children = [
      {Registry, keys: :unique, name: Mixy.Registry},
      {Task.Supervisor, name: Mixy.Tasks},
      {PartitionSupervisor, child_spec: Mixy.Worker, name: Mixy.Workers},
      {DynamicSupervisor, name: Mixy.Inline},
      Mixy.Rooms,
      Mixy.Team,
      Mixy.Keeper,
      Mixy.Cell,
      Mixy.Ticker,
      Mixy.Account,
      {Mixy.Session, user: "ü"},
      {Mixy.Jobs, 3},
${pick(
  `      {Mixy.Leaves, 5},
      {Registry, keys: :duplicate, name: Mixy.Topics}`,
  `      Mixy.Arrives,
      {Mixy.Given, [name: :given, n: 1]},
      Supervisor.child_spec({Mixy.Given, [name: :other, n: 2]}, id: :other),
      %{id: :mapped, start: {Mixy.Given, :start_link, [[name: :mapped, n: 3]]}, restart: :transient},
      {Task.Supervisor, name: Mixy.MoreTasks},
      {DynamicSupervisor, name: Mixy.MoreInline, strategy: :one_for_one},
      {PartitionSupervisor, child_spec: Mixy.Worker, name: Mixy.MoreWorkers, partitions: 2}`,
)}
    ]
    Supervisor.start_link(children, strategy: :one_for_one, name: Mixy.Supervisor)
  end
end
`,
    'lib/mixy/team.ex': `
defmodule Mixy.Team do
  use Supervisor
  def start_link(arg), do: Supervisor.start_link(__MODULE__, arg, name: __MODULE__)
  @impl true
  def init(_) do
    Supervisor.init([
      Supervisor.child_spec({Mixy.Member, name: :anna}, id: :anna),
${pick(
  '      Supervisor.child_spec({Mixy.Member, name: :bert}, id: :bert)',
  `      Supervisor.child_spec({Mixy.Member, name: :clara}, id: :clara),
      {Task.Supervisor, name: Mixy.TeamTasks}`,
)}
    ], strategy: :one_for_one)
  end
end
defmodule Mixy.Member do
  use GenServer
  def start_link(options), do: GenServer.start_link(__MODULE__, options, options)
  def get(name), do: GenServer.call(name, :get)
  def init(options), do: {:ok, options[:name]}
  def handle_call(:get, _, name), do: {:reply, ${pick('name', '{:member, name}')}, name}
end
`,
    'lib/mixy/rooms.ex': `
defmodule Mixy.Rooms do
  use DynamicSupervisor
  def start_link(arg), do: DynamicSupervisor.start_link(__MODULE__, arg, name: __MODULE__)
  def open(name, rooms \\\\ __MODULE__), do: DynamicSupervisor.start_child(rooms, {Mixy.Room, name})
  @impl true
  def init(_), do: DynamicSupervisor.init(strategy: :one_for_one${pick('', ', max_restarts: 5')})
end
defmodule Mixy.Room do
  use GenServer, restart: :transient
  def start_link(name), do: GenServer.start_link(__MODULE__, name, name: name)
  def get(name), do: GenServer.call(name, :get)
  @impl true
  def init(name), do: {:ok, ${pick('{name, 1}', '{:room, name, 1}')}}
  @impl true
${pick(
  '  def handle_call(:get, _, {name, n}), do: {:reply, {name, n}, {name, n}}',
  `  def handle_call(:get, _, {:room, name, n}), do: {:reply, {:room, name, n}, {:room, name, n}}
  @impl true
  def code_change({:down, _}, {:room, name, n}, _), do: {:ok, {name, n}}
  def code_change(_, {name, n}, _), do: {:ok, {:room, name, n}}`,
)}
end
`,
    'lib/mixy/keeper.ex': `
defmodule Mixy.Keeper do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, 0, name: __MODULE__)
  def get(), do: GenServer.call(__MODULE__, :get)
  @impl true
  def init(n), do: {:ok, n}
  @impl true
  def handle_call(:get, _, n), do: {:reply, ${pick(':kept', '{:kept, 2}')}, n + 1}
end
defmodule Mixy.Worker do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, 0)
  def get(), do: GenServer.call({:via, PartitionSupervisor, {Mixy.Workers, self()}}, :get)
  @impl true
  def init(n), do: {:ok, ${pick('n', '%{n: n}')}}
  @impl true
${pick(
  '  def handle_call(:get, _, n) when is_integer(n), do: {:reply, :works, n}',
  `  def handle_call(:get, _, %{n: n}), do: {:reply, {:works, n}, %{n: n}}
  @impl true
  def code_change({:down, _}, %{n: n}, _), do: {:ok, n}
  def code_change(_, n, _), do: {:ok, %{n: n}}`,
)}
end
defmodule Mixy.Given do
  use GenServer
  def start_link(options), do: GenServer.start_link(__MODULE__, options[:n], name: options[:name])
  def get(name), do: GenServer.call(name, :get)
  @impl true
  def init(n), do: {:ok, n}
  @impl true
  def handle_call(:get, _, n), do: {:reply, n, n}
end
defmodule Mixy.${pick('Leaves', 'Arrives')} do
  use GenServer${pick('', ', restart: :transient, shutdown: 1000')}
  def start_link(n), do: GenServer.start_link(__MODULE__, n, name: __MODULE__)
  @impl true
  def init(n), do: {:ok, n}
end
`,
    'lib/mixy/cell.ex': `
defmodule Mixy.Cell do
  use Agent
  def start_link(_), do: Agent.start_link(fn -> 0 end, name: __MODULE__)
  def get(), do: Agent.get_and_update(__MODULE__, fn n -> {${pick(':cell', '{:cell, 2}')}, n + 1} end)
end
defmodule Mixy.Ticker do
  use Task, restart: :permanent
  def start_link(arg), do: Task.start_link(__MODULE__, :run, [arg])
  def run(arg) do
    if Process.whereis(__MODULE__) == nil, do: Process.register(self(), __MODULE__)
    receive do
      {:tick, from} -> send(from, {:tick, ${pick('1', '2')}})
    after
      20 -> :ok
    end
    __MODULE__.run(arg)
  end
  def tick() do
    send(__MODULE__, {:tick, self()})
    receive do
      {:tick, n} -> n
    after
      5000 -> :late
    end
  end
end
`,
    'lib/mixy/account.ex': `
defmodule Mixy.Account do
  use GenServer
  defstruct [:owner, ${pick('amount: 7', 'cents: 700')}]
  def start_link(_), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)
  def get(), do: GenServer.call(__MODULE__, :get)
  @impl true
  def init(_), do: {:ok, %__MODULE__{owner: :me}}
  @impl true
  def handle_call(:get, _, state), do: {:reply, ${pick('state.amount', 'state.cents')}, state}
${pick(
  '',
  `  @impl true
  def code_change({:down, _}, %{__struct__: __MODULE__, cents: cents, owner: owner}, _),
    do: {:ok, %{__struct__: __MODULE__, amount: div(cents, 100), owner: owner}}
  def code_change(_, %{__struct__: __MODULE__, amount: amount, owner: owner}, _),
    do: {:ok, %__MODULE__{owner: owner, cents: amount * 100}}`,
)}
end
defmodule Mixy.Session.State do
  defstruct [:user, ${pick('seen: 1', 'visits: [1]')}]
  def last(%__MODULE__{} = state), do: ${pick('state.seen', 'hd(state.visits)')}
${pick(
  '',
  `  def upgrade(%{__struct__: __MODULE__, seen: n, user: user}), do: %__MODULE__{user: user, visits: [n]}
  def downgrade(%__MODULE__{visits: [n | _], user: user}), do: %{__struct__: __MODULE__, user: user, seen: n}`,
)}
end
defmodule Mixy.Session do
  use GenServer
  alias Mixy.Session.State
  def start_link(options), do: GenServer.start_link(__MODULE__, options, name: __MODULE__)
  def get(), do: GenServer.call(__MODULE__, :get)
  @impl true
  def init(options), do: {:ok, %State{user: options[:user]}}
  @impl true
  def handle_call(:get, _, %State{user: user} = state), do: {:reply, {user, State.last(state)${pick('', ', :later')}}, state}
${pick(
  '',
  `  @impl true
  def code_change({:down, _}, state, _), do: {:ok, State.downgrade(state)}
  def code_change(_, state, _), do: {:ok, State.upgrade(state)}`,
)}
end
`,
    ...elixirCallers(pick),
    'lib/mixy/clients.ex': clients,
  };
}

const clients = clientsSource(`[
    keeper: {Mixy.Keeper, :get, []}, worker: {Mixy.Worker, :get, []}, cell: {Mixy.Cell, :get, []},
    tick: {Mixy.Ticker, :tick, []}, account: {Mixy.Account, :get, []}, session: {Mixy.Session, :get, []},
    shop: {Mixy.Shop, :offers, []}, fair: {Mixy.Fair, :offers, []},
    room: {Mixy.Room, :get, [:hall]}, inline: {Mixy.Room, :get, [:attic]}, jobs: {Mixy.Jobs, :ask, []}, hello: {Mixy.Greeter, :hello, []}, name: {Mixy.Name, :name, []},
    front: {Mixy.Front, :ask, []}, lib: {Mixlib, :ask, []}, member: {Mixy.Member, :get, [:anna]}
  ]`);
