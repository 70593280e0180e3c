import { readTerms, OtpError } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';
import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { describe, expect, it } from 'vitest';
import application from './generator';
import { moduleName } from './elixir-application';
import type { ApplicationGeneratorOptions } from './schema';

function made(options: ApplicationGeneratorOptions, files: Record<string, string> = {}): Tree {
  const tree = createTreeWithEmptyWorkspace();
  for (const [path, text] of Object.entries(files)) tree.write(path, text);
  application(tree, options);
  return tree;
}

function filesIn(tree: Tree, folder: string): string[] {
  return tree
    .listChanges()
    .map(({ path }) => path)
    .filter((path) => path.startsWith(`${folder}/`))
    .map((path) => path.slice(folder.length + 1))
    .sort();
}

function refused(options: ApplicationGeneratorOptions, files: Record<string, string> = {}): string {
  try {
    made(options, files);
  } catch (error) {
    if (error instanceof OtpError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('an application', () => {
  it('of Erlang has a supervisor, a server and a test', () => {
    const tree = made({ directory: 'apps/my_app/' });
    expect(filesIn(tree, 'apps/my_app')).toEqual([
      'rebar.config',
      'src/my_app.app.src',
      'src/my_app_app.erl',
      'src/my_app_server.erl',
      'src/my_app_sup.erl',
      'test/my_app_server_tests.erl',
    ]);
    const resource = tree.read('apps/my_app/src/my_app.app.src') ?? '';
    expect(readTerms(resource, 'my_app.app.src').terms).toHaveLength(1);
  });

  it('of Erlang without a supervisor is a library', () => {
    const tree = made({ directory: 'lib/codec', name: 'my_codec', supervisor: false });
    expect(filesIn(tree, 'lib/codec')).toEqual([
      'rebar.config',
      'src/my_codec.app.src',
      'src/my_codec.erl',
      'test/my_codec_tests.erl',
    ]);
    expect(tree.read('lib/codec/src/my_codec.app.src', 'utf8')).not.toContain('mod,');
  });

  it('leaves the rebar.config to the project that it belongs to', () => {
    expect(filesIn(made({ directory: 'apps/a' }, { 'rebar.config': '' }), 'apps/a')).not.toContain(
      'rebar.config',
    );
  });

  it('is one of Elixir in a mix umbrella, and shares what that shares', () => {
    const tree = made(
      { directory: 'shop/apps/my_app' },
      { 'shop/mix.exs': 'def project, do: [\n apps_path: "apps"]' },
    );
    expect(filesIn(tree, 'shop/apps/my_app')).toEqual([
      '.formatter.exs',
      'lib/my_app/application.ex',
      'lib/my_app/server.ex',
      'mix.exs',
      'test/my_app/server_test.exs',
      'test/test_helper.exs',
    ]);
    expect(tree.read('shop/apps/my_app/mix.exs', 'utf8')).toContain('build_path: "../../_build"');
    const alone = made({ directory: 'other/my_app', language: 'elixir', supervisor: false });
    expect(alone.read('other/my_app/mix.exs', 'utf8')).not.toMatch(/_path|mod:/);
    expect(alone.exists('other/my_app/lib/my_app.ex')).toBe(true);
  });

  it('may lie at the root of the workspace, with a name', () => {
    expect(made({ directory: '.', name: 'dummy' }).exists('src/dummy.app.src')).toBe(true);
    expect(refused({ directory: '.' })).toBe(
      'the root of the workspace gives the application no name. Give --name=NAME, or a folder: nx g nx-otp:application apps/NAME.',
    );
  });

  it.each([
    ['apps/My-App', 'such as my_app.'],
    ['apps/myApp', 'such as my_app.'],
    ['apps/receive', '"receive" cannot be the name of an application.'],
    ['apps/maybe', '"maybe" cannot be'],
    ['apps/1st', 'such as st.'],
    ['apps/größe!', 'such as gro_e.'],
    ['apps/kernel', 'Erlang/OTP or Elixir has an application kernel of its own.'],
    ['nx.json/a', 'this file is there already, and nothing was written: nx.json.'],
    ['apps/a b', 'such as a_b.'],
  ])('is refused when its folder is no name, or cannot be one: %s', (directory, said) => {
    expect(refused({ directory })).toContain(said);
  });

  it.each(['../outside', '/srv/app', 'C:\\app', 'apps/../../x'])(
    'is refused outside of the workspace: %s',
    (directory) => {
      expect(refused({ directory })).toBe(
        `${directory} lies outside of the workspace. Give the folder relative to the root of the workspace, such as apps/dummy.`,
      );
    },
  );

  it('overwrites nothing, and says what lies there', () => {
    expect(refused({ directory: 'apps/a' }, { 'apps/a/README.md': '', 'apps/a/src/b.erl': '' })).toBe(
      'these files are there already, and nothing was written: apps/a/README.md, apps/a/src/b.erl. Move them out of the way, or choose another place.',
    );
    expect(refused({ directory: '.', name: 'a' }, { 'src/a.app.src': '' })).toContain(
      'this file is there already, and nothing was written: src/a.app.src.',
    );
  });
});

describe('the module of an Elixir application', () => {
  it.each([
    ['dummy', 'Dummy'],
    ['my_app', 'MyApp'],
    ['app_2_go', 'App2Go'],
    ['a__b', 'AB'],
  ])('of %s is %s', (name, module) => {
    expect(moduleName(name)).toBe(module);
  });
});
