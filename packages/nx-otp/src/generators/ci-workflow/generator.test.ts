import { OtpError } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import ciWorkflow from './generator';
import type { CiWorkflowGeneratorOptions } from './schema';

async function made(options: CiWorkflowGeneratorOptions, files: Record<string, string> = {}): Promise<Tree> {
  const tree = createTreeWithEmptyWorkspace();
  tree.write('package-lock.json', '{}');
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  await ciWorkflow(tree, options);
  return tree;
}

const yaml = (tree: Tree, file: string): unknown => parse(tree.read(file, 'utf8') ?? '');

function refused(options: CiWorkflowGeneratorOptions, files: Record<string, string> = {}): Promise<string> {
  return made(options, files).then(
    () => 'it was not refused',
    (error: unknown) => {
      if (error instanceof OtpError) return error.message;
      throw error;
    },
  );
}

describe('a workflow', () => {
  it('of GitHub runs what a change affects, up to its upgrade', async () => {
    const tree = await made({ otpVersion: '27.1' });
    expect(yaml(tree, '.github/workflows/ci.yml')).toEqual({
      name: 'CI',
      on: { push: { branches: ['main'] }, pull_request: null },
      permissions: { actions: 'read', contents: 'read' },
      jobs: {
        main: {
          'runs-on': 'ubuntu-latest',
          steps: [
            { uses: 'actions/checkout@v4', with: { 'fetch-depth': 0, filter: 'tree:0' } },
            { uses: 'erlef/setup-beam@v1', with: { 'otp-version': '27.1' } },
            { uses: 'actions/setup-node@v4', with: { 'node-version': '22', cache: 'npm' } },
            { run: 'npm ci' },
            { uses: 'nrwl/nx-set-shas@v4', with: { 'main-branch-name': 'main' } },
            { run: 'npx nx affected -t compile test generate' },
            { run: 'npx nx affected -t generate-upgrade rehearse-upgrade' },
          ],
        },
      },
    });
  });

  it('of GitHub sets up the tools of the projects, in the versions that are pinned', async () => {
    const tree = await made(
      { name: 'Build: all' },
      {
        '.tool-versions': 'erlang 26.2.5 # production\nelixir 1.16.3-otp-26\nnodejs 22.1.0\n',
        'shop/mix.exs': '',
        'shop/apps/a/mix.exs': '',
        'voice mail/mix.exs': '',
        'lib/b/rebar.config': '',
        'nx.json': '{ "defaultBase": "origin/trunk" }',
      },
    );
    const workflow = yaml(tree, '.github/workflows/build-all.yml');
    expect(workflow).toMatchObject({ name: 'Build: all', on: { push: { branches: ['trunk'] } } });
    expect(workflow).toHaveProperty('jobs.main.steps.1.with', {
      'otp-version': '26.2.5',
      'elixir-version': '1.16.3',
      'rebar3-version': '3',
    });
    expect(workflow).toHaveProperty('jobs.main.steps.4.with', {
      path: '~/.cache/rebar3\nshop/deps\nvoice mail/deps\n',
      key: "deps-${{ runner.os }}-${{ hashFiles('**/mix.lock', '**/rebar.lock') }}",
    });
    expect(workflow).toHaveProperty('jobs.main.steps.5', {
      run: 'mix deps.get',
      'working-directory': 'shop',
    });
    expect(workflow).toHaveProperty('jobs.main.steps.6.working-directory', 'voice mail');
  });

  it('of GitLab does the same in an image with Erlang/OTP', async () => {
    const tree = await made({ ci: 'gitlab', otpVersion: '27' });
    expect(yaml(tree, '.gitlab-ci.yml')).toMatchObject({
      image: 'erlang:27-alpine',
      variables: { GIT_DEPTH: '0' },
      main: {
        cache: { key: { files: ['package-lock.json'] }, paths: ['.npm/'] },
        before_script: ['apk add --no-cache git nodejs npm', 'npm ci --cache .npm --prefer-offline'],
        script: [
          'export NX_HEAD=$CI_COMMIT_SHA',
          'export NX_BASE=${CI_MERGE_REQUEST_DIFF_BASE_SHA:-$CI_COMMIT_BEFORE_SHA}',
          'npx nx affected -t compile test generate',
          'npx nx affected -t generate-upgrade rehearse-upgrade',
        ],
      },
    });
    const elixir = await made(
      { ci: 'gitlab', otpVersion: '27.2', elixirVersion: '1.18' },
      { 'a b/mix.exs': '' },
    );
    expect(yaml(elixir, '.gitlab-ci.yml')).toMatchObject({ image: 'elixir:1.18-otp-27-alpine' });
    expect(yaml(elixir, '.gitlab-ci.yml')).toHaveProperty(
      'main.before_script.4',
      '(cd "a b" && mix deps.get)',
    );
  });

  it('overwrites nothing', async () => {
    expect(await refused({ otpVersion: '27' }, { '.github/workflows/ci.yml': 'mine' })).toMatch(
      /^this file is there already, and nothing was written: \.github\/workflows\/ci\.yml\./,
    );
  });

  it.each([
    [
      { otpVersion: '27\n- run: x' },
      'expected a version, found "27\\n- run: x". Give one such as 27 or 25.3.2.',
    ],
    [
      { otpVersion: '27', name: '—' },
      '"—" gives the workflow no file name. Give --name with letters or digits in it.',
    ],
  ])('is refused with a sentence: %j', async (options, said) => {
    expect(await refused(options)).toBe(said);
  });
});
