import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isMixRelease, isRelx, pathDependencies, pathsIn, readText, rebarPathsIn } from './project-files';

it.each([
  ['def project, do: [app: :a, releases: [a: []]]', true],
  ['[releases: releases()]', true],
  ['[apps_path: "apps", version: "1"]', true],
  ['[app: :a, version: "1"] # releases: later', false],
  ['[app: :a, description: "the # of releases", deps: deps()]', false],
  ['[app: :a, source: "#{x}", releases: []]', true],
  ['[sep: ?#, releases: []]', true],
  ['', false],
])('of the mix.exs %s a release is made: %s', (text, expected) => {
  expect(isMixRelease(text)).toBe(expected);
});

it.each([
  ['{relx, [{release, {a, "1"}, [a]}]}.', true],
  ['{profiles, [{prod, [{relx, []}]}]}.', true],
  ["{ 'relx' ,\n []}.", true],
  ['%% {relx, []}.\n{erl_opts, []}.', false],
  ['{x, "100%"}. {relx, []}.', true],
  ['{x, $%}. {relx, []}.', true],
  ['{deps, [relx]}.', false],
])('of the rebar.config %s a release is made: %s', (text, expected) => {
  expect(isRelx(text)).toBe(expected);
});

it('finds the libraries that are named by a path, theirs, and no path that is not one in the workspace', () => {
  const files: Record<string, string> = {
    'shop/mix.exs': '[{:a, path: "../libs/a"}, {:own, path: "vendor/own"}, {:far, path: "/srv/far"}]',
    'shop/apps/front/mix.exs':
      '[{:b, path: "../../../libs/b", only: :prod}, {:out, path: "../../../../out"}]',
    'shop/vendor/own/mix.exs': '[{:d, path: "../../../libs/d"}]',
    'libs/a/mix.exs': '[{:c, path: "../c"}, {:shop, path: "../../shop"}]',
  };
  const pathsOf = (folder: string): string[] => pathsIn(files[`${folder}/mix.exs`] ?? '');
  expect(pathDependencies(pathsOf, 'shop', ['shop/apps/front'])).toEqual([
    'libs/a',
    'libs/b',
    'libs/c',
    'libs/d',
  ]);
});

it.each([
  ['[{:a, path: "../a"}] # path: b', ['../a']],
  ['[{:a, path: Path.join("..", "a")}]', ['**']],
  ['[{:a, path: "../#{name}"}]', ['**']],
  ['[{:a, path: "../" <> name}]', ['**']],
  ['[{:a, Keyword.put(options, :path, "../a")}]', ['**']],
  ['Code.eval_file("../deps.exs")', ['**']],
  ['[app: :a, apps_path: "apps", deps_path: "../deps"]', []],
])('the paths in the mix.exs %s are %j', (text, expected) => {
  expect(pathsIn(text)).toEqual(expected);
});

it.each([
  ['{project_app_dirs, ["apps/*", "../shared/*"]}. %% "../no"', ['../shared/*']],
  ['{deps, [{a, {path, "../libs/a"}}]}. {x, "a..b"}. {y, "..."}.', ['../libs/a']],
  ['{overlay, [{copy, "files/../../x", "x"}]}.', ['files/../../x']],
  ['filename:join(filename:dirname(filename:dirname(SCRIPT)), "libs")', ['**']],
  ['filename:join(filename:dirname(SCRIPT), "VERSION")', []],
])('the paths in the rebar.config %s are %j', (text, expected) => {
  expect(rebarPathsIn(text)).toEqual(expected);
});

it('counts the whole workspace where a path is computed, by whichever file', () => {
  const files: Record<string, string[]> = { shop: ['../libs/a', '../libs/*'], 'libs/a': ['**'] };
  const pathsOf = (folder: string): string[] => files[folder] ?? [];
  expect(pathDependencies(pathsOf, 'shop', [])).toEqual(['**']);
  files['libs/a'] = [];
  expect(pathDependencies(pathsOf, 'shop', [])).toEqual(['libs/*', 'libs/a']);
});

it('what is no file, or was written by no person, says nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-otp project files ü-'));
  mkdirSync(join(folder, 'a.app.src'));
  symlinkSync('nowhere', join(folder, 'mix.exs'));
  writeFileSync(join(folder, 'small'), 'é');
  writeFileSync(join(folder, 'long'), '[');
  truncateSync(join(folder, 'long'), 1 << 24);
  const texts = ['a.app.src', 'mix.exs', 'none', 'small', 'long'].map((file) => readText(join(folder, file)));
  rmSync(folder, { recursive: true });
  expect(texts).toEqual(['', '', '', 'é', '']);
});
