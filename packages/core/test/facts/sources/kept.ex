defmodule Kept.Server do
  use GenServer, restart: :transient
  defstruct [:name, count: 0]
  def start_link(arg), do: GenServer.start_link(__MODULE__, arg, name: __MODULE__)
  @impl true
  def init(name), do: {:ok, %__MODULE__{name: name}, {:continue, :load}}
  @impl true
  def handle_call(module, _from, state), do: {:reply, module.answer(state.count), state}
end

defmodule Kept.Converting do
  use GenServer
  def start_link(arg), do: GenServer.start_link(__MODULE__, arg)
  @impl true
  def init(_), do: {:ok, %{count: 0, names: []}}
  @impl true
  def code_change(_old, count, _extra) when is_integer(count), do: {:ok, %{count: count, names: []}}
  def code_change(_old, state, _extra), do: {:ok, state}
end

defmodule Kept.Supervisor do
  use Supervisor
  def start_link(arg), do: Supervisor.start_link(__MODULE__, arg, name: __MODULE__)
  @impl true
  def init(arg) do
    children = [
      Kept.Server,
      {Registry, keys: :unique, name: Kept.Registry},
      {Task.Supervisor, name: Kept.Tasks},
      {DynamicSupervisor, name: Kept.Dynamic, strategy: :one_for_one},
      {Agent, fn -> arg end},
      Supervisor.child_spec({Kept.Converting, [password: arg]}, id: {:second, 2}, shutdown: 10_000),
      %{id: :plain, start: {Kept.Converting, :start_link, [arg]}}
    ]

    Supervisor.init(children, strategy: :one_for_one)
  end
end

defmodule Kept.Application do
  use Application
  @impl true
  def start(_type, _args) do
    children = [{Kept.Converting, 1}] ++ [Kept.Server]
    opts = [strategy: :one_for_one, name: Kept.Top]
    Supervisor.start_link(children, opts)
  end
end

defmodule Kept.Behaviour do
  @callback open(name :: atom) :: pid
  @callback close(pid, term) :: :ok
  @optional_callbacks close: 2
end

defmodule Kept.Calls do
  def run(args) do
    module = Module.concat(Kept, Concatenated)
    module.call(args)
    apply(Kept.Applied, :call, [args])
    Task.start(Kept.Tasked, :run, [])
    {&Kept.Captured.call/1, %Kept.Server{name: args}}
  end

  def match(%URI{} = uri), do: uri

  def loop(state) do
    receive do
      :stop -> :ok
      message -> loop([message | state])
    end
  end

  def wait(time) do
    receive do
      :done -> :ok
    after
      5000 -> {time, GenServer.call(Kept.Server, :ask, :infinity)}
    end
  end

  def start, do: Task.start(fn -> loop([]) end)
end
