import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readByBuild } from './build-variables';
import { versionFromGit } from './task-inputs';

let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'build variables '));
});
afterEach(() => {
  rmSync(project, { recursive: true });
});

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
}

it('finds the variables that the build files of mix read, and not those of the node', () => {
  write({
    'mix.exs': `version: System.get_env("VERSION", "0.1.0"), other: System.get_env(name)`,
    'config/prod.exs': `config :a, key: System.fetch_env!("KEY"), host: :os.getenv(~c"HOST")`,
    'config/runtime.exs': `System.fetch_env!("SECRET")`,
    'apps/front/config/config.exs': `"KEY" |> System.get_env()\nSystem.get_env "FRONT"`,
  });
  expect(readByBuild('mix', [project, join(project, 'apps/front')])).toEqual([
    { env: 'FRONT' },
    { env: 'HOST' },
    { env: 'KEY' },
    { env: 'VERSION' },
  ]);
});

it.each([
  ['rebar.config', '{relx, [{release, {shop, git}, [shop]}]}.'],
  ['rebar.config', '{relx, [{release, {shop, "semver"}, [shop]}]}.'],
  ['rebar.config.script', 'Vsn = os:cmd("git describe --tags"), CONFIG.'],
  ['src/shop.app.src', '{application, shop, [{vsn, git}]}.'],
  ['apps/shop/src/shop.app.src', '{application, shop, [{vsn, {git, short}}]}.'],
])('knows that %s takes a version from git: %s', (file, text) => {
  write({ [file]: text });
  expect(readByBuild('rebar3', [project])).toEqual([versionFromGit()]);
});

it('takes no dependency of rebar3 for a version, and finds what a script reads', () => {
  write({
    'rebar.config': '{deps, [{a, {git, "https://example.org/a.git", {tag, "1"}}}]}.',
    'rebar.config.script': 'case os:getenv("SHOP_PLUGINS") of false -> CONFIG; _ -> [] end.',
  });
  expect(readByBuild('rebar3', [project])).toEqual([{ env: 'SHOP_PLUGINS' }]);
});
