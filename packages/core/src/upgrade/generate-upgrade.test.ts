import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { refusal } from '../../test/archives/refusal';
import { buildRelease, type ApplicationFields, type ReleaseFields } from '../../test/releases/build-release';
import { compileModules, type CompiledModule } from '../../test/releases/compile-modules';
import { openTree } from '../release/open-tree';
import { generateAppups } from './generate-appups';
import { generateUpgrade } from './generate-upgrade';

const server = (body: string): string =>
  `-module(dummy_server).\n-behaviour(gen_server).\n-export([init/1, handle_call/3, handle_cast/2, code_change/3]).\n` +
  `init(S) -> {ok, S}.\nhandle_call(_, _, S) -> {reply, ${body}, S}.\nhandle_cast(_, S) -> {noreply, S}.\ncode_change(_, S, Extra) -> {ok, {S, Extra}}.\n`;

let folder: string;
let compiled: Record<'one' | 'two' | 'three' | 'other', CompiledModule>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp upgrade ü-'));
  compiled = await compileModules({
    one: server('one'),
    two: server('two'),
    three: server('three'),
    other: '-module(other).\n-export([f/0]).\nf() -> 1.\n',
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let work: string;
let count = 0;
async function newWork(): Promise<string> {
  work = join(folder, `work ${++count}`);
  await mkdir(work, { recursive: true });
  return work;
}
/** Whatever happens: no half-made folder, beside an output or anywhere. */
afterEach(async () => {
  const left = (await readdir(work, { recursive: true })).filter((name) => /(^|\/)\.|\.tmp$/.test(name));
  expect(left).toEqual([]);
});

type Build = 'one' | 'two' | 'three';

const dummy = (version: string, build: Build, more: Partial<ApplicationFields> = {}): ApplicationFields => ({
  name: 'dummy',
  version,
  beams: { dummy_server: compiled[build].beam },
  ...more,
});

async function release(
  version: string,
  applications: ApplicationFields[],
  files?: ReleaseFields['files'],
): Promise<string> {
  const root = join(work, `r${++count}`);
  return buildRelease(root, { version, applications, ...(files && { files }) });
}

async function textIn(root: string, path: string): Promise<string> {
  return (await readFile(join(root, path), 'utf8'))
    .replace(/\s+/g, ' ')
    .replace('%% coding: utf-8 ', '')
    .trim();
}

async function blocked(previous: readonly string[], next: string, appupsPath?: string): Promise<string[]> {
  const output = join(work, 'blocked');
  const options = {
    previousReleases: previous,
    release: next,
    outputPath: output,
    ...(appupsPath !== undefined && { appupsPath }),
  };
  const { code, message } = await refusal(generateUpgrade(options));
  expect(code).toBe('upgrade-blocked');
  expect((await refusal(generateAppups(options))).code).toBe('upgrade-blocked');
  expect(await readdir(work)).not.toContain('blocked');
  const rules = [...message.matchAll(/^(?:error|warning) ([a-z-]+)/gm)].map(([, rule = '']) => rule);
  // Nothing supervises the server of these releases, which is found each time and blocks none of them.
  return rules.filter((rule) => rule !== 'code-change-not-called');
}

describe('an upgrade', () => {
  it('goes from the appups that were generated to the package, and the steps agree', async () => {
    await newWork();
    const base = await release('0.1', [dummy('0.1', 'one')]);
    const next = await release('0.2', [dummy('0.2', 'two')]);
    const appups = await generateAppups({
      previousReleases: [base],
      release: next,
      outputPath: join(work, 'appups'),
    });
    expect(await readdir(appups.path)).toEqual(['appups.json', 'dummy.appup']);
    expect(await textIn(appups.path, 'dummy.appup')).toBe(
      '{"0.2", [{"0.1", [{update, dummy_server, {advanced, []}}]}], [{"0.1", [{update, dummy_server, {advanced, []}}]}]}.',
    );
    const options = { previousReleases: [base], release: next, appups: appups.path };
    const upgrade = await generateUpgrade({ ...options, outputPath: join(work, 'a', 'upgrade') });
    expect(await readdir(join(work, 'a', 'upgrade'))).toEqual([
      'dummy_0.2.json',
      'dummy_0.2.tar.gz',
      'relup',
    ]);
    expect(await textIn(join(work, 'a', 'upgrade'), 'relup')).toBe(
      '{"0.2", [{"0.1", [], [{load_object_code, {dummy, "0.2", [dummy_server]}}, point_of_no_return, {suspend, [dummy_server]}, {load, {dummy_server, brutal_purge, brutal_purge}}, {code_change, up, [{dummy_server, []}]}, {resume, [dummy_server]}]}], ' +
        '[{"0.1", [], [{load_object_code, {dummy, "0.1", [dummy_server]}}, point_of_no_return, {suspend, [dummy_server]}, {code_change, down, [{dummy_server, []}]}, {load, {dummy_server, brutal_purge, brutal_purge}}, {resume, [dummy_server]}]}]}.',
    );
    const tarball = await readFile(upgrade.path);
    expect(upgrade.size).toBe(tarball.length);
    expect(upgrade.manifest.tarSha256).toBe(createHash('sha256').update(gunzipSync(tarball)).digest('hex'));
    expect(JSON.parse(await readFile(join(work, 'a', 'upgrade', 'dummy_0.2.json'), 'utf8'))).toEqual(
      upgrade.manifest,
    );
    expect((await openTree(upgrade.path)).files.map(({ path }) => path)).toContain('releases/0.1/start.boot');

    // Planned at once, of copies in other folders: the same bytes.
    await cp(base, join(work, 'elsewhere', 'p'), { recursive: true });
    await cp(next, join(work, 'elsewhere', 'n'), { recursive: true });
    const again = await generateUpgrade({
      previousReleases: [join(work, 'elsewhere', 'p')],
      release: join(work, 'elsewhere', 'n'),
      outputPath: join(work, 'b'),
    });
    expect((await readFile(again.path)).equals(tarball)).toBe(true);
  });

  it('is refused the appups of another base, or of no base', async () => {
    await newWork();
    const base = await release('0.1', [dummy('0.1', 'one')]);
    const other = await release('0.1', [dummy('0.1', 'three')]);
    const next = await release('0.2', [dummy('0.2', 'two')]);
    const { path } = await generateAppups({
      previousReleases: [base],
      release: next,
      outputPath: join(work, 'appups'),
    });
    const outputPath = join(work, 'upgrade');
    const { code, message } = await refusal(
      generateUpgrade({ previousReleases: [other], release: next, appups: path, outputPath }),
    );
    expect(code).toBe('appups-for-another-base');
    expect(message).toMatch(
      /^.*\/appups: these appups were made for other releases: they lead to dummy 0\.2 \(content [0-9a-f]{12}\) from dummy 0\.1 \(content [0-9a-f]{12}\); wanted are appups to dummy 0\.2 .* Run generate-appups again for these releases\.$/,
    );
    const both = { previousReleases: [base, other], release: next, appups: path, outputPath };
    expect((await refusal(generateUpgrade(both))).code).toBe('appups-for-another-base');
    for (const index of [
      '{}',
      'no json',
      '{"release": 1, "previousReleases": [], "applications": []}',
      '[]',
      'null',
    ]) {
      await writeFile(join(path, 'appups.json'), index);
      const options = { previousReleases: [base], release: next, appups: path, outputPath };
      expect((await refusal(generateUpgrade(options))).message).toBe(
        `${path}/appups.json: this is not the index of a folder of generated appups. Run generate-appups again.`,
      );
    }
    await rm(path, { recursive: true });
    expect((await refusal(generateUpgrade({ ...both, previousReleases: [base] }))).message).toBe(
      `${path}/appups.json: there is no such file. Run generate-appups first.`,
    );
    expect(await readdir(work)).not.toContain('upgrade');
  });

  it('of an application whose version changed and whose code did not has empty lists', async () => {
    await newWork();
    const base = await release('0.1', [dummy('0.1', 'one')]);
    const next = await release('0.2', [dummy('0.2', 'one')]);
    const { path, diagnostics } = await generateAppups({
      previousReleases: [base],
      release: next,
      outputPath: join(work, 'appups'),
    });
    expect(await textIn(path, 'dummy.appup')).toBe('{"0.2", [{"0.1", []}], [{"0.1", []}]}.');
    expect(diagnostics).toEqual([]);
  });

  it('adds and removes applications, and starts included ones not for themselves', async () => {
    await newWork();
    const other = { name: 'other', version: '1', beams: { other: compiled.other.beam } };
    const base = await release('0.1', [dummy('0.1', 'one')]);
    const next = await release('0.2', [
      dummy('0.2', 'one', { properties: ', {included_applications, [included]}' }),
      { ...other, inRel: ', transient' },
      { name: 'included', version: '1', inRel: ', load' },
    ]);
    const { path } = await generateUpgrade({
      previousReleases: [base],
      release: next,
      outputPath: join(work, 'upgrade'),
    });
    const relup = await textIn(dirname(path), 'relup');
    expect(relup).toContain('{apply, {application, start, [other, transient]}}');
    expect(relup).toContain('{apply, {application, load, [included]}}');
    expect(relup).toContain('{apply, {application, stop, [other]}}');
    expect((await openTree(path)).files.map((file) => file.path)).toContain('lib/other-1/ebin/other.beam');
  });

  it('serves several bases, of the same and of different versions of an application', async () => {
    await newWork();
    const bases = [
      await release('0.1', [dummy('1', 'one')]),
      await release('0.1.1', [dummy('1', 'one')], { 'releases/0.1.1/sys.config': '[{dummy, []}].' }),
      await release('0.1.2', [dummy('1.5', 'three')]),
    ];
    const next = await release('0.2', [dummy('2', 'two')]);
    const { path, manifest, plan } = await generateUpgrade({
      previousReleases: bases,
      release: next,
      outputPath: join(work, 'upgrade'),
    });
    expect(manifest.bases.map(({ version }) => version)).toEqual(['0.1', '0.1.1', '0.1.2']);
    expect(
      plan.appups.map(({ sections }) => sections.map(({ direction, version }) => `${direction} ${version}`)),
    ).toEqual([['up 1', 'down 1', 'up 1.5', 'down 1.5']]);
    expect(
      [...(await textIn(dirname(path), 'relup')).matchAll(/\{"(0\.1[.\d]*)"/g)].map(([, version]) => version),
    ).toEqual(['0.1.2', '0.1.1', '0.1', '0.1.2', '0.1.1', '0.1']);
  });

  it('takes the reviewed appup for its pair, and what the application ships', async () => {
    await newWork();
    const base = await release('0.1', [dummy('0.1', 'one'), { name: 'shipped', version: '1' }]);
    const shipped = {
      name: 'shipped',
      version: '2',
      files: { 'ebin/shipped.appup': '{"2", [{<<".*">>, []}], [{<<".*">>, []}]}.' },
    };
    const next = await release('0.2', [dummy('0.2', 'two'), shipped]);
    const appupsPath = join(work, 'rel', 'appups');
    await mkdir(join(appupsPath, 'dummy'), { recursive: true });
    await writeFile(
      join(appupsPath, 'dummy', '0.1_to_0.2.appup'),
      '{"0.2", [{"0.1", [{update, dummy_server, soft}]}], []}.',
    );
    const { appups } = await generateAppups({
      previousReleases: [base],
      release: next,
      appupsPath,
      outputPath: join(work, 'appups'),
    });
    expect(
      appups.map(({ application, sections }) => [application, ...sections.map(({ origin }) => origin.kind)]),
    ).toEqual([
      ['dummy', 'kept', 'generated'],
      ['shipped', 'kept', 'kept'],
    ]);
  });

  it('of a tarball is the same as of its folder', async () => {
    await newWork();
    const base = await release('0.1', [dummy('0.1', 'one')]);
    const next = await release('0.2', [dummy('0.2', 'two')]);
    const tarball = join(work, 'base.tar.gz');
    execFileSync('tar', ['-czf', tarball, '-C', base, 'bin', 'erts-13.1', 'lib', 'releases']);
    const one = await generateUpgrade({
      previousReleases: [base],
      release: next,
      outputPath: join(work, 'one'),
    });
    const two = await generateUpgrade({
      previousReleases: [tarball],
      release: next,
      outputPath: join(work, 'two'),
    });
    expect((await readFile(two.path)).equals(await readFile(one.path))).toBe(true);
  });
});

describe('no upgrade is made, and nothing is written,', () => {
  it.each<[string, () => Promise<[string[], string]>, string[]]>([
    [
      'where code changed under the same version',
      async () => [[await release('0.1', [dummy('1', 'one')])], await release('0.2', [dummy('1', 'two')])],
      ['code-changed-same-version'],
    ],
    [
      'where beams are stripped, on either side, or in an application that is added',
      async () => [
        [await release('0.1', [{ ...dummy('0.1', 'one'), beams: { dummy_server: compiled.one.stripped } }])],
        await release('0.2', [
          dummy('0.2', 'two'),
          { name: 'other', version: '1', beams: { other: compiled.other.stripped } },
        ]),
      ],
      ['stripped-beams', 'stripped-beams'],
    ],
    [
      'where a module changed that its .app does not list',
      async () => [
        [await release('0.1', [dummy('0.1', 'one', { listed: [] })])],
        await release('0.2', [dummy('0.2', 'two', { listed: [] })]),
      ],
      ['module-not-listed'],
    ],
    [
      'where an .app lists a module twice',
      async () => [
        [await release('0.1', [dummy('0.1', 'one')])],
        await release('0.2', [dummy('0.2', 'two', { listed: ['dummy_server', 'dummy_server'] })]),
      ],
      ['duplicate-modules'],
    ],
    [
      'where a kept appup does not cover what changed',
      async () => [
        [await release('0.1', [dummy('0.1', 'one')])],
        await release('0.2', [
          dummy('0.2', 'two', { files: { 'ebin/dummy.appup': '{"0.2", [{"0.1", []}], [{"0.1", []}]}.' } }),
        ]),
      ],
      ['change-not-covered', 'change-not-covered'],
    ],
    [
      'where two bases have one version of an application with different code',
      async () => [
        [await release('0.1', [dummy('1', 'one')]), await release('0.1.1', [dummy('1', 'three')])],
        await release('0.2', [dummy('2', 'two')]),
      ],
      ['bases-differ'],
    ],
    [
      'and all findings are told at once',
      async () => [
        [
          await release('0.1', [
            dummy('0.1', 'one'),
            { name: 'same', version: '1', files: { 'priv/a': '1' } },
          ]),
        ],
        await release('0.2', [
          { ...dummy('0.2', 'two'), beams: { dummy_server: compiled.two.stripped } },
          { name: 'same', version: '1', files: { 'priv/a': '2' } },
        ]),
      ],
      ['code-changed-same-version', 'stripped-beams'],
    ],
  ])('%s', async (_, make, rules) => {
    await newWork();
    const [previous, next] = await make();
    expect(await blocked(previous, next)).toEqual(rules);
  });

  it('where an earlier try has left another build of it in the base', async () => {
    await newWork();
    const left = { 'lib/dummy-0.2/ebin/dummy_server.beam': compiled.three.beam };
    const base = await release('0.1', [dummy('0.1', 'one')], left);
    const next = await release('0.2', [dummy('0.2', 'two')]);
    const outputPath = join(work, 'upgrade');
    const { code, message } = await refusal(
      generateUpgrade({ previousReleases: [base], release: next, outputPath }),
    );
    expect(code).toBe('upgrade-blocked');
    expect(message).toContain(
      `error file-in-the-way: the previous release in ${base} holds lib/dummy-0.2/ebin/dummy_server.beam with other content than the package`,
    );
    expect(await readdir(work)).not.toContain('upgrade');
    await writeFile(join(base, 'lib/dummy-0.2/ebin/dummy_server.beam'), compiled.two.beam);
    await generateUpgrade({ previousReleases: [base], release: next, outputPath });
  });
});
