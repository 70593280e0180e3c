import { mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OtpError } from '../error';
import { readRelease } from '../release';
import { compileRebar3, generateRelxRelease } from './generate-relx-release';

let work: string;
beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'relx release für ')));
});
afterAll(() => rm(work, { recursive: true, force: true }));

const sources = {
  'apps/ralf/src/ralf.app.src':
    '{application, ralf, [{description, "a"}, {vsn, "0.1"}, {registered, []}, {applications, [kernel, stdlib]}]}.\n',
  'apps/ralf/src/ralf.erl': `-module(ralf).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
-record(state, {count}).
init(_) -> {ok, #state{count = 0}}.
handle_call(_, _, #state{count = N} = S) -> {reply, N, S}.
handle_cast(_, S) -> {noreply, S}.
`,
  'apps/ralf/priv/liste': 'ä\n',
  'config/sys.config': '[].\n',
  'config/vm.args': '-sname ralf\n',
};

async function project(name: string, rebarConfig: string): Promise<string> {
  const folder = join(work, name);
  for (const [path, content] of Object.entries({ ...sources, 'rebar.config': rebarConfig })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** As rebar3's template has it, in development mode, without a profile for production. */
const template = (relx: string): string => `{erl_opts, [debug_info]}.
{relx, [{release, {ralf, "0.1"}, [ralf, sasl]}, {sys_config, "./config/sys.config"}, {vm_args, "./config/vm.args"}, ${relx}]}.
`;

async function links(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isSymbolicLink()).map((entry) => entry.name);
}

it.each([
  ['the mode of the template', '{mode, dev}', 'stripped'],
  ['a minimal one', '{mode, minimal}', 'stripped'],
  [
    'the words of older templates',
    '{dev_mode, true}, {include_erts, false}, {system_libs, false}',
    'stripped',
  ],
  ['kept debug info', '{mode, dev}, {debug_info, keep}', 'kept'],
])('with %s it is a release for production', async (title, relx, debugInfo) => {
  const projectRoot = await project(`mode ${title}`, template(relx));
  const outputPath = join(work, `release ${title}`);
  const { name, version, warnings } = await generateRelxRelease({ projectRoot, outputPath });
  expect({ name, version, warnings }).toEqual({ name: 'ralf', version: '0.1', warnings: [] });
  expect(await links(outputPath)).toEqual([]);
  const release = await readRelease(outputPath);
  expect(await stat(join(outputPath, `erts-${release.ertsVersion}`))).toBeTruthy();
  expect(release.installed?.[0]?.libraries.map((library) => library.path)).toEqual(
    release.applications.map((application) => `lib/${application.name}-${application.version}`),
  );
  expect(await readFile(join(outputPath, 'lib/ralf-0.1/priv/liste'), 'utf8')).toBe('ä\n');
  const beam = await readFile(join(outputPath, 'lib/ralf-0.1/ebin/ralf.beam'));
  expect(beam.includes('Dbgi')).toBe(debugInfo === 'kept');
  expect(beam.includes(work)).toBe(false);
  const facts = await readFile(join(outputPath, 'releases/0.1/facts.json'), 'utf8');
  expect(facts).toContain('"count"');
  // Nothing was built into the project, nor written to it.
  expect((await readdir(projectRoot)).sort()).toEqual(['apps', 'config', 'rebar.config']);
});

it('a script decides as it does for rebar3, and the same sources give the same bytes', async () => {
  const script = `[{relx, [{release, {ralf, lists:concat([0, ".", 7])}, [ralf, sasl]}]} | CONFIG].\n`;
  const contents = async (name: string): Promise<Map<string, string>> => {
    const projectRoot = await project(name, '{erl_opts, [debug_info]}.\n');
    await writeFile(join(projectRoot, 'rebar.config.script'), script);
    const outputPath = join(work, `release of ${name}`);
    await generateRelxRelease({ projectRoot, outputPath });
    const all = new Map<string, string>();
    const { tree, version } = await readRelease(outputPath);
    expect(version).toBe('0.7');
    await tree.readMany(
      tree.files.map((file) => file.path),
      (file, content) => {
        all.set(file, content.toString('base64'));
      },
    );
    return all;
  };
  expect(await contents('here')).toEqual(await contents('there'));
});

it('several releases without a name are listed', async () => {
  const projectRoot = await project(
    'several',
    '{relx, [{release, {ralf, "0.1"}, [ralf]}, {release, {rolf, "0.1"}, [ralf]}]}.\n',
  );
  const outputPath = join(work, 'one of several');
  const error = await generateRelxRelease({ projectRoot, outputPath }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(OtpError);
  expect(String(error)).toContain('it has several releases: ralf, rolf. Say which one');
  const { name, warnings } = await generateRelxRelease({ projectRoot, outputPath, name: 'rolf' });
  expect(name).toBe('rolf');
  expect(warnings).toEqual([
    "rolf 0.1 has no sasl, which release_handler belongs to: its node can't be upgraded hot. Add sasl to the applications of {release, {rolf, ...}, [...]}.",
  ]);
});

it('what rebar3 says of a mistake is the error', async () => {
  const projectRoot = await project('broken', template('{mode, dev}'));
  await writeFile(join(projectRoot, 'apps/ralf/src/ralf.erl'), '-module(ralf).\nf() -> .\n');
  const buildPath = join(work, 'build of broken');
  await expect(compileRebar3({ projectRoot, buildPath })).rejects.toThrow(/ralf\.erl:2[^]*syntax error/);
  await expect(compileRebar3({ projectRoot, buildPath, profile: 'prod, -h' })).rejects.toThrow(
    'expected a profile of rebar3',
  );
});

it('a project that wants another Erlang/OTP is told which one there is', async () => {
  const projectRoot = await project('of tomorrow', `{minimum_otp_vsn, "99"}.\n${template('{mode, dev}')}`);
  await expect(generateRelxRelease({ projectRoot, outputPath: join(work, 'none') })).rejects.toThrow(
    /OTP release 99 or later is required[^]*\n The erl on PATH is Erlang\/OTP \d+\S*: put the one that is asked for before it on PATH/,
  );
});
