/** Where a mix umbrella keeps what its applications share, from the folder of one of them. */
export type UmbrellaPath = string;

/**
 * The files of an application in Elixir, by their path in its folder, as `mix new` lays them out and `mix format` formats
 * them.
 * @param supervisor whether it starts processes
 * @param umbrella from the application to the folder of its umbrella, such as `../..`; undefined for one by itself
 */
export function elixirApplication(
  name: string,
  supervisor: boolean,
  umbrella?: UmbrellaPath,
): Record<string, string> {
  const module = moduleName(name);
  return {
    'mix.exs': mixExs(name, module, supervisor, umbrella),
    '.formatter.exs': `# Used by "mix format"
[
  inputs: ["{mix,.formatter}.exs", "{config,lib,test}/**/*.{ex,exs}"]
]
`,
    'test/test_helper.exs': 'ExUnit.start()\n',
    ...(supervisor ? withProcesses(name, module) : library(name, module)),
  };
}

/** As Elixir's `Macro.camelize/1` does it. */
export function moduleName(name: string): string {
  return name.replace(/(?:^|_+)([a-z0-9])/g, (_, first: string) => first.toUpperCase()).replace(/_+$/, '');
}

function mixExs(
  name: string,
  module: string,
  supervisor: boolean,
  umbrella: UmbrellaPath | undefined,
): string {
  const shared =
    umbrella === undefined
      ? ''
      : `
      build_path: "${umbrella}/_build",
      config_path: "${umbrella}/config/config.exs",
      deps_path: "${umbrella}/deps",
      lockfile: "${umbrella}/mix.lock",`;
  return `defmodule ${module}.MixProject do
  use Mix.Project

  def project do
    [
      app: :${name},
      version: "0.1.0",${shared}
      elixir: "~> 1.12",
      start_permanent: Mix.env() == :prod,
      deps: deps()
    ]
  end

  # Run "mix help compile.app" to learn about applications.
  def application do
    [
      extra_applications: [:logger]${supervisor ? `,\n      mod: {${module}.Application, []}` : ''}
    ]
  end

  # Run "mix help deps" to learn about dependencies.
  defp deps do
    []
  end
end
`;
}

function withProcesses(name: string, module: string): Record<string, string> {
  return {
    [`lib/${name}/application.ex`]: `defmodule ${module}.Application do
  @moduledoc false

  use Application

  @impl true
  def start(_type, _args) do
    children = [${module}.Server]
    Supervisor.start_link(children, strategy: :one_for_one, name: ${module}.Supervisor)
  end
end
`,
    [`lib/${name}/server.ex`]: `defmodule ${module}.Server do
  @moduledoc """
  Counts.
  """

  use GenServer

  def start_link(_argument), do: GenServer.start_link(__MODULE__, [], name: __MODULE__)

  def count, do: GenServer.call(__MODULE__, :count)

  @doc "Returns the new count."
  def increment, do: GenServer.call(__MODULE__, :increment)

  @impl true
  def init([]), do: {:ok, %{count: 0}}

  @impl true
  def handle_call(:count, _from, state), do: {:reply, state.count, state}

  def handle_call(:increment, _from, state) do
    state = %{state | count: state.count + 1}
    {:reply, state.count, state}
  end

  # An upgrade calls it in the running process, with the state as the other version has it: on the
  # way down the first argument is {:down, vsn}. Whoever changes the state converts between both here.
  @impl true
  def code_change(_vsn, %{count: _} = state, _extra), do: {:ok, state}
end
`,
    [`test/${name}/server_test.exs`]: `defmodule ${module}.ServerTest do
  use ExUnit.Case

  alias ${module}.Server

  test "counts" do
    before = Server.count()
    assert Server.increment() == before + 1
    assert Server.count() == before + 1
  end

  test "keeps its state in an upgrade" do
    before = Server.count()
    :ok = :sys.suspend(Server)
    :ok = :sys.change_code(Server, Server, ~c"0.1.0", [])
    :ok = :sys.resume(Server)
    assert Server.count() == before
  end
end
`,
  };
}

function library(name: string, module: string): Record<string, string> {
  return {
    [`lib/${name}.ex`]: `defmodule ${module} do
  @moduledoc """
  Documentation for \`${module}\`.
  """

  @doc """
  Hello world.

  ## Examples

      iex> ${module}.hello()
      :world

  """
  def hello do
    :world
  end
end
`,
    [`test/${name}_test.exs`]: `defmodule ${module}Test do
  use ExUnit.Case
  doctest ${module}

  test "greets the world" do
    assert ${module}.hello() == :world
  end
end
`,
  };
}
