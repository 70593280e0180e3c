import { expect, it } from 'vitest';
import { isMixRelease, isRelx, mixPathDependencies, pathsIn } from './project-files';

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
  expect(mixPathDependencies(pathsOf, 'shop', ['shop/apps/front'])).toEqual([
    'libs/a',
    'libs/b',
    'libs/c',
    'libs/d',
  ]);
});
