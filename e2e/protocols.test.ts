import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateUpgrade, installationSteps, type UpgradePackage } from '@nx-otp/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mixRelease, scriptedNode, type ScriptedNode } from './support/other-layouts.js';
import { protocolSources } from './support/protocol-sources.js';

const work = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp-protocols-')));
const name = `protocols_${randomBytes(4).toString('hex')}`;
let node: ScriptedNode;
let made: UpgradePackage;

const rpc = (expression: string): Promise<string> => node.script('rpc', expression);

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

/** Installs a release between calls of the clients; returns how many calls there were, and all their answers. */
async function install(version: string): Promise<{ calls: number; printed: string }> {
  const printed = await rpc(`
Mixy.Clients.forget()
before = Mixy.Clients.calls()
Process.sleep(200)
{:ok, _, _} = :release_handler.check_install_release(~c"${version}")
{:ok, _, []} = :release_handler.install_release(~c"${version}")
Process.sleep(200)
calls = Mixy.Clients.calls() - before
:ok = :release_handler.make_permanent(~c"${version}")
IO.inspect({calls, Mixy.Clients.alive(), for({protocol, shape, answer} <- Mixy.Clients.seen(),
  do: "#{inspect(protocol)} #{inspect(shape)} #{inspect(answer)}")}, limit: :infinity, width: 5000, printable_limit: :infinity)`);
  const [, calls = '', rest = ''] = /^\{(\d+), (.*)\}$/.exec(printed) ?? [];
  return { calls: Number(calls), printed: rest };
}

/** Nobody died, and nobody got an answer that neither version gives. */
const onlyBothVersions = `4, ${JSON.stringify([
  'Mixy.Gains Mixy.Circle :any',
  'Mixy.Gains Mixy.Circle :circle',
  'Mixy.Gains Mixy.Square :any',
  'Mixy.Grows Mixy.Circle :circle',
  'Mixy.Grows Mixy.Square :any',
  'Mixy.Loses Mixy.Circle :any',
  'Mixy.Loses Mixy.Circle :circle',
  'Mixy.Loses Mixy.Square :any',
  'Mixy.Same Mixy.Circle :circle',
  'Mixy.Same Mixy.Square :any',
  'Mixy.Swaps Mixy.Circle :any',
  'Mixy.Swaps Mixy.Circle :circle',
  'Mixy.Swaps Mixy.Square :any',
  'Mixy.Swaps Mixy.Square :square',
  'Mixy.Turns Mixy.Circle :any',
  'Mixy.Turns Mixy.Circle :circle',
  'Mixy.Turns Mixy.Square :any',
]).replaceAll('","', '", "')}`;

beforeAll(async () => {
  const base = await mixRelease(work, '0.1.0', 'n', protocolSources('earlier'));
  const next = await mixRelease(work, '0.2.0', '{:new, n}', protocolSources('later'));
  node = scriptedNode(base, join(work, 'mixy ü'), 'mixy', {
    RELEASE_NODE: name,
    RELEASE_COOKIE: `${name}_cookie`,
  });
  await node.start();
  const upgrade = () =>
    generateUpgrade({ previousReleases: [node.root], release: next, outputPath: join(work, 'upgrade') });
  // mix writes no RELEASES: the command in the error makes it.
  const message = await upgrade().then(
    () => '',
    (error: unknown) => String(error),
  );
  const [live = ''] = /bin\/mixy rpc '[^']*'/.exec(message) ?? [];
  await node.command(live);
  made = await upgrade();
  const steps = installationSteps(made.layout, 'mixy', '0.2.0');
  copyFileSync(made.path, join(node.root, steps.copyTo));
  await node.command(steps.upgrade[0] ?? '');
  await rpc('Mixy.Clients.start()');
});

afterAll(async () => {
  await node.stop();
  rmSync(work, { recursive: true, force: true });
});

test('the package is made without a finding, and holds the folder of the new release', () => {
  expect(made.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
  expect(readFileSync(join(node.root, 'releases/0.2.0/consolidated/Elixir.Mixy.New.beam')).length).not.toBe(
    0,
  );
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
  const log = readFileSync(join(node.root, 'tmp/log/erlang.log.1'), 'utf8');
  expect(log).not.toBe('');
  expect(log).not.toMatch(/\[error\]|CRASH|terminating/i);
});

test('a node that boots as either release has what the upgrade had given it', async () => {
  await install('0.2.0');
  await node.stop();
  await node.start();
  expect(await rpc(answers)).toBe(later);
  expect(await rpc(origins)).toBe(inFolder('0.2.0'));
  await rpc('Mixy.Clients.start()');
  await install('0.1.0');
  await node.stop();
  await node.start();
  expect(await rpc(answers)).toBe(earlier);
  expect(await rpc(origins)).toBe(inFolder('0.1.0'));
});
