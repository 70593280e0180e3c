import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CreateNodesResult } from '@nx/devkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNodes } from './create-nodes';
import { mixReleaseTargets, rebar3ReleaseTargets, releaseTargets } from './release-targets';

let workspaceRoot: string;
beforeEach(() => {
  workspaceRoot = mkdtempSync(join(tmpdir(), 'create nodes '));
});
afterEach(() => {
  rmSync(workspaceRoot, { recursive: true });
});

/** The projects in a workspace with these files, by their folder. */
async function projectsOf(
  files: Record<string, string>,
): Promise<Record<string, NonNullable<CreateNodesResult['projects']>[string]>> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(workspaceRoot, path)), { recursive: true });
    writeFileSync(join(workspaceRoot, path), text);
  }
  const [, create] = createNodes;
  const results = await create(Object.keys(files), undefined, { workspaceRoot, nxJsonConfiguration: {} });
  return Object.assign({}, ...results.map(([, { projects }]) => projects ?? {})) as Record<
    string,
    NonNullable<CreateNodesResult['projects']>[string]
  >;
}

it('what describes a release is a project, and nothing else is', async () => {
  const projects = await projectsOf({
    'old/rel/reltool.config': '{sys, []}.',
    'old/rebar.config': '{deps, []}.',
    'shop/mix.exs': '[apps_path: "apps", releases: []]',
    'shop/apps/front/mix.exs': '[app: :front, deps: [{:money, path: "../../../libs/money"}]]',
    'shop/deps/phoenix/mix.exs': '[releases: []]',
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
  const targets = Object.fromEntries(
    Object.entries(projects).map(([root, project]) => [root, project.targets]),
  );
  expect(targets).toEqual({
    old: releaseTargets(),
    shop: mixReleaseTargets(['libs/money']),
    switch: rebar3ReleaseTargets([]),
    dynamic: rebar3ReleaseTargets([]),
    separate: rebar3ReleaseTargets([]),
    both: mixReleaseTargets([]),
  });
  expect(projects['shop']?.name).toBe('shop');
});

it('a release at the root of the workspace knows the libraries of its umbrella', async () => {
  const projects = await projectsOf({
    'mix.exs': '[apps_path: "apps"]',
    'apps/front/mix.exs': '[deps: [{:money, path: "../../libs/money"}]]',
    'libs/money/mix.exs': '[app: :money]',
  });
  expect(Object.keys(projects)).toEqual(['.']);
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
