import type { ProjectGraph, Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, it, vi } from 'vitest';
import OtpVersionActions from './version-actions';

const mix = (app: string, version: string, deps = ''): string =>
  `def project do [app: :${app}, version: "${version}", deps: [${deps}]] end`;

const files = {
  'libs/money/mix.exs': mix('money', '0.1.0'),
  'libs/front/mix.exs': mix('front', '1.0.0', '{:money, "~> 0.1.0", path: "../money"}, {:jason, "~> 1.4"}'),
  'libs/codec_erl/src/codec.app.src': '{application, codec, [{vsn, "0.1"}]}. % {vsn, "9"}\r\n',
  'shop/rebar.config':
    '{relx, [{release, {shop, "0.1"}, [{codec, "0.1"}]}]}. {deps, [{money, "== 0.1.0"}, {codec, ">= 0.1.0 and < 0.2.0"}]}.',
  'shop/apps/shop/src/shop.app.src': '{application, shop, [{vsn, "0.1"}]}.',
};

const graph = {
  nodes: Object.fromEntries(
    ['libs/money', 'libs/front', 'libs/codec_erl', 'shop'].map((root) => {
      const name = root.replace('libs/', '');
      return [name, { name, type: 'lib', data: { root } }];
    }),
  ),
  dependencies: {},
} as unknown as ProjectGraph;

interface Settings {
  readonly manifestRootsToUpdate?: { path: string; preserveLocalDependencyProtocols: boolean }[];
  readonly versionActionsOptions?: Record<string, unknown>;
  readonly versionPrefix?: string;
  readonly preserveMatchingDependencyRanges?: boolean;
  readonly adjustSemverBumpsForZeroMajorVersion?: boolean;
}

function treeWith(written: Readonly<Record<string, string>> = files): Tree {
  const tree = createTreeWithEmptyWorkspace();
  for (const [file, text] of Object.entries(written)) tree.write(file, text);
  return tree;
}

async function actionsFor(tree: Tree, project: string, settings: Settings = {}): Promise<OtpVersionActions> {
  type Arguments = ConstructorParameters<typeof OtpVersionActions>;
  const actions = new OtpVersionActions(
    { name: 'group' } as unknown as Arguments[0],
    graph.nodes[project] as Arguments[1],
    {
      manifestRootsToUpdate: [],
      versionActionsOptions: {},
      versionPrefix: 'auto',
      preserveMatchingDependencyRanges: true,
      preserveLocalDependencyProtocols: true,
      adjustSemverBumpsForZeroMajorVersion: false,
      ...settings,
    } as unknown as Arguments[2],
  );
  await actions.init(tree);
  await actions.validate(tree);
  return actions;
}

const text = (tree: Tree, file: string): string | null => tree.read(file, 'utf8');

describe('nx release', () => {
  it('reads the version of an application, and writes it where it stands', async () => {
    const tree = treeWith();
    const actions = await actionsFor(tree, 'codec_erl');
    expect(await actions.readCurrentVersionFromSourceManifest(tree)).toEqual({
      currentVersion: '0.1',
      manifestPath: 'libs/codec_erl/src/codec.app.src',
    });
    expect(await actions.updateProjectVersion(tree, '0.2')).toEqual([
      '✍️  New version 0.2 written to manifest: libs/codec_erl/src/codec.app.src',
    ]);
    expect(text(tree, 'libs/codec_erl/src/codec.app.src')).toBe(
      '{application, codec, [{vsn, "0.2"}]}. % {vsn, "9"}\r\n',
    );
    expect(actions.manifestsToUpdate.map(({ manifestPath }) => manifestPath)).toEqual([
      'libs/codec_erl/src/codec.app.src',
    ]);
  });

  it('writes the version of a release, and those of its applications only where it is told to', async () => {
    const tree = treeWith();
    await (await actionsFor(tree, 'shop')).updateProjectVersion(tree, '0.2');
    expect(text(tree, 'shop/rebar.config')).toContain('{release, {shop, "0.2"}, [{codec, "0.1"}]}');
    expect(text(tree, 'shop/apps/shop/src/shop.app.src')).toBe(files['shop/apps/shop/src/shop.app.src']);
    expect(
      (await actionsFor(tree, 'shop')).manifestsToUpdate.map(({ manifestPath }) => manifestPath),
    ).toEqual(['shop/rebar.config', 'shop/apps/shop/src/shop.app.src']);
    const wrong = await actionsFor(tree, 'shop', { versionActionsOptions: { applications: 'all' } });
    expect(() => wrong.updateProjectVersion(tree, '0.3')).toThrow('nx.json: applications is "all"');
    const lockstep = await actionsFor(tree, 'shop', { versionActionsOptions: { applications: 'same' } });
    tree.write('shop/apps/shop/src/shop.app.src', '{application, shop, [{vsn, "0.2"}]}.');
    await lockstep.updateProjectVersion(tree, '0.3');
    expect(text(tree, 'shop/apps/shop/src/shop.app.src')).toBe('{application, shop, [{vsn, "0.3"}]}.');
  });

  it.each([
    ['0.1.0', 'patch', '0.1.1'],
    ['0.1', 'patch', '0.1.1'],
    ['0.1', 'minor', '0.2'],
    ['0.1', 'major', '1.0'],
    ['7', 'major', '8'],
    ['0.1', 'prerelease', '0.1.1-rc.0'],
    ['1.2.3.4', 'patch', '1.2.3.5'],
    ['1.2.3.4', 'R17', 'R17'],
    ['0.1', '0.5', '0.5'],
  ])('makes of %s by %s %s', async (current, specifier, expected) => {
    const actions = await actionsFor(treeWith(), 'codec_erl');
    const { newVersion } = await actions.calculateNewVersion(current, specifier, 'USER_SPECIFIER', {}, 'rc');
    expect(newVersion).toBe(expected);
  });

  it('does by default for 0.x what Nx does', async () => {
    const actions = await actionsFor(treeWith(), 'codec_erl', { adjustSemverBumpsForZeroMajorVersion: true });
    const { newVersion } = await actions.calculateNewVersion('0.1', 'minor', 'USER_SPECIFIER', {}, '');
    expect(newVersion).toBe('0.1.1');
  });

  it.each([
    [
      '1.2.3.4',
      'minor',
      'codec_erl has the version 1.2.3.4, and nobody can say what minor makes of it. Say which version is meant: nx release version VERSION --projects=codec_erl',
    ],
    ['R16B', 'patch', 'codec_erl has the version R16B, and nobody can say what patch makes of it.'],
    ['1', '../2', '"../2" is no version.'],
  ])('does not guess what becomes of %s by %s', async (current, specifier, message) => {
    const actions = await actionsFor(treeWith(), 'codec_erl');
    await expect(actions.calculateNewVersion(current, specifier, 'USER_SPECIFIER', {}, '')).rejects.toThrow(
      message,
    );
  });

  it('says why there is no version, since Nx does not', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const file = 'libs/codec_erl/src/codec.app.src';
    const tree = treeWith({ [file]: '{application, codec, [{vsn, git}]}.' });
    const actions = await actionsFor(tree, 'codec_erl');
    await expect(actions.readCurrentVersionFromSourceManifest(tree)).rejects.toThrow();
    tree.write(file, '{application');
    await expect(actions.readCurrentVersionFromSourceManifest(tree)).rejects.toThrow();
    expect(said.mock.calls).toEqual([
      [
        `${file}:1:29: the version of codec is computed: git. Write it out, or set currentVersionResolver to git-tag in release.version of nx.json.`,
      ],
      [expect.stringMatching(/^libs\/codec_erl\/src\/codec\.app\.src:1:\d+: /)],
    ]);
    said.mockRestore();
  });

  it('leaves a computed version alone', async () => {
    const tree = treeWith({ 'libs/codec_erl/src/codec.app.src': '{application, codec, [{vsn, git}]}.' });
    const actions = await actionsFor(tree, 'codec_erl');
    expect(await actions.updateProjectVersion(tree, '2.0.0')).toEqual([
      '⏩ libs/codec_erl/src/codec.app.src stays as it is: the version of codec is computed: git',
    ]);
  });

  it('updates what others require, by the name of the application', async () => {
    const tree = treeWith();
    const front = await actionsFor(tree, 'front');
    expect(await front.readCurrentVersionOfDependency(tree, graph, 'money')).toEqual({
      currentVersion: '~> 0.1.0',
      dependencyCollection: 'deps',
    });
    expect(await front.readCurrentVersionOfDependency(tree, graph, 'shop')).toEqual({
      currentVersion: null,
      dependencyCollection: null,
    });
    await front.updateProjectDependencies(tree, graph, { money: '~0.1.1' });
    expect(text(tree, 'libs/front/mix.exs')).toBe(files['libs/front/mix.exs']);
    expect(await front.updateProjectDependencies(tree, graph, { money: '~0.2.0' })).toEqual([
      '✍️  money ~> 0.2.0 written to manifest: libs/front/mix.exs',
    ]);
    expect(text(tree, 'libs/front/mix.exs')).toBe(
      files['libs/front/mix.exs'].replace('~> 0.1.0', '~> 0.2.0'),
    );

    const shop = await actionsFor(tree, 'shop');
    expect(await shop.updateProjectDependencies(tree, graph, { money: '0.2.0', codec_erl: '0.2' })).toEqual([
      '✍️  money == 0.2.0 written to manifest: shop/rebar.config',
      '✍️  codec 0.2 written to manifest: shop/rebar.config',
      '⚠️  shop/rebar.config requires codec >= 0.1.0 and < 0.2.0, which leaves 0.2 out: change it by hand',
    ]);
    expect(text(tree, 'shop/rebar.config')).toBe(
      files['shop/rebar.config'].replace('{codec, "0.1"}', '{codec, "0.2"}').replace('== 0.1.0', '== 0.2.0'),
    );
  });

  it('writes where the configuration wants it, and refuses a folder without a manifest', async () => {
    const root = (path: string) => ({ path, preserveLocalDependencyProtocols: true });
    const tree = treeWith({
      ...files,
      'out/codec_erl/src/codec.app.src': '{application, codec, [{vsn, "0"}]}.',
    });
    const actions = await actionsFor(tree, 'codec_erl', {
      manifestRootsToUpdate: [root('out/{projectName}')],
    });
    await actions.updateProjectVersion(tree, '3');
    expect(text(tree, 'out/codec_erl/src/codec.app.src')).toBe('{application, codec, [{vsn, "3"}]}.');
    expect(text(tree, 'libs/codec_erl/src/codec.app.src')).toBe(files['libs/codec_erl/src/codec.app.src']);
    await expect(
      actionsFor(tree, 'codec_erl', { manifestRootsToUpdate: [root('{projectRoot}/none')] }),
    ).rejects.toThrow(
      'the project codec_erl has none of rel/reltool.config, mix.exs, rebar.config, relx.config, src/*.app.src in libs/codec_erl/none',
    );
  });
});
