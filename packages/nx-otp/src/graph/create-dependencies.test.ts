import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CreateDependenciesContext, ProjectConfiguration } from '@nx/devkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDependencies } from './create-dependencies';
import { createNodes } from './create-nodes';
import { isProjectFile } from './find-projects';
import type { PluginOptions } from './plugin-options';

let workspaceRoot: string;
beforeEach(() => {
  workspaceRoot = mkdtempSync(join(tmpdir(), 'create dependencies '));
});
afterEach(() => {
  rmSync(workspaceRoot, { recursive: true });
});

/** As `SOURCE -> TARGET (FILE)`, of a workspace with these files. */
async function dependenciesOf(files: Record<string, string>, options?: PluginOptions): Promise<string[]> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, path), text);
  }
  const [, create] = createNodes;
  const results = await create(Object.keys(files).filter(isProjectFile), options, {
    workspaceRoot,
    nxJsonConfiguration: {},
  });
  const projects: Record<string, ProjectConfiguration> = {};
  for (const [, result] of results) {
    for (const [root, project] of Object.entries(result.projects ?? {})) {
      projects[project.name ?? ''] = { ...project, root };
    }
  }
  const context: CreateDependenciesContext = {
    workspaceRoot,
    nxJsonConfiguration: {},
    externalNodes: {},
    projects,
    filesToProcess: { nonProjectFiles: [], projectFileMap: {} },
    fileMap: { nonProjectFiles: [], projectFileMap: {} },
  };
  const byDepth = Object.entries(projects).sort(([, a], [, b]) => b.root.length - a.root.length);
  for (const name of Object.keys(projects)) context.fileMap.projectFileMap[name] = [];
  for (const file of Object.keys(files)) {
    const owner = byDepth.find(([, { root }]) => root === '.' || file.startsWith(`${root}/`))?.[0];
    const list =
      owner === undefined ? context.fileMap.nonProjectFiles : context.fileMap.projectFileMap[owner];
    list?.push({ file, hash: '' });
  }
  const dependencies = await createDependencies(options, context);
  return dependencies.map(
    (each) => `${each.source} -> ${each.target}${'sourceFile' in each ? ` (${each.sourceFile ?? ''})` : ''}`,
  );
}

const appSrc = (name: string, applications = '', more = ''): string =>
  `{application, ${name}, [{vsn, "1"}, {applications, [kernel, stdlib${applications}]}${more}]}.`;

it('finds what applications and releases need, and in which file they say so', async () => {
  expect(
    await dependenciesOf({
      'libs/a/src/a.app.src': appSrc('a'),
      'libs/a/include/a.hrl': '',
      'libs/b/src/b.app.src': appSrc('b'),
      'libs/b/src/b_behaviour.erl': '',
      'libs/c/src/c.app.src': appSrc('c'),
      'libs/c/src/deep/c_transform.erl': '',
      'libs/d/src/d.app.src': appSrc('d'),
      'libs/d/include/d.hrl': '',
      'libs/e/src/e.app.src': appSrc('e'),
      'libs/f/src/f.app.src': appSrc('f'),
      'libs/g/src/g.app.src': appSrc('g'),
      'libs/h/src/h.app.src': appSrc('h'),
      'apps/top/src/top.app.src': appSrc(
        'top',
        ', e',
        ', {included_applications, [f]}, {optional_applications, [g, nowhere]}',
      ),
      'apps/top/rebar.config':
        '{deps, [h]}. {erl_opts, [{parse_transform, c_transform}, {i, "../../libs/b/include"}]}.',
      'apps/top/src/top.erl':
        '-behaviour(b_behaviour).\n-behaviour(gen_server).\n-include_lib("a/include/a.hrl").\n-include("../../../libs/d/include/d.hrl").\n',
      'releases/shop/rel/reltool.config':
        '{sys, [{rel, "shop", "1", [kernel, top, {h, load}]}, {boot_rel, "shop"}, {app, g, [{incl_cond, include}]}, {app, f, [{incl_cond, exclude}]}]}.',
      'releases/desk/rebar.config': '{relx, [{release, {desk, "1"}, [top, {e, load}]}]}.',
    }),
  ).toEqual([
    'desk -> e (releases/desk/rebar.config)',
    'desk -> top (releases/desk/rebar.config)',
    'shop -> g (releases/shop/rel/reltool.config)',
    'shop -> h (releases/shop/rel/reltool.config)',
    'shop -> top (releases/shop/rel/reltool.config)',
    'top -> a (apps/top/src/top.erl)',
    'top -> b (apps/top/rebar.config)',
    'top -> b (apps/top/src/top.erl)',
    'top -> c (apps/top/rebar.config)',
    'top -> d (apps/top/src/top.erl)',
    'top -> e (apps/top/src/top.app.src)',
    'top -> f (apps/top/src/top.app.src)',
    'top -> g (apps/top/src/top.app.src)',
    'top -> h (apps/top/rebar.config)',
  ]);
});

it('applications in a release stand for it, or for themselves where they are projects', async () => {
  const files = {
    'shop/rel/reltool.config': '{sys, [{rel, "shop", "1", [front, back]}]}.',
    'shop/apps/front/src/front.app.src': appSrc('front', ', back, money'),
    'shop/apps/back/src/back.app.src': appSrc('back'),
    'libs/money/src/money.app.src': appSrc('money'),
  };
  expect(await dependenciesOf(files)).toEqual(['shop -> money (shop/apps/front/src/front.app.src)']);
  expect(await dependenciesOf(files, { projectsInReleases: true })).toEqual([
    'front -> back (shop/apps/front/src/front.app.src)',
    'front -> money (shop/apps/front/src/front.app.src)',
    'shop -> back (shop/rel/reltool.config)',
    'shop -> front (shop/rel/reltool.config)',
  ]);
});

it('knows the dependencies of mix by their names and by their paths', async () => {
  expect(
    await dependenciesOf({
      'shop/mix.exs': '[apps_path: "apps"]',
      'shop/apps/front/mix.exs':
        '[app: :front, deps: [{:money, path: "../../../libs/money"}, {:codec, "~> 1.0"}]]',
      'libs/money/mix.exs':
        '[app: @name, deps: [{:codec, path: "../codec"}, {:plug, ">= 0.0.0"}]] # {:front, "1"}',
      'libs/codec/src/codec.app.src': appSrc('codec'),
      'libs/coin/mix.exs': '[app: :coin, deps: [{:plug, ">= 0.0.0"}, {:codec, path: "../codec"}]]',
      'libs/coin/mix.lock':
        '%{\n  "mime": {:hex, :mime, "2.0.0", "aa", [:mix], [], "hexpm", "bb"},\n' +
        '  "plug": {:hex, :plug, "1.0.0", "cc", [:mix], [{:mime, "~> 2.0", [hex: :mime, repo: "hexpm", optional: false]}, {:gone, "~> 1.0", [hex: :gone, repo: "hexpm", optional: true]}], "hexpm", "dd"},\n}\n',
    }),
  ).toEqual([
    'coin -> codec (libs/coin/mix.exs)',
    'coin -> hex:plug (libs/coin/mix.exs)',
    'money -> codec (libs/money/mix.exs)',
    'shop -> codec (shop/apps/front/mix.exs)',
    'shop -> money (shop/apps/front/mix.exs)',
    'hex:plug -> hex:mime',
  ]);
});

it('packages of the lock file that counts for a project are what it needs', async () => {
  expect(
    await dependenciesOf({
      'rebar.config': '{deps, [cowboy]}.',
      'rebar.lock': '{"1.2.0",[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"2.9.0">>},0}]}.',
      'apps/web/src/web.app.src': appSrc('web', ', cowboy'),
      'old/web1/src/web1.app.src': appSrc('web1', ', cowboy'),
      'old/web1/rebar.lock': '[{<<"cowboy">>,{pkg,<<"cowboy">>,<<"1.0.0">>},0}].',
    }),
  ).toEqual([
    'web -> hex:cowboy@2.9.0 (apps/web/src/web.app.src)',
    'web1 -> hex:cowboy (old/web1/src/web1.app.src)',
  ]);
});

it('tests that need what needs the application make no circle', async () => {
  expect(
    await dependenciesOf({
      'apps/a/src/a.app.src': appSrc('a'),
      'apps/a/test/a_tests.erl': '-include_lib("b/include/b.hrl").\n-include_lib("c/include/c.hrl").\n',
      'apps/b/src/b.app.src': appSrc('b', ', a'),
      'apps/c/src/c.app.src': appSrc('c'),
    }),
  ).toEqual(['a -> c (apps/a/test/a_tests.erl)', 'b -> a (apps/b/src/b.app.src)']);
});

it('files that cannot be read say nothing, and those of others are not read', async () => {
  expect(
    await dependenciesOf({
      'apps/a/src/a.app.src': '{application, a, [{applications, [b]}',
      'apps/a/rebar.config': 'Deps = [b], {deps, Deps}.',
      'apps/a/deps/x/src/x.erl': '-include_lib("b/include/b.hrl").\n',
      'apps/b/src/b.app.src': appSrc('b'),
      'shop/rel/reltool.config': '{sys, [{rel',
    }),
  ).toEqual([]);
});
