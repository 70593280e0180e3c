import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileWorkspace } from './compile-workspace';
import { testMix } from './generate-mix-release';
import { testRebar3 } from './generate-relx-release';
import { testApplications, type TestOptions } from './test-applications';

let root: string;
let shown: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-otp tests ü-'));
  shown = '';
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

const show = (text: string): void => {
  shown += text;
};
const test = (folder: string, options: Partial<TestOptions> = {}): Promise<string[]> =>
  testApplications({
    workspaceRoot: root,
    folder,
    outputPath: join(root, folder, 'dist/test'),
    buildPath: join(root, folder, 'dist/build/test'),
    show,
    ...options,
  });

const appSrc = (name: string, applications = 'kernel, stdlib'): string =>
  `{application, ${name}, [{vsn, "1"}, {registered, []}, {applications, [${applications}]}]}.\n`;

/** Tests in the module itself, beside it and in a suite with data; they need `base`, `priv` and the macro TEST. */
const sources = {
  'libs/the base/src/base.app.src': appSrc('base'),
  'libs/the base/include/base.hrl': '-define(BASE, base).\n',
  'libs/the base/src/base.erl': '-module(base).\n-export([one/0]).\none() -> 1.\n',
  'apps/top/src/top.app.src': appSrc('top', 'kernel, stdlib, base'),
  'apps/top/priv/file': 'here',
  'apps/top/src/top.erl':
    '-module(top).\n-export([one/0]).\none() -> base:one().\n' +
    '-ifdef(TEST).\n-include_lib("eunit/include/eunit.hrl").\none_test() -> ?assertEqual(1, one()).\n-endif.\n',
  'apps/top/test/top_tests.erl':
    '-module(top_tests).\n-include_lib("eunit/include/eunit.hrl").\n-include_lib("base/include/base.hrl").\n' +
    'priv_test() -> ?assertMatch({ok, <<"here">>}, file:read_file(filename:join(code:priv_dir(top), "file"))), base = ?BASE.\n' +
    'place_test() -> ?assert(filelib:is_regular("src/top.erl")).\n',
  'apps/top/test/top_SUITE.erl':
    '-module(top_SUITE).\n-include_lib("common_test/include/ct.hrl").\n-export([all/0, starts/1, data/1]).\n' +
    'all() -> [starts, data].\nstarts(_) -> {ok, [base, top]} = application:ensure_all_started(top).\n' +
    'data(Config) -> {ok, [1]} = file:consult(filename:join(?config(data_dir, Config), "one")).\n',
  'apps/top/test/top_SUITE_data/one': '1.\n',
};

it('runs EUnit and Common Test on an application with what it needs, and leaves reports and no beams', async () => {
  await write(sources);
  await compileWorkspace({
    workspaceRoot: root,
    applications: [{ folder: 'libs/the base', libraries: [] }],
  });
  expect(await test('apps/top', { libraries: [join(root, 'libs/the base')] })).toEqual(['top']);
  expect(shown).toContain('All 3 tests passed.');
  expect(shown).toContain('2 ok, 0 failed of 2 test cases');
  const reports = await readdir(join(root, 'apps/top/dist/test'));
  expect(reports.sort()).toEqual(['TEST-top.xml', 'common_test.xml']);
  expect(await readFile(join(root, 'apps/top/dist/test/common_test.xml'), 'utf8')).toContain('tests="2"');
  expect(await stat(join(root, 'apps/top/ebin')).catch(() => 'none')).toBe('none');
}, 120_000);

it('says which tests failed and why, and which could not be run', async () => {
  await write({
    'apps/a/src/a.app.src': appSrc('a'),
    'apps/a/src/a.erl': '-module(a).\n-export([f/0]).\nf() -> 1.\n',
    'apps/a/test/a_tests.erl':
      '-module(a_tests).\n-include_lib("eunit/include/eunit.hrl").\nf_test() -> ?assertEqual(2, a:f()).\n',
    'apps/a/test/a_SUITE.erl':
      '-module(a_SUITE).\n-export([all/0, wrong/1, right/1]).\nall() -> [wrong, right].\nwrong(_) -> exit(because_it_rains).\nright(_) -> ok.\n',
    'apps/a/test/a_other_tests.erl':
      '-module(a_other_tests).\n-include_lib("eunit/include/eunit.hrl").\nok_test() -> ok.\n',
  });
  await expect(test('apps/a')).rejects.toThrow('tests of a failed.');
  expect(shown).toMatch(/in function a_tests[^]*expected,2[^]*a_SUITE:wrong failed:\nbecause_it_rains\n/);
  expect(shown).toMatch(/1 ok, 1 failed of 2 test cases[^]*The pages of Common Test: /);

  shown = '';
  expect(await test('apps/a', { modules: ['a_other_tests'] })).toEqual(['a']);
  expect(shown).not.toContain('Common Test');
  await expect(test('apps/a', { modules: ['a_gone'] })).rejects.toThrow(
    'there is no module a_gone to be tested. Name modules with tests for EUnit, or suites: a_SUITE.',
  );

  await write({ 'apps/a/test/a_other_tests.erl': '-module(a_other_tests).\n' + 'f( -> ok.\n' });
  await expect(test('apps/a')).rejects.toThrow(
    /^apps\/a\/test\/a_other_tests\.erl:2:[^]*1 file did not compile\.$/,
  );
  await write({
    'apps/a/test/a_other_tests.erl': '-module(a_other_tests).\n-export([x_test/0]).\nx_test() -> halt(0).\n',
  });
  await expect(test('apps/a')).rejects.toThrow(
    'the tests of a ended the Erlang VM before they were through: the Erlang VM ended (status 0) without an answer',
  );
}, 120_000);

it('tests every application of a project, those that need each other too, and only those with tests', async () => {
  const moved = Object.entries(sources).map(([path, text]) => [
    path.replace(/^(?:libs|apps)\//, 'shop/apps/'),
    text,
  ]);
  await write(Object.fromEntries(moved) as Record<string, string>);
  await compileWorkspace({
    workspaceRoot: join(root, 'shop'),
    applications: [{ folder: 'apps/the base', libraries: [] }],
  });
  expect(await test('shop')).toEqual(['top']);
}, 120_000);

it('runs the tests of a rebar3 project, of one application or all, and of a mix project', async () => {
  const tests = (name: string, value: number): string =>
    `-module(${name}_tests).\n-include_lib("eunit/include/eunit.hrl").\nvalue_test() -> ?assertEqual(${value}, ${name}:f()).\n`;
  await write({
    'um/rebar.config': '{erl_opts, []}.\n',
    'um/apps/a/src/a.app.src': appSrc('a'),
    'um/apps/a/src/a.erl': '-module(a).\n-export([f/0]).\nf() -> 1.\n',
    'um/apps/a/test/a_tests.erl': tests('a', 1),
    'um/apps/a/test/a_SUITE.erl':
      '-module(a_SUITE).\n-export([all/0, one/1]).\nall() -> [one].\none(_) -> 1 = a:f().\n',
    'um/apps/b/src/b.app.src': appSrc('b'),
    'um/apps/b/src/b.erl': '-module(b).\n-export([f/0]).\nf() -> 1.\n',
    'um/apps/b/test/b_tests.erl': tests('b', 2),
    'mixy/mix.exs':
      'defmodule Mixy.MixProject do\n  use Mix.Project\n  def project, do: [app: :mixy, version: "1.0.0"]\nend\n',
    'mixy/lib/mixy.ex': 'defmodule Mixy do\n  def f, do: 1\nend\n',
    'mixy/test/test_helper.exs': 'ExUnit.start()\n',
    'mixy/test/mixy_test.exs':
      'defmodule MixyTest do\n  use ExUnit.Case\n  test "one" do\n    assert Mixy.f() == 1\n  end\n' +
      '  test "two" do\n    assert Mixy.f() == 2\n  end\nend\n',
  });
  const rebar3 = { projectRoot: join(root, 'um'), buildPath: join(root, 'build/rebar3'), show };
  await testRebar3({ ...rebar3, application: { name: 'a', folder: 'apps/a' } });
  expect(shown).toMatch(/1 tests, 0 failures[^]*All 1 tests passed/);
  await expect(testRebar3(rebar3)).rejects.toThrow(/^rebar3 eunit ended with status 1\.$/);
  expect(await stat(join(root, 'um/_build')).catch(() => 'none')).toBe('none');

  const mix = { projectRoot: join(root, 'mixy'), buildPath: join(root, 'build/mix'), show };
  await expect(testMix(mix)).rejects.toThrow(/^mix test ended with status \d+\.$/);
  expect(shown).toContain('2 tests, 1 failure');
  await testMix({ ...mix, args: ['test/mixy_test.exs:4'] });
  expect(await readdir(join(root, 'mixy'))).toEqual(['lib', 'mix.exs', 'test']);
}, 120_000);
