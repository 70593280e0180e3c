import type { ProjectGraph, Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import type { NeededVersion, NeededVersions } from '@nx-otp/core';
import { expect, it } from 'vitest';
import { builtReleases, writeNeededVersions } from './bump-versions';

const app = (name: string, version: string): string => `{application, ${name}, [{vsn, "${version}"}]}.`;
const reltool = (release: string, pin = '0.1'): string =>
  `{sys, [{rel, "shop", "${release}", [shop]}, {boot_rel, "shop"}, {app, codec, [{vsn, "${pin}"}]}]}.`;

function graphOf(roots: Readonly<Record<string, string>>): ProjectGraph {
  const nodes = Object.entries(roots).map(([name, root]) => [
    name,
    { name, type: 'app' as const, data: { root } },
  ]);
  return { nodes: Object.fromEntries(nodes) as ProjectGraph['nodes'], dependencies: {} };
}

const need = (name: string, version: string, ...taken: string[]): NeededVersion => ({
  name,
  version,
  because: `${name} differs.`,
  taken: new Set([version, ...taken]),
});

function treeWith(files: Readonly<Record<string, string>>): Tree {
  const tree = createTreeWithEmptyWorkspace();
  for (const [file, text] of Object.entries(files)) tree.write(file, text);
  return tree;
}

const shop = { root: 'shop' };
const graph = graphOf({ shop: 'shop', codec: 'libs/codec' });
const files = {
  'shop/rel/reltool.config': reltool('0.1'),
  'shop/apps/shop/src/shop.app.src': app('shop', '0.1'),
  'libs/codec/src/codec.app.src': app('codec', '0.1'),
};

function write(tree: Tree, needed: Partial<NeededVersions>, isCurrent?: (folder: string) => boolean) {
  return writeNeededVersions(
    tree,
    graph,
    shop,
    { release: undefined, applications: [], ...needed },
    isCurrent,
  );
}

it('an application gets the next version that no previous release has, in whatever project it lies', () => {
  const tree = treeWith(files);
  expect(write(tree, { applications: [need('codec', '0.1', '0.1.1'), need('shop', '0.1')] })).toEqual({
    bumped: ['codec 0.1 -> 0.1.2: codec differs.', 'shop 0.1 -> 0.1.1: shop differs.'],
    left: [],
  });
  expect(tree.read('libs/codec/src/codec.app.src', 'utf8')).toBe(app('codec', '0.1.2'));
  expect(tree.read('shop/apps/shop/src/shop.app.src', 'utf8')).toBe(app('shop', '0.1.1'));
  expect(tree.read('shop/rel/reltool.config', 'utf8')).toBe(reltool('0.1', '0.1.2'));
});

it('an application is found wherever it lies in the project', () => {
  const tree = treeWith({ ...files, 'shop/components/deep/src/deep.app.src': app('deep', '2') });
  expect(write(tree, { applications: [need('deep', '2')] }).bumped).toEqual([
    'deep 2 -> 2.0.1: deep differs.',
  ]);
  expect(tree.read('shop/components/deep/src/deep.app.src', 'utf8')).toBe(app('deep', '2.0.1'));
});

it('the release gets one, too', () => {
  const tree = treeWith(files);
  expect(write(tree, { release: need('shop', '0.1', '0.1.1', '0.1.2') }).bumped).toEqual([
    'release shop 0.1 -> 0.1.3: shop differs.',
  ]);
  expect(tree.read('shop/rel/reltool.config', 'utf8')).toBe(reltool('0.1.3'));
});

it('an application and the release of its mix.exs are raised once', () => {
  const mix = (version: string): string =>
    `def project do [app: :shop, version: "${version}", releases: [shop: []]] end`;
  const tree = treeWith({ 'shop/mix.exs': mix('0.1.0') });
  expect(
    write(tree, { release: need('shop', '0.1.0'), applications: [need('shop', '0.1.0')] }).bumped,
  ).toEqual(['shop 0.1.0 -> 0.1.1: shop differs.']);
  expect(tree.read('shop/mix.exs', 'utf8')).toBe(mix('0.1.1'));
});

it('what has a new version since it was built, or is newer, is left alone', () => {
  const tree = treeWith(files);
  const needed = { release: need('shop', '0.0'), applications: [need('codec', '0.0'), need('shop', '0.1')] };
  const asked: string[] = [];
  const result = write(tree, needed, (folder) => {
    asked.push(folder);
    return folder === 'libs/codec' || folder === 'shop';
  });
  expect(result).toEqual({ bumped: [], left: [] });
  expect(asked).toEqual(['libs/codec', 'shop/apps/shop', 'shop']);
});

it('what only a person can decide is said', () => {
  const tree = treeWith({
    'shop/rel/reltool.config': reltool('R16B'),
    'libs/codec/src/codec.app.src': '{application, codec, [{vsn, git}]}.',
  });
  const needed = {
    release: need('shop', 'R16B'),
    applications: [need('codec', '0.1'), need('cowboy', '2.9.0')],
  };
  expect(write(tree, needed)).toEqual({
    bumped: [],
    left: [
      'codec differs. libs/codec/src/codec.app.src: the version of codec is computed: git.',
      'cowboy differs. It is no source of a project here: build both releases from the same cowboy.',
      'shop differs. Nobody can say what comes after R16B.',
    ],
  });
});

it('looks where the targets put what they make', () => {
  const targets = {
    generate: { executor: 'nx-otp:generate', options: { outputPath: '{projectRoot}/dist/release' } },
    base: { executor: 'nx-otp:previous-release', options: { outputPath: 'out/base' } },
  };
  expect(builtReleases({ root: 'shop', targets }, '/ws')).toEqual({
    release: '/ws/shop/dist/release',
    previous: '/ws/out/base',
  });
  expect(builtReleases({ root: 'shop', targets: { generate: targets.generate } }, '/ws')).toBeUndefined();
});
