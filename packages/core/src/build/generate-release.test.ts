import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileApplications } from './compile-applications';
import { generateRelease, type GeneratedRelease } from './generate-release';

const dummy = join(__dirname, '..', '..', '..', '..', 'e2e', 'dummy');

let folder: string;
let project: string;
let release: GeneratedRelease;
let versions: Record<'erts' | 'kernel' | 'stdlib' | 'sasl', string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp generate ü-'));
  project = join(folder, 'a project');
  await cp(dummy, project, { recursive: true, filter: (path) => !/(^|\/)(ebin|dist|\.nx)$/.test(path) });
  await compileApplications({ projectRoot: project });
  release = await generateRelease({ projectRoot: project, outputPath: join(folder, 'out', 'dummy 0.2') });
  const libraries = await readdir(join(release.path, 'lib'));
  const version = (name: string): string =>
    libraries.find((library) => library.startsWith(`${name}-`))?.slice(name.length + 1) ?? '';
  const [erts = ''] = (await readFile(join(release.path, 'releases/start_erl.data'), 'utf8')).split(' ');
  versions = { erts, kernel: version('kernel'), stdlib: version('stdlib'), sasl: version('sasl') };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function variant(name: string, change: (config: string) => string): Promise<string> {
  const root = join(folder, name);
  await cp(project, root, { recursive: true });
  const config = join(root, 'rel/reltool.config');
  await writeFile(config, change(await readFile(config, 'utf8')));
  return root;
}

async function contents(root: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    const bytes = entry.isFile() ? (await readFile(path)).toString('latin1') : '';
    found.set(path.slice(root.length + 1), `${(mode & 0o777).toString(8)} ${bytes}`);
  }
  return found;
}

/** Boots a release with its own erts and its own files, and returns what the expressions print. */
function boot(path: string, expressions: string): string {
  const erts = join(path, `erts-${versions.erts}`, 'bin');
  const inRelease = join(path, 'releases', '0.2');
  return execFileSync(
    join(erts, 'erlexec'),
    [
      '-boot',
      join(inRelease, 'start'),
      '-config',
      join(inRelease, 'sys'),
      '-mode',
      'embedded',
      '-noshell',
      '-noinput',
    ].concat('-eval', `${expressions}, halt().`),
    {
      env: { ROOTDIR: path, BINDIR: erts, EMU: 'beam', PROGNAME: 'erl', PATH: '/usr/bin:/bin' },
      timeout: 20_000,
    },
  ).toString();
}

describe('a generated release', () => {
  it('has what release_handler needs from the first release on', async () => {
    expect(release).toEqual({
      path: join(folder, 'out', 'dummy 0.2'),
      name: 'dummy',
      version: '0.2',
      warnings: [],
    });
    expect(await readdir(release.path)).toEqual(['bin', `erts-${versions.erts}`, 'lib', 'log', 'releases']);
    expect(await readdir(join(release.path, 'releases', '0.2'))).toEqual([
      'dummy.boot',
      'dummy.rel',
      'dummy.script',
      'facts.json',
      'start.boot',
      'start_clean.boot',
      'start_clean.rel',
      'start_clean.script',
      'sys.config',
      'vm.args',
    ]);
    const inRelease = (file: string): Promise<string> =>
      readFile(join(release.path, 'releases', file), 'utf8');
    expect(await inRelease('start_erl.data')).toBe(`${versions.erts} 0.2\n`);
    expect((await inRelease('RELEASES')).replace(/\s+/g, '')).toBe(
      `%%coding:utf-8[{release,"dummy","0.2","${versions.erts}",[` +
        ['kernel', 'stdlib', 'sasl']
          .map((name) => [name, versions[name as 'kernel']] as const)
          .concat([['dummy', '0.2']])
          .map(([name, version]) => `{${name},"${version}","lib/${name}-${version}"}`)
          .join(',') +
        '],permanent}].',
    );
    expect(await inRelease('0.2/start.boot')).toBe(await inRelease('0.2/dummy.boot'));
    expect((await stat(join(release.path, 'bin/dummy'))).mode & 0o777).toBe(0o755);
  });

  it('boots from any folder with its own erts, keeps state, and release_handler knows it', async () => {
    const moved = join(folder, 'moved ж');
    await cp(release.path, moved, { recursive: true });
    expect(
      boot(
        moved,
        'ok = dummy_server:set_state(123), ' +
          'io:format("~p", [{dummy_server:get_state(), dummy_server:get_history(), ' +
          '[{N, V, S} || {N, V, _, S} <- release_handler:which_releases()], code:which(dummy_server) =/= non_existing}])',
      ),
    ).toBe('{123,[0],[{"dummy","0.2",permanent}],true}');
  });

  it('is the same bytes from another checkout in another folder', async () => {
    const other = join(folder, 'other', 'checkout');
    await cp(project, other, { recursive: true, filter: (path) => !path.endsWith('/ebin') });
    await compileApplications({ projectRoot: other });
    const again = await generateRelease({ projectRoot: other, outputPath: join(folder, 'elsewhere') });
    const files = await contents(release.path);
    expect(await contents(again.path)).toEqual(files);
    for (const [path, content] of files) expect([path, content.includes(folder)]).toEqual([path, false]);
  });

  it('may hold archives, which are the same bytes each time, too', async () => {
    const root = await variant('archives', (config) =>
      config
        .replace('{excl_archive_filters, [".*"]}', '{excl_archive_filters, ["^(ebin|include|priv)$"]}')
        .replace(
          '{app, dummy, [{incl_cond, include}]}',
          '{app, dummy, [{incl_cond, include}, {excl_archive_filters, []}]}',
        ),
    );
    const one = await generateRelease({ projectRoot: root, outputPath: join(folder, 'archives-1') });
    await new Promise((resolve) => setTimeout(resolve, 2100)); // the resolution of a zip's times
    const two = await generateRelease({ projectRoot: root, outputPath: join(folder, 'archives-2') });
    expect(await readdir(join(one.path, 'lib'))).toContain('dummy-0.2.ez');
    expect(await contents(two.path)).toEqual(await contents(one.path));
    expect(await readFile(join(one.path, 'releases/RELEASES'), 'utf8')).toContain(
      '"lib/dummy-0.2.ez/dummy-0.2"',
    );
    expect(boot(one.path, 'io:format("~p", [dummy_server:get_state()])')).toBe('0');
  });

  it('replaces the release before it, and leaves it alone when it fails', async () => {
    const path = join(folder, 'out', 'replaced');
    await mkdir(join(path, 'releases'), { recursive: true });
    const broken = await variant('broken', (config) =>
      config.replace('files/sys.config', 'files/none.config'),
    );
    await expect(generateRelease({ projectRoot: broken, outputPath: path })).rejects.toThrow(
      'rel/reltool.config:28:5: there is no rel/files/none.config.',
    );
    expect(await readdir(path)).toEqual(['releases']);
    expect((await readdir(join(folder, 'out'))).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('does not replace what it is made of', async () => {
    await expect(generateRelease({ projectRoot: project, outputPath: join(project, 'rel') })).rejects.toThrow(
      `the release would replace ${join(project, 'rel')}, of which it is made. Choose another outputPath.`,
    );
  });

  it('says what it misses', async () => {
    const root = await variant('bare', (config) => config.replace(/\{overlay, [^]*/, ''));
    const { warnings } = await generateRelease({ projectRoot: root, outputPath: join(folder, 'bare-out') });
    expect(warnings).toEqual([
      'releases/0.2/sys.config is missing: after an upgrade every application has the environment of its .app alone. Add {copy, "files/sys.config", "releases/{{rel_vsn}}/sys.config"} to the overlay in rel/reltool.config.',
      'releases/0.2/vm.args is missing: the node has no name and no cookie unless its start script gives them. Add {copy, "files/vm.args", "releases/{{rel_vsn}}/vm.args"} to the overlay in rel/reltool.config.',
    ]);
  });

  it.each<[string, (config: string) => string, string | RegExp]>([
    [
      'an application that is nowhere',
      (config) => config.replace('sasl, dummy]', 'sasl, dummy, nowhere]'),
      /^rel\/reltool\.config: reltool: Release "dummy" uses non existing application nowhere\. Compile it first, and name the folder that it lies in among the lib_dirs\.$/,
    ],
    [
      'a syntax error',
      (config) => config.replace('{lib_dirs,', '{lib_dirs'),
      /^rel\/reltool\.config:2:\d+: /,
    ],
    [
      'an option of nobody',
      (config) => config.replace('{debug_info, keep}', '{debug_infos, keep}'),
      /^rel\/reltool\.config: reltool: Illegal option: \{debug_infos,keep\}\.$/,
    ],
  ])('is refused for %s', async (name, change, message) => {
    const root = await variant(name, change);
    await expect(
      generateRelease({ projectRoot: root, outputPath: join(folder, 'refused') }),
    ).rejects.toMatchObject({
      name: 'OtpError',
      message: expect.stringMatching(message) as string,
    });
  });
});
