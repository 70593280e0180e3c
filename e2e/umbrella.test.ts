import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import { installationSteps } from '@nx-otp/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeScratchWorkspace, type ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { succeeding } from './support/dummy-workspace.js';
import { scriptedNode, writeFiles } from './support/other-layouts.js';

const node = `umbrella_${randomBytes(4).toString('hex')}`;

/** The release `shop` of the applications `front`, which keeps a number and has `back` print it. */
const sources = (front: number, back: number): Record<string, string> => ({
  'mix.exs': `defmodule Shop.MixProject do
  use Mix.Project
  def project do
    [apps_path: "apps", version: "0.${front}.0",
     releases: [shop: [version: "0.${front}.0", applications: [front: :permanent]]]]
  end
end
`,
  'apps/front/mix.exs': application(
    'front',
    front,
    ', mod: {Front.Application, []}',
    '{:back, in_umbrella: true}',
  ),
  'apps/back/mix.exs': application('back', back, '', ''),
  'apps/back/lib/back.ex': `defmodule Back do
  def print(n), do: {:back, ${back}, n}
end
defprotocol Back.Shown do
  def shown(x)
end
`,
  'apps/front/lib/front.ex': `defmodule Front.Application do
  use Application
  def start(_, _), do: Supervisor.start_link([Front], strategy: :one_for_one)
end
defmodule Front.Item do
  defstruct [:n]
end
${front > 1 ? 'defimpl Back.Shown, for: Front.Item do\n  def shown(item), do: {:shown, item.n}\nend' : ''}
defmodule Front do
  use GenServer
  def start_link(_), do: GenServer.start_link(__MODULE__, 0, name: __MODULE__)
  def init(n), do: {:ok, n}
  def handle_call(:get, _, n), do: {:reply, {${front}, Back.print(n)${front > 1 ? ', Back.Shown.shown(%Front.Item{n: n})' : ''}}, n}
  def handle_call({:set, n}, _, _), do: {:reply, :ok, n}
end
`,
});

function application(name: string, version: number, more: string, dependencies: string): string {
  return `defmodule ${name.toUpperCase()}.MixProject do
  use Mix.Project
  def project do
    [app: :${name}, version: "0.${version}.0", build_path: "../../_build", deps_path: "../../deps",
     lockfile: "../../mix.lock", deps: [${dependencies}]]
  end
  def application, do: [extra_applications: [:logger]${more}]
end
`;
}

/** What the node answers in each version of the release. */
const answers = [
  '',
  '{1, {:back, 1, 7}}',
  '{2, {:back, 2, 7}, {:shown, 7}}',
  '{3, {:back, 2, 7}, {:shown, 7}}',
];

let workspace: ScratchWorkspace;
const bases: string[] = [];

beforeAll(async () => {
  workspace = await makeScratchWorkspace('umbrella');
  writeFiles(workspace.folder, {
    'nx.json': '{ "plugins": ["nx-otp"], "analytics": false, "neverConnectToCloud": true }',
  });
  const project = join(workspace.folder, 'shop');
  for (const [release, back] of [
    [1, 1],
    [2, 2],
    // The version of back stays, and so do its files.
    [3, 2],
  ] as const) {
    writeFiles(project, sources(release, back));
    if (release > 1) {
      const given = bases.map((base) => `--previousReleases=${base}`);
      await succeeding(workspace.nx(['run', 'shop:generate-upgrade', ...given]));
      copyFileSync(
        join(project, 'dist/upgrade', `shop_0.${release}.0.tar.gz`),
        join(workspace.folder, `shop_0.${release}.0.tar.gz`),
      );
    }
    await succeeding(workspace.nx(['run', 'shop:generate']));
    const kept = join(workspace.folder, `release ${release}`);
    cpSync(join(project, 'dist/release'), kept, { recursive: true });
    bases.push(kept);
  }
});
afterAll(() => {
  workspace.remove();
});

const up = (version: number): readonly [direction: 'up', version: number] => ['up', version];
const down = (version: number): readonly [direction: 'down', version: number] => ['down', version];

test.each([
  ['from one version to the next and back', [up(2), up(3), down(2), down(1)]],
  ['over one version and back', [up(3), down(1)]],
])('a mix umbrella goes %s, and keeps its state', async (_, steps) => {
  const live = scriptedNode(bases[0] ?? '', join(workspace.folder, 'live'), 'shop', {
    RELEASE_NODE: node,
    RELEASE_COOKIE: node,
  });
  try {
    await live.start();
    await live.script('rpc', 'GenServer.call(Front, {:set, 7})');
    for (const [direction, version] of steps) {
      const name = `0.${version}.0`;
      if (direction === 'up') {
        const { copyTo, upgrade } = installationSteps('mix', 'shop', name);
        copyFileSync(join(workspace.folder, `shop_${name}.tar.gz`), join(live.root, copyTo));
        for (const line of upgrade) expect(await live.command(line)).not.toContain('error');
      } else {
        const { downgrade } = installationSteps('mix', 'shop', '0.3.0');
        for (const line of downgrade(name)) expect(await live.command(line)).not.toContain('error');
      }
      expect(await live.script('rpc', 'IO.inspect(GenServer.call(Front, :get))')).toBe(answers[version]);
    }
  } finally {
    await live.stop();
  }
});
