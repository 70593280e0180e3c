import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateMixRelease, generateUpgrade, installationSteps, type UpgradePackage } from '@nx-otp/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mixSources, scriptedNode, writeFiles, type ScriptedNode } from './support/other-layouts.js';

/**
 * What a release gets when it boots: from config/runtime.exs, which reads variables of the environment, from a file on the
 * node that its release names, and from a provider of its own.
 */
const configured = (version: 1 | 2): Record<string, string> => ({
  'mix.exs': `defmodule Mixy.MixProject do
  use Mix.Project
  def project, do: [app: :mixy, version: "0.${version}.0", releases: [mixy: [
    config_providers: [{Config.Reader, {:system, "RELEASE_ROOT", "/site.exs"}}, {Mixy.Provider, :given_${version}}]
  ]]]
  def application, do: [extra_applications: [:logger, :sasl], mod: {Mixy.Application, []}]
end
`,
  'config/config.exs': `import Config
config :mixy, limit: ${version}0, same: 1, greeting: "compiled"
`,
  'config/runtime.exs': `import Config
if System.get_env("MIXY_BROKEN_0.${version}.0"), do: raise("not configured")
config :mixy, greeting: System.fetch_env!("MIXY_GREETING"), vsn: System.fetch_env!("RELEASE_VSN")
if System.get_env("MIXY_RECOMPILED"), do: config(:mixy, same: 2)
${version === 1 ? 'config :mixy, only_first: :ä' : 'config :mixy, only_second: {System.fetch_env!("MIXY_GREETING"), config_env()}'}
`,
  'lib/mixy/provider.ex': `defmodule Mixy.Provider do
  @behaviour Config.Provider
  def init(arg), do: {:state, arg}
  def load(config, {:state, arg}), do: Config.Reader.merge(config, mixy: [provided: {arg, config[:mixy][:site]}])
end
`,
  'lib/mixy/application.ex': `defmodule Mixy.Application do
  use Application
  @same Application.compile_env(:mixy, :same)
  def same, do: @same
  def start(_, _), do: Supervisor.start_link([Mixy.Server], strategy: :one_for_one)
  def config_change(changed, new, removed) do
    :persistent_term.put(:told, {Enum.sort(changed), Enum.sort(new), Enum.sort(removed)})
  end
end
`,
});

const first =
  '[greeting: "hello", limit: 10, only_first: :ä, provided: {:given_1, "here"}, same: 1, site: "here", vsn: "0.1.0"]';
const second =
  '[greeting: "hello", limit: 20, only_second: {"hello", :prod}, provided: {:given_2, "here"}, same: 1, site: "here", vsn: "0.2.0"]';

let work: string;
let made: UpgradePackage;
let node: ScriptedNode;
const rpc = (expression: string): Promise<string> => node.script('rpc', expression);
const environment = (): Promise<string> =>
  rpc('IO.inspect(Enum.sort(Application.get_all_env(:mixy)), width: 1000)');
const told = (): Promise<string> => rpc('IO.inspect(:persistent_term.get(:told), width: 1000)');
const call = (name: string, version: string): Promise<string> =>
  rpc(`IO.inspect(:release_handler.${name}(~c"${version}"), limit: 50, width: 5000)`);

beforeAll(async () => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp-runtime-')));
  const [base = '', next = ''] = await Promise.all(
    ([1, 2] as const).map(async (version) => {
      const projectRoot = join(work, `project ${version}`);
      const answer = version === 1 ? 'n' : '{:new, n}';
      writeFiles(projectRoot, { ...mixSources(`0.${version}.0`, answer), ...configured(version) });
      const outputPath = join(work, `release ${version}`);
      await generateMixRelease({ projectRoot, outputPath });
      return outputPath;
    }),
  );
  made = await generateUpgrade({
    previousReleases: [base],
    release: next,
    outputPath: join(work, 'upgrade'),
  });
  const name = `runtime_${randomBytes(4).toString('hex')}`;
  node = scriptedNode(base, join(work, 'mixy ü'), 'mixy', {
    RELEASE_NODE: name,
    RELEASE_COOKIE: `${name}_cookie`,
    MIXY_GREETING: 'hello',
  });
  writeFileSync(join(node.root, 'site.exs'), 'import Config\nconfig :mixy, site: "here"\n');
  await node.start();
  const steps = installationSteps(made.layout, 'mixy', '0.2.0');
  copyFileSync(made.path, join(node.root, steps.copyTo));
  await node.command(steps.upgrade[0] ?? '');
});
afterAll(async () => {
  await node.stop();
  rmSync(work, { recursive: true, force: true });
});

test('the package is made without a finding', () => {
  expect(made.diagnostics.filter(({ severity }) => severity !== 'info')).toEqual([]);
});

test('what cannot be configured is not installed, and changes nothing', async () => {
  expect(await environment()).toBe(first);
  await rpc('System.put_env("MIXY_BROKEN_0.2.0", "yes")');
  for (const name of ['check_install_release', 'install_release']) {
    expect(await call(name, '0.2.0')).toMatch(
      /^\{:error, \{:config_providers, ~?c?['"]0\.2\.0['"], \{:error, %RuntimeError\{message: "not configured"\}/,
    );
    expect(await environment()).toBe(first);
  }
  expect(await rpc('IO.inspect({System.get_env("RELEASE_VSN"), Mixy.Server.get()})')).toBe('{"0.1.0", 0}');
  await rpc('System.delete_env("MIXY_BROKEN_0.2.0"); System.put_env("MIXY_RECOMPILED", "yes")');
  expect(await call('install_release', '0.2.0')).toMatch(
    /^\{:error, \{:config_providers, .*(?:aborting boot|has a different value set for key :same)/,
  );
  expect(await environment()).toBe(first.replace('same: 1', 'same: 2'));
  await rpc('System.delete_env("MIXY_RECOMPILED"); Application.put_env(:mixy, :same, 1)');
  expect(await call('check_install_release', '0.2.0')).toMatch(/^\{:ok, /);
  expect(await environment()).toBe(first);
});

test('the new release has its configuration in the end, and callbacks are told what really changed', async () => {
  expect(await call('install_release', '0.2.0')).toMatch(/^\{:ok, /);
  expect(await environment()).toBe(second);
  expect(await told()).toBe(
    '{[limit: 20, provided: {:given_2, "here"}, vsn: "0.2.0"], [only_second: {"hello", :prod}], [:only_first]}',
  );
  expect(await rpc('IO.inspect({System.get_env("RELEASE_VSN"), Mixy.Server.get()})')).toBe(
    '{"0.2.0", {:new, 0}}',
  );
});

test('and so has the old one, on the way back', async () => {
  expect(await call('install_release', '0.1.0')).toMatch(/^\{:ok, /);
  expect(await environment()).toBe(first);
  expect(await told()).toBe(
    '{[limit: 10, provided: {:given_1, "here"}, vsn: "0.1.0"], [only_first: :ä], [:only_second]}',
  );
});

test('a node that boots as the new release has the same', async () => {
  await call('install_release', '0.2.0');
  await call('make_permanent', '0.2.0');
  await node.stop();
  await node.start();
  expect(await environment()).toBe(second);
});
