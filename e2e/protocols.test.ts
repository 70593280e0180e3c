import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MixUpgrade } from './support/mix-upgrade.js';
import { protocolSources } from './support/protocol-sources.js';

const upgrade = new MixUpgrade('protocols', protocolSources, 'Mixy.Clients.start()');
const rpc = (expression: string): Promise<string> => upgrade.rpc(expression);
const install = (version: string) => upgrade.install(version);

/** What the new dispatch answers, asked on the node itself. */
const answers = `
circle = %{__struct__: Mixy.Circle, r: 1}
square = %{__struct__: Mixy.Square, a: 1}
attempt = fn function -> try do function.() rescue _ -> :none end end
IO.inspect [
  gains: Mixy.Gains.name(circle), loses: Mixy.Loses.name(circle),
  swaps: {Mixy.Swaps.name(circle), Mixy.Swaps.name(square)},
  grows: attempt.(fn -> apply(Mixy.Grows, :area, [circle]) end),
  turns: {Mixy.Turns.name(circle), attempt.(fn -> apply(Mixy.Turns, :area, [circle]) end)},
  new: attempt.(fn -> apply(Mixy.New, :name, [circle]) end), same: Mixy.Same.name(circle),
  chars: attempt.(fn -> to_string(circle) end)
], width: 1000`;
const earlier =
  '[gains: :any, loses: :circle, swaps: {:circle, :any}, grows: :none, turns: {:circle, :none}, new: :none, same: :circle, chars: :none]';
const later =
  '[gains: :circle, loses: :any, swaps: {:any, :square}, grows: :round, turns: {:any, :round}, new: :circle, same: :circle, chars: "circle"]';

/** Where dispatch comes from: the protocols in memory, and the folders of consolidated ones in the code path. */
const origins = `
below = fn path -> path |> to_string() |> String.replace(to_string(:code.root_dir()) <> "/", "") end
folders = :code.get_path() |> Enum.with_index() |> Enum.filter(fn {path, _} -> below.(path) =~ "consolidated" end)
files = for protocol <- [Mixy.Gains, Mixy.Loses, Mixy.Swaps, Mixy.Grows, Mixy.Turns, Mixy.New, String.Chars],
  file = :code.which(protocol), file != :non_existing, uniq: true, do: below.(Path.dirname(file))
consolidated = for protocol <- [Mixy.Gains, Mixy.Loses, Mixy.Swaps, Mixy.Grows, Mixy.Turns, Mixy.New, Mixy.Same, String.Chars],
  :code.which(protocol) != :non_existing, do: Protocol.consolidated?(protocol)
IO.inspect({Enum.map(folders, fn {path, at} -> {below.(path), at} end), files, Enum.all?(consolidated)}, width: 1000)`;
const inFolder = (version: string): string => {
  const folder = `lib/../releases/${version}/consolidated`;
  return `{[{"${folder}", 0}], ["${folder}"], true}`;
};

/** Nobody died, and nobody got an answer that neither version gives. */
const onlyBothVersions = `4, [${[
  '{{Mixy.Gains, Mixy.Circle}, :any}',
  '{{Mixy.Gains, Mixy.Circle}, :circle}',
  '{{Mixy.Gains, Mixy.Square}, :any}',
  '{{Mixy.Grows, Mixy.Circle}, :circle}',
  '{{Mixy.Grows, Mixy.Square}, :any}',
  '{{Mixy.Loses, Mixy.Circle}, :any}',
  '{{Mixy.Loses, Mixy.Circle}, :circle}',
  '{{Mixy.Loses, Mixy.Square}, :any}',
  '{{Mixy.Same, Mixy.Circle}, :circle}',
  '{{Mixy.Same, Mixy.Square}, :any}',
  '{{Mixy.Swaps, Mixy.Circle}, :any}',
  '{{Mixy.Swaps, Mixy.Circle}, :circle}',
  '{{Mixy.Swaps, Mixy.Square}, :any}',
  '{{Mixy.Swaps, Mixy.Square}, :square}',
  '{{Mixy.Turns, Mixy.Circle}, :any}',
  '{{Mixy.Turns, Mixy.Circle}, :circle}',
  '{{Mixy.Turns, Mixy.Square}, :any}',
].join(', ')}]`;

test('the package is made without a finding, and holds the folder of the new release', () => {
  expect(upgrade.made.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(
    readFileSync(join(upgrade.node.root, 'releases/0.2.0/consolidated/Elixir.Mixy.New.beam')).length,
  ).not.toBe(0);
});

test('the old dispatch is there before the upgrade', async () => {
  expect(await rpc(answers)).toBe(earlier);
  expect(await rpc(origins)).toBe(inFolder('0.1.0'));
});

test.each([1, 2])('dispatch follows the release up and down, time %i, and no call fails', async () => {
  const up = await install('0.2.0');
  expect(up.printed).toBe(onlyBothVersions);
  expect(up.calls).toBeGreaterThan(1000);
  expect(await rpc(answers)).toBe(later);
  expect(await rpc(origins)).toBe(inFolder('0.2.0'));
  const down = await install('0.1.0');
  expect(down.printed).toBe(onlyBothVersions);
  expect(down.calls).toBeGreaterThan(1000);
  expect(await rpc(answers)).toBe(earlier);
  expect(await rpc(origins)).toBe(inFolder('0.1.0'));
});

test('nothing was reported as an error on the way', () => {
  expect(upgrade.log()).not.toBe('');
  expect(upgrade.log()).not.toMatch(/\[error\]|CRASH|terminating/i);
});

test('a node that boots as either release has what the upgrade had given it', async () => {
  await install('0.2.0');
  await upgrade.restart();
  expect(await rpc(answers)).toBe(later);
  expect(await rpc(origins)).toBe(inFolder('0.2.0'));
  await rpc('Mixy.Clients.start()');
  await install('0.1.0');
  await upgrade.restart();
  expect(await rpc(answers)).toBe(earlier);
  expect(await rpc(origins)).toBe(inFolder('0.1.0'));
});
