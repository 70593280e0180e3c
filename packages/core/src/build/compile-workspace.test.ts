import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileWorkspace, type CompileResult } from './compile-workspace';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-otp workspace ü-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
}

const appSrc = (name: string, applications = 'kernel, stdlib'): string =>
  `{application, ${name}, [{description, "x"}, {vsn, "1"}, {registered, []}, {applications, [${applications}]}]}.\n`;

/** `top` needs headers, a behaviour and a parse transform of `base`, which lies in a folder of another name. */
const layers = {
  'rebar.config': "{erl_opts, [{d, 'OF_ALL', 1}]}.",
  'libs/the base/src/base.app.src': appSrc('base'),
  'libs/the base/include/base.hrl': '-record(base, {a}).\n',
  'libs/the base/src/base_behaviour.erl': '-module(base_behaviour).\n-callback run() -> tuple().\n',
  'libs/the base/src/base_transform.erl':
    '-module(base_transform).\n-export([parse_transform/2]).\nparse_transform(Forms, _) -> Forms.\n',
  'apps/top/src/top.app.src': appSrc('top', 'kernel, stdlib, base'),
  'apps/top/rebar.config': "{erl_opts, [{d, 'OWN', 2}]}.",
  'apps/top/src/top.erl':
    '-module(top).\n-behaviour(base_behaviour).\n-compile({parse_transform, base_transform}).\n' +
    '-include_lib("base/include/base.hrl").\n-export([run/0]).\nrun() -> {#base{}, ?OWN, ?OF_ALL}.\n',
};
const base = { folder: 'libs/the base', libraries: [] };
const top = { folder: 'apps/top', libraries: ['libs/the base'] };

const kinds = (results: readonly CompileResult[]): Record<string, string> =>
  Object.fromEntries(results.map(({ folder, kind }) => [folder, kind]));
const messageOf = (results: readonly CompileResult[], folder: string): string => {
  const result = results.find((each) => each.folder === folder);
  return result?.kind === 'failed' ? result.error.message : '';
};
const ebin = async (folder: string): Promise<Record<string, string>> => {
  const files = (await readdir(join(root, folder, 'ebin'))).sort();
  const contents = await Promise.all(
    files.map(async (file) => (await readFile(join(root, folder, 'ebin', file))).toString('base64')),
  );
  return Object.fromEntries(files.map((file, at) => [file, contents[at] ?? '']));
};

it('one by one and all at once give the same bytes, in the order of their needs, and nothing stays beside them', async () => {
  await write(layers);
  const settled: string[] = [];
  const together = await compileWorkspace({
    workspaceRoot: root,
    applications: [top, base],
    settled: ({ folder }) => settled.push(folder),
  });
  expect(kinds(together)).toEqual({ 'libs/the base': 'compiled', 'apps/top': 'compiled' });
  expect(settled).toEqual(['libs/the base', 'apps/top']);
  const made = [await ebin('libs/the base'), await ebin('apps/top')];
  expect(Object.keys(made[0] ?? {})).toEqual(['base.app', 'base_behaviour.beam', 'base_transform.beam']);
  expect(await readdir(join(root, 'apps/top'))).toEqual(['ebin', 'rebar.config', 'src']);

  await rm(join(root, 'apps/top/ebin'), { recursive: true });
  const alone = await compileWorkspace({ workspaceRoot: root, applications: [top] });
  expect(alone).toEqual([
    {
      kind: 'compiled',
      folder: 'apps/top',
      application: { name: 'top', version: '1', ebin: join(root, 'apps/top/ebin'), modules: ['top'] },
      warnings: '',
    },
  ]);
  expect(await ebin('apps/top')).toEqual(made[1]);
});

it('an application that fails takes those that need it with it, and no others', async () => {
  await write({
    ...layers,
    'libs/the base/src/base_broken.erl': '-module(base_broken).\nf( -> ok.\n',
    'libs/other/src/other.app.src': appSrc('other'),
    'libs/other/src/other.erl': '-module(other).\n-export([f/0]).\nf() -> A = 1, ok.\n',
    'libs/unreadable/src/unreadable.app.src': '{application, unreadable, [}.\n',
  });
  const results = await compileWorkspace({
    workspaceRoot: root,
    applications: [
      base,
      top,
      { folder: 'libs/other', libraries: [] },
      { folder: 'libs/unreadable', libraries: [] },
      { folder: 'libs/nothing', libraries: [] },
    ],
  });
  expect(kinds(results)).toEqual({
    'libs/the base': 'failed',
    'apps/top': 'skipped',
    'libs/other': 'compiled',
    'libs/unreadable': 'failed',
    'libs/nothing': 'failed',
  });
  expect(messageOf(results, 'libs/the base')).toMatch(
    /^libs\/the base\/src\/base_broken\.erl:2:\d+: syntax error before: '->'[^]*1 file did not compile\.$/,
  );
  expect(messageOf(results, 'libs/unreadable')).toMatch(/^libs\/unreadable\/src\/unreadable\.app\.src:1:/);
  expect(messageOf(results, 'libs/nothing')).toBe(
    'there is no OTP application in libs/nothing. An application has a file src/NAME.app.src.',
  );
  const other = results.find(({ folder }) => folder === 'libs/other');
  expect(other?.kind === 'compiled' ? other.warnings : '').toContain(
    "libs/other/src/other.erl:3:8: Warning: variable 'A' is unused",
  );
  expect(existsSync(join(root, 'apps/top/ebin'))).toBe(false);
  expect(existsSync(join(root, 'libs/the base/ebin'))).toBe(false);
});

it('no application sees the headers of one that it does not need, whoever is compiled along with it', async () => {
  await write(layers);
  const results = await compileWorkspace({
    workspaceRoot: root,
    applications: [base, { ...top, libraries: [] }],
  });
  expect(messageOf(results, 'apps/top')).toContain('can\'t find include lib "base/include/base.hrl"');
});

it('two applications with a module of the same name are compiled, each with its own', async () => {
  await write({
    'apps/a/src/a.app.src': appSrc('a'),
    'apps/a/src/same.erl': '-module(same).\n-callback a() -> ok.\n',
    'apps/b/src/b.app.src': appSrc('b'),
    'apps/b/src/same.erl': '-module(same).\n-callback b() -> ok.\n',
    'apps/b/src/b.erl': '-module(b).\n-behaviour(same).\n-export([b/0]).\nb() -> ok.\n',
  });
  const results = await compileWorkspace({
    workspaceRoot: root,
    applications: [
      { folder: 'apps/a', libraries: [] },
      { folder: 'apps/b', libraries: [] },
    ],
  });
  expect(results).toMatchObject([
    { kind: 'compiled', folder: 'apps/a' },
    { kind: 'compiled', folder: 'apps/b', warnings: '' },
  ]);
});
