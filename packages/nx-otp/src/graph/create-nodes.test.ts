import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CreateNodesResult, ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completeInputs, type ProjectPlace } from './complete-inputs';
import { createNodes } from './create-nodes';
import type { PluginOptions } from './plugin-options';
import { mixReleaseTargets, rebar3ReleaseTargets, releaseTargets } from './release-targets';

let workspaceRoot: string;
beforeEach(() => {
  workspaceRoot = mkdtempSync(join(tmpdir(), 'create nodes '));
});
afterEach(() => {
  rmSync(workspaceRoot, { recursive: true });
});

function complete(root: string, tool: ProjectPlace['tool'], targets: Record<string, TargetConfiguration>) {
  return completeInputs(targets, { workspaceRoot, root, tool });
}

type Projects = Record<string, Omit<ProjectConfiguration, 'root'>>;

async function resultsOf(
  files: Record<string, string>,
  options?: PluginOptions,
): Promise<CreateNodesResult[]> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, path), text);
  }
  const [, create] = createNodes;
  const results = await create(Object.keys(files), options, { workspaceRoot, nxJsonConfiguration: {} });
  return results.map(([, result]) => result);
}

/** The projects in a workspace with these files, by their folder. */
async function projectsOf(files: Record<string, string>, options?: PluginOptions): Promise<Projects> {
  const results = await resultsOf(files, options);
  return Object.assign({}, ...results.map(({ projects }) => projects ?? {})) as Projects;
}

const targetsOf = async (
  files: Record<string, string>,
  options?: PluginOptions,
): Promise<Record<string, string[]>> =>
  Object.fromEntries(
    Object.entries(await projectsOf(files, options)).map(([root, { targets = {} }]) => [
      root,
      Object.keys(targets),
    ]),
  );

const appSrc = (name: string, applications = ''): string =>
  `{application, ${name}, [{description, "The ${name}"}, {vsn, "1"}, {applications, [${applications}]}]}.`;

it('what describes a release has all targets of one', async () => {
  const projects = await projectsOf({
    'old/rel/reltool.config': '{sys, []}.',
    'old/rebar.config': '{deps, []}.',
    'old/apps/a/src/a.app.src': appSrc('a'),
    'shop/mix.exs': '[apps_path: "apps", releases: []]',
    'shop/apps/front/mix.exs': '[app: :front, deps: [{:money, path: "../../../libs/money"}]]',
    'shop/deps/phoenix/mix.exs': '[app: :phoenix, releases: []]',
    'libs/money/mix.exs': '[app: :money]',
    'libs/codec/rebar.config': '{erl_opts, []}.',
    'switch/rebar.config': '{relx, []}.',
    'dynamic/rebar.config': '{deps, []}.',
    'dynamic/rebar.config.script': '[{relx, []} | CONFIG].',
    'separate/rebar.config': '',
    'separate/relx.config': '{release, {a, "1"}, [a]}.',
    'both/mix.exs': '[releases: []]',
    'both/rebar.config': '{relx, []}.',
  });
  const releases = Object.entries(projects).filter(([root]) => root !== 'libs/money');
  expect(Object.fromEntries(releases.map(([root, { targets }]) => [root, targets]))).toEqual({
    old: complete('old', 'reltool', releaseTargets()),
    shop: complete('shop', 'mix', mixReleaseTargets(['libs/money'])),
    switch: complete('switch', 'rebar3', rebar3ReleaseTargets([])),
    dynamic: complete('dynamic', 'rebar3', rebar3ReleaseTargets([])),
    separate: complete('separate', 'rebar3', rebar3ReleaseTargets([])),
    both: complete('both', 'mix', mixReleaseTargets([])),
  });
  expect(projects['shop']).toMatchObject({ name: 'shop', projectType: 'application' });
  expect(projects['libs/money']).toMatchObject({ name: 'money', projectType: 'library' });
  expect(Object.keys(projects['libs/money']?.targets ?? {})).toEqual(['compile']);
});

it('a release without applications of its own leaves compiling to theirs', async () => {
  const projects = await projectsOf({
    'releases/shop/rel/reltool.config': '{sys, []}.',
    'apps/shop/src/shop.app.src': appSrc('shop'),
  });
  expect(projects['releases/shop']?.targets?.['compile']).toMatchObject({
    executor: 'nx:noop',
    dependsOn: ['^compile'],
  });
  // A release is called like its folder, and no two projects may have one name.
  expect(projects['apps/shop']?.name).toBe('apps-shop');
});

it('a release at the root of the workspace knows the libraries of its umbrella', async () => {
  const projects = await projectsOf({
    'mix.exs': '[apps_path: "apps"]',
    'apps/front/mix.exs': '[app: :front, deps: [{:money, path: "../../libs/money"}]]',
    'libs/money/mix.exs': '[app: :money]',
  });
  expect(Object.keys(projects)).toEqual(['.', 'libs/money']);
});

it('a library outside of the project is among the inputs, without its tests', () => {
  const { inputs } = mixReleaseTargets(['libs/money'])['generate'] ?? {};
  expect(inputs).toEqual(
    expect.arrayContaining([
      '{projectRoot}/**/*',
      '{workspaceRoot}/libs/money/**/*',
      '!{workspaceRoot}/libs/money/{test,_build,dist}/**/*',
      { env: 'MIX_ENV' },
    ]),
  );
});

describe('an application that no release builds', () => {
  it('is compiled, and tested where it has tests, by what it needs for that', async () => {
    const targets = await targetsOf({
      'apps/plain/src/plain.app.src': appSrc('plain'),
      'apps/eunit/src/eunit_in_it.app.src': appSrc('eunit_in_it'),
      'apps/eunit/src/deep/a.erl': '-include_lib("eunit/include/eunit.hrl").',
      'apps/suites/src/suites.app.src': appSrc('suites'),
      'apps/suites/test/a_SUITE.erl': '',
      'libs/web/src/web.app.src': appSrc('web'),
      'libs/web/rebar.config': '{deps, [cowboy, plain]}.',
      'libs/web/test/web_tests.erl': '',
      'libs/own/src/own.app.src': appSrc('own'),
      'libs/own/rebar.config': '{deps, [plain]}.',
      'libs/ex/mix.exs': '[app: :ex]',
      'libs/ex/test/ex_test.exs': '',
    });
    expect(targets).toEqual({
      'apps/plain': ['compile'],
      'apps/eunit': ['compile', 'test'],
      'apps/suites': ['compile', 'test'],
      'libs/web': ['compile', 'test'],
      'libs/own': ['compile'],
      'libs/ex': ['compile', 'test'],
    });
    const projects = await projectsOf({});
    expect(projects).toEqual({});
  });

  it('says who compiles and tests it, what it is and what else it is made of', async () => {
    const projects = await projectsOf({
      'rebar.config': '{erl_opts, []}.',
      'rebar.lock': '',
      'apps/a/src/a.app.src': appSrc('a'),
      'apps/a/test/a_tests.erl': '',
      'libs/b/src/b.app.src': appSrc('b'),
      'libs/b/rebar.lock': '',
    });
    const [a, b] = ['apps/a', 'libs/b'].map((root) => projects[root]);
    expect(a).toMatchObject({
      name: 'a',
      metadata: { technologies: ['erlang'], description: 'The a' },
      targets: {
        compile: {
          executor: 'nx-otp:compile-application',
          dependsOn: ['^compile'],
          cache: true,
          outputs: ['{projectRoot}/ebin', '{projectRoot}/ebin/**/*'],
          inputs: expect.arrayContaining([
            '{workspaceRoot}/rebar.config',
            '{workspaceRoot}/rebar.lock',
            '^{projectRoot}/!(test|dist)/**/*.{erl,hrl,xrl,yrl}',
            { env: 'ERL_COMPILER_OPTIONS' },
          ]) as unknown,
        },
        test: {
          executor: 'nx-otp:test',
          dependsOn: ['^compile'],
          cache: true,
          outputs: ['{options.outputPath}'],
          options: { tool: 'erlc', outputPath: '{projectRoot}/dist/test' },
        },
      },
    });
    expect(b?.targets?.['compile']).toMatchObject({ executor: 'nx-otp:compile', outputs: [] });
    expect(b?.targets?.['compile']?.inputs).not.toContain('{workspaceRoot}/rebar.lock');
    const targets: TargetConfiguration[] = [a, b].flatMap((each) => Object.values(each?.targets ?? {}));
    expect(targets.every(({ metadata }) => metadata?.description !== undefined)).toBe(true);
  });

  it('is a project when its files say nothing that can be read, and what lies in it for tests is none', async () => {
    const targets = await targetsOf({
      'apps/broken/src/broken.app.src': '{application, broken, [',
      'apps/broken/rebar.config': 'Deps = [].',
      'apps/template/src/template.app.src': '{application, template, [{vsn, {{version}}}]}.',
      'apps/broken/test/fixture/src/fixture.app.src': appSrc('fixture'),
      'apps/broken/test/b_SUITE_data/src/data.app.src': appSrc('data'),
      'src/deep/src/deep.app.src': appSrc('deep'),
    });
    expect(Object.keys(targets)).toEqual(['apps/broken', 'apps/template', 'src/deep']);
  });

  it('with the name of another one is called like its folder', async () => {
    const projects = await projectsOf({
      'apps/a/src/a.app.src': appSrc('a'),
      'old/a/src/a.app.src': appSrc('a'),
      'old/b/src/b.app.src': appSrc('b'),
    });
    expect(Object.values(projects).map(({ name }) => name)).toEqual(['apps-a', 'old-a', 'b']);
  });
});

describe('an application that a release builds', () => {
  const umbrella = {
    'rebar.config': '{relx, [{release, {shop, "1"}, [front]}]}.',
    'apps/front/src/front.app.src': appSrc('front'),
    'apps/front/test/front_tests.erl': '',
    'apps/back/src/back.app.src': appSrc('back'),
    'other/free/src/free.app.src': appSrc('free'),
  };

  it('belongs to it, with its tests', async () => {
    const targets = await targetsOf(umbrella);
    expect(Object.keys(targets)).toEqual(['.', 'other/free']);
    expect(targets['.']).toContain('test');
  });

  it('is a project with tests of its own where it has a project.json, and all of its files still count', async () => {
    const projects = await projectsOf({ ...umbrella, 'apps/front/project.json': '{}' });
    expect(Object.keys(projects)).toEqual(['.', 'apps/front', 'other/free']);
    expect(projects['apps/front']?.targets).toMatchObject({
      test: { options: { tool: 'rebar3', application: 'front', umbrella: '.' } },
    });
    for (const target of ['compile', 'generate', 'test']) {
      const inputs = projects['.']?.targets?.[target]?.inputs ?? [];
      expect(inputs).toContain('{workspaceRoot}/**/*');
      expect(JSON.stringify(inputs)).not.toContain('"{projectRoot}');
    }
  });

  it('is a project where the plugin is told so', async () => {
    const targets = await targetsOf(umbrella, { projectsInReleases: true });
    expect(targets['apps/front']).toEqual(['test']);
    expect(targets['apps/back']).toEqual([]);
  });

  it('is compiled by the release before its tests', async () => {
    const projects = await projectsOf(
      {
        'shop/rel/reltool.config': '',
        'shop/apps/a/src/a.app.src': appSrc('a'),
        'shop/apps/a/test/a_tests.erl': '',
      },
      { projectsInReleases: true, compileTargetName: 'build' },
    );
    expect(projects['shop/apps/a']?.targets?.['test']?.dependsOn).toEqual([
      { target: 'build', projects: ['directory:shop'] },
      '^build',
    ]);
  });
});

it('targets have the names that people give them, also where others depend on them', async () => {
  const projects = await projectsOf(
    {
      'shop/rel/reltool.config': '',
      'shop/apps/a/src/a.app.src': appSrc('a'),
      'libs/b/src/b.app.src': appSrc('b'),
    },
    { compileTargetName: 'build', generateAppupsTargetName: 'appups', previousReleaseTargetName: 'base' },
  );
  const targets = projects['shop']?.targets ?? {};
  expect(Object.keys(targets)).toEqual(
    Object.keys(releaseTargets()).map(
      (name) => ({ compile: 'build', 'generate-appups': 'appups', 'previous-release': 'base' })[name] ?? name,
    ),
  );
  expect(targets['generate']?.dependsOn).toEqual(['build', '^build']);
  expect(targets['generate-upgrade']?.dependsOn).toEqual([
    'generate',
    { target: 'base', params: 'forward' },
    { target: 'appups', params: 'forward' },
  ]);
  expect(targets['appups']?.metadata?.help?.command).toBe('nx run PROJECT:appups --help');
  expect(projects['libs/b']?.targets?.['build']?.dependsOn).toEqual(['^build']);
});

it.each<[Record<string, unknown>, string]>([
  [
    { compileName: 'build' },
    'there is no option compileName. There are projectsInReleases, compileTargetName,',
  ],
  [{ compileTargetName: '' }, 'compileTargetName must be the name of a target, and is "".'],
  [{ compileTargetName: 'test' }, 'two targets would be called test'],
])('refuses the options %j', async (options, message) => {
  await expect(async () => resultsOf({ 'a/src/a.app.src': '' }, options as PluginOptions)).rejects.toThrow(
    `nx.json: options of the plugin nx-otp: ${message}`,
  );
});

it('what lock files pin is an external node, named with its version where another one is pinned elsewhere', async () => {
  const results = await resultsOf({
    'rebar.lock': '{"1.2.0",[{<<"cowlib">>,{pkg,<<"cowlib">>,<<"2.11.0">>},1}]}.\n',
    'old/rebar.lock': '[{<<"cowlib">>,{pkg,<<"cowlib">>,<<"1.0.0">>},0}].\n',
    'broken/rebar.lock': '{"1.2.0",',
    'deps/x/mix.lock': '%{"jason": {:hex, :jason, "1.4.0", "ab", [:mix], [], "hexpm", "cd"}}',
  });
  expect(Object.assign({}, ...results.map(({ externalNodes }) => externalNodes ?? {}))).toEqual({
    'hex:cowlib@2.11.0': {
      type: 'hex',
      name: 'hex:cowlib@2.11.0',
      data: { packageName: 'cowlib', version: '2.11.0' },
    },
    'hex:cowlib': { type: 'hex', name: 'hex:cowlib', data: { packageName: 'cowlib', version: '1.0.0' } },
  });
});

it('what a rebar.config names outside of the project is among the inputs, and all there is where it computes', async () => {
  const projects = await projectsOf({
    'switch/rebar.config': '{relx, []}. {project_app_dirs, ["apps/*", "../shared/*"]}.',
    'dynamic/rebar.config': '{relx, []}.',
    'dynamic/rebar.config.script': 'Above = filename:dirname(filename:dirname(SCRIPT)), CONFIG.',
  });
  const inputs = (root: string) => projects[root]?.targets?.['generate']?.inputs;
  expect(inputs('switch')).toContain('{workspaceRoot}/shared/*/**/*');
  expect(inputs('switch')).toContain('!{workspaceRoot}/shared/*/{test,_build,dist}/**/*');
  expect(inputs('dynamic')).toContain('{workspaceRoot}/**/**/*');
});
