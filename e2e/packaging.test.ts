import { cpSync, existsSync, readFileSync } from 'node:fs';
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
    packed.files.filter((path) => /\.test\.|\.tsbuildinfo$|\.map$|(?<!\.d)\.ts$|\/test\//.test(path)),
  ).toEqual([]);
});

/** The oldest and the newest that the peer range of the plugin lets in. */
describe.each([
  { nx: '22.7.12', devkit: '22.7.12' },
  { nx: '24.0.6', devkit: '24.0.0' },
])('in an empty workspace with nx $nx', ({ nx, devkit }) => {
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
});
