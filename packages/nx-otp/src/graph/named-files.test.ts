import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { elixirTexts, erlangTexts, keepsSources, namedFiles } from './named-files';

let workspaceRoot: string;
beforeEach(() => {
  workspaceRoot = mkdtempSync(join(tmpdir(), 'named files '));
});
afterEach(() => {
  rmSync(workspaceRoot, { recursive: true });
});

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, path), text);
  }
}

it('finds headers of others, and those that these include', () => {
  write({
    'shop/apps/cart/src/cart.erl':
      '-include("../../../../shared/a.hrl"). %% -include("../../../../shared/no.hrl").',
    'shared/a.hrl': '-include("more/b.hrl").',
    'shared/more/b.hrl': '-include("../c.hrl").',
    'shared/c.hrl': '-include("../shop/apps/cart/include/own.hrl").',
    'shared/no.hrl': '',
    'shop/rebar.config': '{erl_opts, [{i, "../headers"}, {i, "../nowhere"}]}.',
    'headers/h.hrl': '',
  });
  expect(namedFiles(workspaceRoot, 'shop', erlangTexts)).toEqual({
    forSources: ['headers/**/*', 'shared/a.hrl', 'shared/c.hrl', 'shared/more/b.hrl'],
    forRelease: [],
    libraries: [],
    docs: false,
    environment: [],
  });
});

it('finds what overlays take from elsewhere, and libraries that were built', () => {
  write({
    'shop/rel/reltool.config': `{sys, [{lib_dirs, ["../apps", "../../vendor", "/usr/lib"]}, {app, x, [{lib_dir, "../../one"}]},
      {profile, embedded}]}. {overlay, [{copy, "../../shared/{{rel_vsn}}/x", "x"}, {copy, "../../shared", "y"}, {copy, "../..", "z"}]}.`,
    'shared/x': '',
  });
  expect(namedFiles(workspaceRoot, 'shop', erlangTexts)).toMatchObject({
    forSources: [],
    forRelease: ['shared/**/*', 'shared/*/x'],
    libraries: ['one/{ebin,include,priv}/**/*', 'vendor/*/{ebin,include,priv}/**/*'],
  });
});

it('takes of those libraries the ones that the release is made of, where it says so', () => {
  const sys = '{lib_dirs, ["../../vendor"]}, {incl_cond, exclude}, {rel, "a", "1", [kernel, words]}';
  write({ 'shop/rel/reltool.config': `{sys, [${sys}, {app, other, [{incl_cond, include}]}]}.` });
  expect(namedFiles(workspaceRoot, 'shop', erlangTexts).libraries).toEqual([
    'vendor/{kernel,kernel-*}/{ebin,include,priv,src}/**/*',
    'vendor/{other,other-*}/{ebin,include,priv,src}/**/*',
    'vendor/{words,words-*}/{ebin,include,priv,src}/**/*',
  ]);
});

it('finds what modules of Elixir read while they are compiled', () => {
  write({
    'shop/lib/shop.ex':
      '@external_resource Path.join(__DIR__, "../../data/x.csv")\n@key System.get_env("KEY")',
    'shop/lib/run.ex': 'def key, do: System.get_env("AT_RUN_TIME")',
    'data/x.csv': '',
  });
  expect(namedFiles(workspaceRoot, 'shop', elixirTexts)).toMatchObject({
    forSources: ['data/x.csv'],
    environment: ['KEY'],
  });
});

it.each([
  ['lib/a.ex', '@moduledoc File.read!("README.md")', true],
  ['lib/a.ex', '@moduledoc "See README.md."', false],
  ['mix.exs', 'docs: [extras: ["README.md"]]', false],
  ['mix.exs', 'description: File.read!("README.md")', true],
])('whether %s with %s reads documentation: %j', (file, text, expected) => {
  write({ [`shop/${file}`]: text });
  expect(namedFiles(workspaceRoot, 'shop', elixirTexts).docs).toBe(expected);
});

it.each([
  ['{profile, embedded}', false],
  ['{profile, standalone}', false],
  ['{profile, development}', true],
  ['', true],
  ['{profile, embedded}, {incl_app_filters, ["doc"]}', true],
])('whether reltool keeps sources with %s: %j', (text, expected) => {
  expect(keepsSources(text)).toBe(expected);
});
