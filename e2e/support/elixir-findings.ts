/**
 * Elixir sources of the release `mixy` in two versions whose supervisors get children that no appup can be written for
 * without somebody who knows more: one `Nameless`, one whose children are `Computed`, one that starts a `Fun`, one that
 * decides by its configuration, and `Flags` whose own options change.
 */
export function elixirFindings(version: 'earlier' | 'later', strip = false): Record<string, string> {
  const isLater = version === 'later';
  const pick = (earlier: string, later: string): string => (isLater ? later : earlier);
  const number = pick('0.1.0', '0.2.0');
  return {
    'mix.exs': `
defmodule Mixy.MixProject do
  use Mix.Project
  def project, do: [app: :mixy, version: "${number}", elixir: "~> 1.12", releases: [mixy: [strip_beams: ${strip}]]]
  def application, do: [extra_applications: [:logger, :sasl], mod: {Mixy.Application, []}]
end
`,
    'lib/mixy/server.ex': '',
    'lib/mixy/application.ex': `
defmodule Mixy.Application do
  use Application
  def start(_, _) do
    Supervisor.start_link([Mixy.Nameless, Mixy.Computed, Mixy.Fun, Mixy.Decides, Mixy.Flags], strategy: :one_for_one, name: Mixy.Top)
  end
end
defmodule Mixy.Nameless do
  def child_spec(arg), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [arg]}, type: :supervisor}
  def start_link(_), do: Supervisor.start_link([${pick('{Mixy.Server, :old}', '{Mixy.Named, :new}')}], strategy: :one_for_one)
end
defmodule Mixy.Computed do
  def child_spec(arg), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [arg]}, type: :supervisor}
  def start_link(arg) do
    children = [${pick('', '{Mixy.Server, Keyword.get(arg, :limit, 1)}, Supervisor.child_spec({Mixy.Server, arg}, id: :given)')}]
    Supervisor.start_link(children, strategy: :one_for_one, name: Mixy.Computed)
  end
end
defmodule Mixy.Fun do
  def child_spec(arg), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [arg]}, type: :supervisor}
  def start_link(_) do
    Supervisor.start_link([${pick('', '{Agent, fn -> 0 end}')}], strategy: :one_for_one, name: Mixy.Fun)
  end
end
defmodule Mixy.Decides do
  use Supervisor
  def start_link(arg), do: Supervisor.start_link(__MODULE__, arg, name: __MODULE__)
  @impl true
  def init(_) do
    more = if Application.get_env(:mixy, :more), do: [${pick('', 'Mixy.Named')}], else: []
    Supervisor.init([Mixy.Server | more], strategy: :one_for_one)
  end
end
defmodule Mixy.Flags do
  def child_spec(arg), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [arg]}, type: :supervisor}
  def start_link(_) do
    Supervisor.start_link([{Mixy.Server, ${pick('1', '2')}}], strategy: ${pick(':one_for_one', ':rest_for_one')}, name: Mixy.Flags)
  end
end
defmodule Mixy.Server do
  use GenServer
  def start_link(arg), do: GenServer.start_link(__MODULE__, arg)
  def init(arg), do: {:ok, arg}
end
defmodule Mixy.Named do
  use GenServer, id: :named
  def start_link(arg), do: GenServer.start_link(__MODULE__, arg)
  def init(arg), do: {:ok, arg}
end
`,
  };
}
