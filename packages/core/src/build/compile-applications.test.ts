import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileApplications } from './compile-applications';

const dummy = join(__dirname, '..', '..', '..', '..', 'e2e', 'dummy');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp compile ü-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const root = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return root;
}

const appSrc = (name: string, applications = 'kernel, stdlib', vsn = '"1"'): string =>
  `{application, ${name}, [{description, "x"}, {vsn, ${vsn}}, {registered, []}, {applications, [${applications}]}]}.\n`;

const contents = async (root: string): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(path.slice(root.length + 1), (await readFile(path)).toString('base64'));
  }
  return found;
};

/** Needs everything that has an order: yecc, leex, a behaviour, a parse transform with a module it calls, include_lib. */
const ordered = {
  'rebar.config': '{erl_opts, [warnings_as_errors, {d, \'LIMIT\', 3}, {platform_define, "^2", modern}]}.',
  'apps/aa/src/aa.app.src': appSrc('aa', 'kernel, stdlib, zz'),
  'apps/aa/rebar.config': "{erl_opts, [{d, 'LIMIT', 4}]}.",
  'apps/aa/src/aa.erl':
    '-module(aa).\n-behaviour(zz).\n-compile({parse_transform, zz_transform}).\n-include_lib("zz/include/zz.hrl").\n' +
    '-include("aa.hrl").\n-export([run/0, file/0, limit/0]).\nrun() -> #zz{a = replaced_by_transform}.\nfile() -> {?FILE, ?HRL_FILE}.\n' +
    '-ifdef(modern).\nlimit() -> ?LIMIT.\n-endif.\n',
  'apps/aa/include/aa.hrl': '-define(HRL_FILE, ?FILE).\n',
  'apps/aa/src/deep/er/aa_parser.yrl':
    "Nonterminals e.\nTerminals a.\nRootsymbol e.\ne -> a : value('$1').\nErlang code.\nvalue({a, Line}) -> Line.\n",
  'apps/aa/src/aa_scanner.xrl': 'Definitions.\nRules.\na : {token, {a, TokenLine}}.\nErlang code.\n',
  'apps/other_name/src/zz.app.src': appSrc('zz'),
  'apps/other_name/src/zz.erl': '-module(zz).\n-callback run() -> tuple().\n',
  'apps/other_name/include/zz.hrl': '-record(zz, {a}).\n',
  'apps/other_name/src/zz_transform.erl':
    '-module(zz_transform).\n-export([parse_transform/2]).\nparse_transform(Forms, _) -> zz_walk:walk(Forms).\n',
  'apps/other_name/src/zz_walk.erl':
    '-module(zz_walk).\n-export([walk/1]).\nwalk({atom, L, replaced_by_transform}) -> {atom, L, done};\n' +
    'walk(T) when is_tuple(T) -> list_to_tuple(walk(tuple_to_list(T)));\nwalk([H | T]) -> [walk(H) | walk(T)];\nwalk(T) -> T.\n',
};

describe('compiling the applications of a project', () => {
  it('makes the beams and the .app of the dummy', async () => {
    const root = join(folder, 'dummy');
    await cp(dummy, root, { recursive: true, filter: (path) => !/(^|\/)(ebin|dist|\.nx)$/.test(path) });
    const { applications, warnings } = await compileApplications({ projectRoot: root });
    const ebin = join(root, 'apps/dummy/ebin');
    expect(warnings).toBe('');
    expect(applications).toEqual([
      {
        name: 'dummy',
        version: '0.2',
        ebin,
        modules: ['dummy_app', 'dummy_history', 'dummy_server', 'dummy_sup'],
      },
    ]);
    expect(await readFile(join(ebin, 'dummy.app'), 'utf8')).toBe(
      `%% coding: utf-8
{application, dummy,
 [{description, "Keeps one value, and remembers those before it"},
  {vsn, "0.2"},
  {modules, [dummy_app, dummy_history, dummy_server, dummy_sup]},
  {registered, [dummy_sup, dummy_server]},
  {applications, [kernel, stdlib, sasl]},
  {env, [{initial_state, 0}]},
  {mod, {dummy_app, []}}]}.
`,
    );
    expect((await readdir(ebin)).sort()).toEqual([
      'dummy.app',
      'dummy_app.beam',
      'dummy_history.beam',
      'dummy_server.beam',
      'dummy_sup.beam',
    ]);
    expect(await readdir(join(root, 'apps/dummy'))).toEqual(['ebin', 'src']);
  });

  it('gives the same bytes wherever the project lies, each module after those its compilation needs', async () => {
    const one = await project('one', ordered);
    const two = await project('two and ö/deeper', ordered);
    const { applications } = await compileApplications({ projectRoot: one });
    expect(applications.map(({ name }) => name)).toEqual(['zz', 'aa']);
    await compileApplications({ projectRoot: two });
    const files = await contents(one);
    expect(await contents(two)).toEqual(files);
    expect([...files.keys()].filter((path) => path.includes('/aa/') && !(path in ordered)).sort()).toEqual([
      'apps/aa/ebin/aa.app',
      'apps/aa/ebin/aa.beam',
      'apps/aa/ebin/aa_parser.beam',
      'apps/aa/ebin/aa_scanner.beam',
    ]);
    const program =
      '{ok, T, _} = aa_scanner:string("a"), {ok, 1} = aa_parser:parse(T), ' +
      'io:format("~p", [{aa:run(), aa:file(), aa:limit(), is_list(proplists:get_value(source, aa:module_info(compile), none))}]), halt().';
    expect(
      execFileSync('erl', [
        '-noshell',
        '-noinput',
        '-pa',
        join(one, 'apps/aa/ebin'),
        '-eval',
        program,
      ]).toString(),
    ).toBe('{{zz,done},{"aa.erl","aa.erl"},4,false}');
  });

  it('prints the errors of all files exactly as erlc does, and changes nothing', async () => {
    const root = await project('broken', {
      'src/broken.app.src': appSrc('broken'),
      'src/fine.erl': '-module(fine).\n-export([f/0]).\nf() -> Unused = "ü".\n',
      'src/bad.erl': '-module(bad).\n-include("bad.hrl").\n-export([f/0]).\nf() -> g().\n',
      'include/bad.hrl': 'h() -> undefined_function().\n',
      'src/worse.erl': '-module(worse).\nf( -> ok.\n',
      'src/grammar.yrl': 'Nonterminals e.\ne -> nothing.\n',
      'ebin/old.beam': 'old',
    });
    const erlc = (file: string): string => {
      const args = ['+debug_info', '-I', 'include', '-o', folder, file];
      const { stdout } = spawnSync('erlc', args, { cwd: root, encoding: 'latin1' });
      // erlc makes the folders of headers absolute.
      return stdout.replaceAll(`${root}/`, '');
    };
    const expected = ['src/bad.erl', 'src/fine.erl', 'src/grammar.yrl', 'src/worse.erl'].map(erlc).join('');
    expect(expected).toContain('src/bad.erl:4:8: function g/0 undefined\n');
    expect(expected).toContain('include/bad.hrl:1:8: function undefined_function/0 undefined\n');
    await expect(compileApplications({ projectRoot: root })).rejects.toMatchObject({
      code: 'compile-failed',
      message: `${expected}3 files did not compile.`,
    });
    expect((await readdir(root)).sort()).toEqual(['ebin', 'include', 'src']);
    expect(await readdir(join(root, 'ebin'))).toEqual(['old.beam']);
    expect((await readdir(join(root, 'src'))).length).toBe(5);
  });

  it('names the file of a module with another name, and the resource file of a callback that is missing', async () => {
    const other = await project('other', {
      'src/other.app.src': appSrc('other'),
      'src/one_new.erl': '-module(one_newer).\n',
    });
    await expect(compileApplications({ projectRoot: other })).rejects.toMatchObject({
      message:
        'src/one_new.erl: expected -module(one_new), by the name of the file, and found -module(one_newer).\n1 file did not compile.',
    });
    const missing = await project('missing', {
      'src/x.app.src':
        '{application, x, [{vsn, "1"}, {applications, [kernel, stdlib]}, {mod, {x_app, []}}]}.\n',
      'src/y.erl': '-module(y).\n',
    });
    await expect(compileApplications({ projectRoot: missing })).rejects.toMatchObject({
      code: 'app-src',
      file: 'src/x.app.src',
      problem: '{mod, {x_app, _}} starts a module that is not one of the application x.',
    });
  });

  it("follows rebar's sub_dirs, src_dirs, erl_first_files, include folders and the macros of each application", async () => {
    const root = await project('rebar', {
      'rebar.config': '{sub_dirs, ["rel", "services/*"]}.\n{erl_opts, [{i, "shared"}]}.\n',
      'rel/reltool.config': '',
      'shared/limit.hrl': '-define(SHARED, 7).\n',
      'services/one/rebar.config':
        '{erl_opts, [{src_dirs, ["src", "more"]}, {d, own}]}.\n{erl_first_files, ["src/z_first.erl"]}.\n',
      'services/one/src/one.app.src': appSrc('one'),
      'services/one/src/z_first.erl':
        '-module(z_first).\n-export([parse_transform/2]).\nparse_transform(Forms, _) -> Forms.\n',
      'services/one/more/one.erl':
        '-module(one).\n-include("limit.hrl").\n-export([f/0]).\n-ifdef(own).\nf() -> ?SHARED.\n-endif.\n',
      'apps/ignored/src/ignored.app.src': appSrc('ignored'),
    });
    const { applications, warnings } = await compileApplications({ projectRoot: root });
    expect(warnings).toBe('');
    expect(applications.map(({ name, modules }) => [name, modules])).toEqual([['one', ['one', 'z_first']]]);
  });

  it('removes beams of deleted modules, keeps files that nobody generates, and shows warnings', async () => {
    const root = await project('kept', {
      'src/kept.app.src': appSrc('kept'),
      'src/kept.erl': '-module(kept).\n-export([f/0]).\nf() -> X = 1.\n',
      'src/kept.appup': '{"1", [], []}.\n',
      'rebar.config': '{pre_hooks, [{compile, "make"}]}.\n',
      'ebin/gone.beam': 'old',
      'ebin/notes.txt': 'by hand',
      'ebin/kept.appup': 'stale',
    });
    const { warnings } = await compileApplications({ projectRoot: root });
    expect((await readdir(join(root, 'ebin'))).sort()).toEqual([
      'kept.app',
      'kept.appup',
      'kept.beam',
      'notes.txt',
    ]);
    expect(await readFile(join(root, 'ebin/kept.appup'), 'utf8')).toBe(
      '{"1", [], []}.\n\n%% Copied from src/kept.appup\n',
    );
    expect(warnings).toBe(
      'rebar.config: pre_hooks of rebar not honoured: only Erlang sources are compiled.\n' +
        "src/kept.erl:3:8: Warning: variable 'X' is unused\n%    3| f() -> X = 1.\n%     |        ^\n\n",
    );
  });

  it('does not keep the appup that it copied once its source is gone, but one that is kept in ebin', async () => {
    const root = await project('appups', {
      'apps/a/src/a.app.src': appSrc('a'),
      'apps/a/src/a.appup': '{"1", [], []}.\n',
      'apps/b/src/b.app.src': appSrc('b'),
      'apps/b/ebin/b.appup': '{"1", [], []}.\n',
    });
    await compileApplications({ projectRoot: root });
    await rm(join(root, 'apps/a/src/a.appup'));
    await compileApplications({ projectRoot: root });
    expect(await readdir(join(root, 'apps/a/ebin'))).toEqual(['a.app']);
    expect((await readdir(join(root, 'apps/b/ebin'))).sort()).toEqual(['b.app', 'b.appup']);
  });

  it.each([
    ['{"{{ vsn }}", [{<<".*">>, []}], []}.\n'],
    ['{"{{{vsn}}}", [{<<".*">>, []}], []}.\n'],
    ['{"{{& vsn}}", [{<<".*">>, []}], []}.\n'],
    ['{"%VSN%", [{<<".*">>, []}], []}.\n'],
    ['{VSN, [{<<".*">>, []}], []}.\n'],
  ])('fills the version into the appup %s', async (template) => {
    const root = await project(`appup-src ${template.slice(1, 7)}`, {
      'apps/a/src/a.app.src': appSrc('a', 'kernel, stdlib', '"1.2-\\"x"'),
      'apps/a/src/a.appup.src': template,
    });
    await compileApplications({ projectRoot: root });
    const appup = join(root, 'apps/a/ebin/a.appup');
    expect(await readFile(appup, 'utf8')).toBe(
      '{"1.2-\\"x", [{<<".*">>, []}], []}.\n\n%% Copied from apps/a/src/a.appup.src\n',
    );
    await rm(join(root, 'apps/a/src/a.appup.src'));
    await compileApplications({ projectRoot: root });
    expect(await readdir(join(root, 'apps/a/ebin'))).not.toContain('a.appup');
  });

  it.each([
    ['{"{{vsn}}",\n [}.\n', {}, /^apps\/a\/src\/a\.appup\.src:2:3: /],
    [
      'Version = "1",\n{Version, [], []}.\n',
      {},
      /^apps\/a\/src\/a\.appup\.src:1:1: .* It is read as one term, with \{\{vsn\}\} for the version; expressions are not evaluated\.$/,
    ],
    [
      '{"0.9", [], []}.\n',
      {},
      /^apps\/a\/src\/a\.appup\.src: it is for version 0\.9, and the application has version 1\. Begin it/,
    ],
    [
      '{VSN, [], []}.\n',
      { 'apps/a/src/a.appup': '{"1", [], []}.\n' },
      /^apps\/a\/src\/a\.appup\.src: there is also a\.appup/,
    ],
  ])('refuses the template %j', async (template, files, message) => {
    const root = await project(`appup-src wrong ${template.slice(1, 4)}`, {
      'apps/a/src/a.app.src': appSrc('a'),
      'apps/a/src/a.appup.src': template,
      ...files,
    });
    await expect(compileApplications({ projectRoot: root })).rejects.toThrow(message);
  });

  it('names the appup that cannot be read, where it can be mended', async () => {
    const root = await project('broken-appup', {
      'apps/a/src/a.app.src': appSrc('a'),
      'apps/a/src/a.appup': '{"1",\n [}.\n',
    });
    await expect(compileApplications({ projectRoot: root })).rejects.toThrow(/^apps\/a\/src\/a\.appup:2:3: /);
  });

  it('stops when it is aborted and leaves the project as it was', async () => {
    const root = await project('aborted', { 'src/a.app.src': appSrc('a'), 'src/a.erl': '-module(a).\n' });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(compileApplications({ projectRoot: root, signal: abort.signal })).rejects.toThrow('enough');
    expect(await readdir(root)).toEqual(['src']);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'no application',
      { 'rebar.config': '' },
      'ROOT.', // completed below
    ],
    [
      'a version from git',
      { 'src/a.app.src': appSrc('a', 'kernel', 'git') },
      'src/a.app.src:1:45: the version must be written out, and here is git. Write {vsn, "1.0.0"}: a version from git or a command would differ from one checkout to the next.',
    ],
    [
      'a circle of applications',
      {
        'apps/a/src/a.app.src': appSrc('a', 'b'),
        'apps/b/src/b.app.src': appSrc('b', 'kernel, c'),
        'apps/c/src/c.app.src': appSrc('c', 'b'),
      },
      'apps/b/src/b.app.src: applications need each other: b -> c -> b. None of them could be started first. Remove one from applications or included_applications.',
    ],
    [
      'another name',
      { 'src/a.app.src': appSrc('b') },
      'src/a.app.src:1:15: the application is called b, and its file a.app.src. They must be the same.',
    ],
    [
      'the same module twice',
      {
        'apps/a/src/a.app.src': appSrc('a'),
        'apps/a/src/m.erl': '',
        'apps/b/src/b.app.src': appSrc('b'),
        'apps/b/src/x/m.erl': '',
      },
      'apps/b/src/x/m.erl: module m is also in apps/a/src/m.erl: a node can load only one of them.',
    ],
    [
      'options that are no list',
      { 'src/a.app.src': appSrc('a'), 'rebar.config': '{erl_opts, debug_info}.' },
      'rebar.config:1:12: erl_opts must be a list.',
    ],
  ])('refuses %s', async (name, files, message) => {
    const root = await project(name, files);
    const expected = message.startsWith('ROOT')
      ? `there is no OTP application in ${root}. An application has a file src/NAME.app.src; it is looked for in the folder itself, in apps/*, in lib/*, or in the sub_dirs of rebar.config.`
      : message;
    await expect(compileApplications({ projectRoot: root })).rejects.toMatchObject({
      name: 'OtpError',
      message: expected,
    });
  });
});
