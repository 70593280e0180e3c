import { clientsSource } from './mix-upgrade.js';
/**
 * Elixir sources of protocols that change in each way between two versions, all for the same two structs. A protocol
 * that lacks an implementation answers `:any`.
 *
 * - `Gains` gets the implementation for `Circle`, which calls a function that is new, too.
 * - `Loses` loses it.
 * - `Swaps` loses the one for `Circle` and gets one for `Square`, which calls a new function.
 * - `Grows` gets another function; its own module changes with it.
 * - `Turns` loses an implementation and gets a function.
 * - `New` is there in the later version only, `Same` in both.
 * - `String.Chars`, which is Elixir's own, gets an implementation.
 *
 * `Clients` are four processes that call them all the while and keep every answer that is new to them.
 */
export function protocolSources(version: 'earlier' | 'later'): Record<string, string> {
  const later = version === 'later';
  return {
    'lib/mixy/protocols.ex': `
defmodule Mixy.Circle do
  defstruct [:r]
${later ? '  def kind(), do: :circle\n' : ''}end
defmodule Mixy.Square do
  defstruct [:a]
${later ? '  def kind(), do: :square\n' : ''}end
${protocol('Gains', later ? { Circle: 'Mixy.Circle.kind()' } : {})}
${protocol('Loses', later ? {} : { Circle: ':circle' })}
${protocol('Swaps', later ? { Square: 'Mixy.Square.kind()' } : { Circle: ':circle' })}
${protocol('Grows', { Circle: ':circle' }, later ? { area: ':round' } : {})}
${protocol('Turns', later ? {} : { Circle: ':circle' }, later ? { area: ':round' } : {})}
${later ? protocol('New', { Circle: ':circle' }) : ''}
${protocol('Same', { Circle: ':circle' })}
${later ? 'defimpl String.Chars, for: Mixy.Circle do\n  def to_string(_), do: "circle"\nend' : ''}
`,
    'lib/mixy/clients.ex':
      clientsSource(`for protocol <- [Mixy.Gains, Mixy.Loses, Mixy.Swaps, Mixy.Grows, Mixy.Turns, Mixy.Same],
      shape <- [%Mixy.Circle{}, %Mixy.Square{}], do: {{protocol, shape.__struct__}, {protocol, :name, [shape]}}`),
  };
}

/** @param more functions beside `name/1`, with their answers */
function protocol(
  name: string,
  implementations: Record<string, string>,
  more: Record<string, string> = {},
): string {
  const functions = ['name', ...Object.keys(more)];
  const implementation = (target: string, answer: string): string =>
    [
      `defimpl Mixy.${name}, for: ${target} do`,
      `  def name(_), do: ${answer}`,
      ...Object.entries(more).map(([added, result]) => `  def ${added}(_), do: ${result}`),
      'end',
    ].join('\n');
  return [
    `defprotocol Mixy.${name} do`,
    '  @fallback_to_any true',
    ...functions.map((each) => `  def ${each}(shape)`),
    'end',
    implementation('Any', ':any'),
    ...Object.entries(implementations).map(([struct, answer]) => implementation(`Mixy.${struct}`, answer)),
  ].join('\n');
}
