import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { editFile } from './support/dummy-workspace.js';
import {
  installedWorkspace,
  packPackages,
  type InstalledWorkspace,
  type PackedPackages,
} from './support/installed-workspace.js';

let packed: PackedPackages;
beforeAll(async () => {
  packed = await packPackages();
});
afterAll(() => packed.remove());

test('the packages hold what runs and what helps, and nothing else', () => {
  expect(packed.files).toEqual(
    expect.arrayContaining([
      '@nx-otp/core/LICENSE',
      '@nx-otp/core/README.md',
      '@nx-otp/core/dist/index.d.ts',
      '@nx-otp/core/dist/index.js',
      '@nx-otp/core/priv/nx_otp_compile.erl',
      '@nx-otp/core/priv/relx/rebar.config.script',
      'nx-otp/LICENSE',
      'nx-otp/PLUGIN.md',
      'nx-otp/README.md',
      'nx-otp/bin/nx-otp-toolchain.js',
      'nx-otp/docs/control.md',
      'nx-otp/docs/rules/README.md',
      'nx-otp/executors.json',
      'nx-otp/files/start-script',
      'nx-otp/generators.json',
      'nx-otp/migrations.json',
      'nx-otp/src/executors/generate-upgrade/schema.json',
      'nx-otp/src/generators/release/schema.json',
    ]),
  );
  expect(
    packed.files.filter((path) =>
      /\.test\.|\.tsbuildinfo$|\.map$|(?<!\.d)\.ts$|^(?:@nx-otp\/core|nx-otp)\/test\//.test(path),
    ),
  ).toEqual([]);
});

/** The oldest and the newest that the peer range of the plugin lets in. */
const oldest = { nx: '22.7.12', devkit: '22.7.12' };
const newest = { nx: '24.0.6', devkit: '24.0.0' };

describe.each([oldest, newest])('in an empty workspace with nx $nx', ({ nx, devkit }) => {
  let workspace: InstalledWorkspace;
  beforeAll(async () => {
    workspace = await installedWorkspace([`nx@${nx}`, `@nx/devkit@${devkit}`], packed.tarballs);
  });
  afterAll(() => workspace.remove());

  const file = (path: string): string => join(workspace.folder, path);
  const text = (path: string): string => readFileSync(file(path), 'utf8');

  test('all begins with generators', async () => {
    await workspace.nx('g', 'nx-otp:init', '--no-interactive');
    expect(text('nx.json')).toContain('// nobody is asked\n  "analytics": false,\n  "plugins": ["nx-otp"]\n');
    expect(text('.gitignore')).toContain('\ndist/\n');
    await workspace.nx('g', 'nx-otp:application', 'apps/dummy', '--no-interactive');
    const shown = await workspace.nx('g', 'nx-otp:release', 'dummy', '--dry-run', '--no-interactive');
    expect(shown).toContain('CREATE rel/reltool.config');
    expect(existsSync(file('rel'))).toBe(false);
    await workspace.nx('g', 'nx-otp:release', 'dummy', '--no-interactive');
  });

  test('and ends in an upgrade package, also from the cache', async () => {
    await workspace.nx('run', 'dummy:generate');
    cpSync(file('dist/release'), file('prod'), { recursive: true });
    editFile(file('apps/dummy/src/dummy.app.src'), '"0.1.0"', '"0.2.0"');
    editFile(file('rel/reltool.config'), '"dummy", "0.1.0"', '"dummy", "0.2.0"');
    editFile(file('apps/dummy/src/dummy_server.erl'), 'Count + 1, State', 'Count + 2, State');
    const upgrade = () => workspace.nx('run', 'dummy:generate-upgrade', '--previousRelease=prod');
    expect(await upgrade()).toContain('{load_module, dummy_server}');
    expect(existsSync(file('dist/upgrade/dummy_0.2.0.tar.gz'))).toBe(true);
    expect(await upgrade()).toMatch(/existing outputs match the cache|local cache/);
  });

  // What other tools make of generated projects does not depend on Nx.
  if (nx !== newest.nx) return;

  test('so does what is generated for rebar3 and for mix', async () => {
    const generate = (...args: string[]) => workspace.nx('g', ...args, '--no-interactive');
    await generate('nx-otp:application', 'shop/apps/till');
    await generate('nx-otp:release', 'shop', '--tool=rebar3');
    await generate('nx-otp:application', 'elix', '--language=elixir');
    await generate('nx-otp:release', 'elix');
    execFileSync('mix', ['format', '--check-formatted'], { cwd: file('elix') });
    await workspace.nx('run-many', '-t', 'generate', '-p', 'shop,elix');
    for (const project of ['shop', 'elix']) {
      cpSync(file(`${project}/dist/release`), file(`prod/${project}`), { recursive: true });
      const previous = { options: { previousRelease: `prod/${project}` } };
      const configuration = { name: project, targets: { 'previous-release': previous } };
      writeFileSync(file(`${project}/project.json`), JSON.stringify(configuration));
    }
    editFile(file('shop/apps/till/src/till.app.src'), '"0.1.0"', '"0.2.0"');
    editFile(file('shop/rebar.config'), '{shop, "0.1.0"}', '{shop, "0.2.0"}');
    editFile(file('shop/apps/till/src/till_server.erl'), 'Count + 1, State', 'Count + 2, State');
    editFile(file('elix/mix.exs'), 'version: "0.1.0"', 'version: "0.2.0"');
    editFile(file('elix/lib/elix/server.ex'), 'state.count + 1', 'state.count + 2');
    await workspace.nx('run-many', '-t', 'generate-upgrade', '-p', 'shop,elix');
    expect(existsSync(file('shop/dist/upgrade/shop_0.2.0.tar.gz'))).toBe(true);
    expect(existsSync(file('elix/dist/upgrade/elix_0.2.0.tar.gz'))).toBe(true);
  });
});
