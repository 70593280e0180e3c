/**
 * The modules of `elixirSources` that are about calls: behaviours, what `use` writes, a renamed module, and those that
 * call the other application and are called by it.
 *
 * @param pick the text of the version that is written, of the earlier and the later one
 */
export function elixirCallers(pick: (earlier: string, later: string) => string): Record<string, string> {
  return {
    'lib/mixy/shop.ex': `
defmodule Mixy.Shop do
  @callback price() :: integer()
${pick('', '  @callback title() :: String.t()')}
  def offers(), do: for(shop <- [Mixy.Sale], do: ${pick('shop.price()', '{shop.price(), shop.title()}')})
end
defmodule Mixy.Sale do
  @behaviour Mixy.Shop
  @impl true
  def price(), do: 1
${pick('', '  @impl true\n  def title(), do: "new"')}
end
defmodule Mixy.Fair do
  @callback price() :: integer()
${pick('  @callback label() :: String.t()', '')}
  def offers(), do: Enum.map([Mixy.Stall], fn stall -> ${pick('{stall.price(), stall.label()}', 'stall.price()')} end)
end
defmodule Mixy.Stall do
  @behaviour Mixy.Fair
  @impl true
  def price(), do: 3
${pick('  @impl true\n  def label(), do: "old"', '')}
end
`,
    'lib/mixy/queue.ex': `
defmodule Mixy.Queue do
  use GenServer
  @callback handle(term(), term()) :: {term(), term()}
${pick('', '  @callback format(term()) :: term()')}
  defmacro __using__(_) do
    quote do
      @behaviour Mixy.Queue
      def child_spec(arg), do: %{id: __MODULE__, start: {__MODULE__, :start_link, [arg]}}
      def start_link(arg), do: Mixy.Queue.start_link(__MODULE__, arg)
      def ask(), do: GenServer.call(__MODULE__, :ask)
    end
  end
  def start_link(module, arg), do: GenServer.start_link(__MODULE__, {module, arg}, name: module)
  @impl true
  def init({module, arg}), do: {:ok, ${pick('{module, arg}', '%{module: module, inner: arg}')}}
  @impl true
${pick(
  `  def handle_call(request, _, {module, inner}) do
    {answer, inner} = module.handle(request, inner)
    {:reply, answer, {module, inner}}
  end`,
  `  def handle_call(request, _, %{module: module, inner: inner}) do
    {answer, inner} = module.handle(request, inner)
    {:reply, module.format(answer), %{module: module, inner: inner}}
  end
  @impl true
  def code_change({:down, _}, %{module: module, inner: inner}, _), do: {:ok, {module, inner}}
  def code_change(_, {module, inner}, _), do: {:ok, %{module: module, inner: inner}}`,
)}
end
defmodule Mixy.Jobs do
  use Mixy.Queue
  @impl true
  def handle(:ask, n), do: {n, n}
${pick('', '  @impl true\n  def format(answer), do: {:formatted, answer}')}
end
`,
    'lib/mixy/macros.ex': `
defmodule Mixy.Macros do
  defmacro __using__(_), do: quote(do: def(hello(), do: ${pick(':hello', ':good_day')}))
end
defmodule Mixy.Greeter do
  use Mixy.Macros
end
`,
    'lib/mixy/rename.ex': `
defmodule Mixy.${pick('Before', 'After')} do
  def name(), do: ${pick(':before', ':after')}
end
defmodule Mixy.Name do
  def name(), do: Mixy.${pick('Before', 'After')}.name()
end
`,
    'lib/mixy/front.ex': `
defmodule Mixy.Front do
  def ask(), do: {:front, ${pick('Mixlib.Gone.answer()', 'Mixlib.Added.answer()')}}
end
defmodule Mixy.Back do
  def earlier(), do: :back
${pick('', '  def later(), do: {:back, 2}')}
end
`,
  };
}
