import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson, type Tree } from '@nx/devkit';
import { createTree, createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { OtpError } from '@nx-otp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import init from './generator';
import { withPlugin } from './plugin-in-nx-json';
import { trackedFile } from './tracked-files';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A git repository with these files added to it. */
function repository(files: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'nx-otp-init-'));
  folders.push(folder);
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  for (const file of files) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  execFileSync('git', ['add', '--all'], { cwd: folder });
  return folder;
}

const ignored = (tree: Tree): string[] =>
  (tree.read('.gitignore', 'utf8') ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('init', () => {
  it('names the plugin, ignores what builds make, and changes nothing the second time', async () => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('.gitignore', 'node_modules\n/dist\n');
    await init(tree, { skipFormat: true });
    expect(readJson<{ plugins: unknown }>(tree, 'nx.json').plugins).toEqual(['nx-otp']);
    expect(ignored(tree)).toEqual(
      ['node_modules', '/dist', '.nx/', 'ebin/', '_build/', '*.beam', 'erl_crash.dump'].concat(
        '.*-new-*/',
        '.*-old-*/',
      ),
    );
    const before = tree.listChanges().map(({ path, content }) => [path, String(content)]);
    await init(tree, { skipFormat: true });
    expect(tree.listChanges().map(({ path, content }) => [path, String(content)])).toEqual(before);
  });

  it('depends on the plugin where package.json does not name it', async () => {
    const tree = createTreeWithEmptyWorkspace();
    await init(tree, { skipFormat: true });
    expect(readJson<{ devDependencies: unknown }>(tree, 'package.json').devDependencies).toMatchObject({
      'nx-otp': '^0.1.0',
    });
  });

  it.each([
    [{}, 'file:../nx-otp.tgz'],
    [{ keepExistingVersions: true }, '~0.0.1'],
    [{ skipPackageJson: true }, '0.0.1'],
  ])('with %j keeps %s', async (options, version) => {
    const tree = createTreeWithEmptyWorkspace();
    tree.write('package.json', JSON.stringify({ devDependencies: { 'nx-otp': version } }));
    await init(tree, { ...options, skipFormat: true });
    expect(readJson<object>(tree, 'package.json')).toEqual({ devDependencies: { 'nx-otp': version } });
  });

  it('makes no package.json where the workspace does without', async () => {
    const tree = createTree();
    tree.write('nx.json', '{ "installation": { "version": "24.0.6" } }\n');
    await init(tree, { skipFormat: true });
    expect(tree.exists('package.json')).toBe(false);
    expect(readJson<{ plugins: unknown }>(tree, 'nx.json').plugins).toEqual(['nx-otp']);
  });

  it('ignores nothing that git tracks, and says so', async () => {
    const said = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const tree = createTreeWithEmptyWorkspace();
    const tracked = repository(['apps/a/ebin/a.appup', 'apps/b/ebin/b.app', 'src/a.erl']);
    await init(Object.assign(tree, { root: tracked }), { skipFormat: true });
    expect(ignored(tree)).not.toContain('ebin/');
    expect(ignored(tree)).toContain('dist/');
    expect(said.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^\.gitignore: ebin\/ is left out, since git tracks apps\/a\/ebin\/a\.appup and 1 more\./,
        ),
      ],
    ]);
    said.mockRestore();
  });
});

describe('a tracked file', () => {
  it('is not looked for where there is no repository', () => {
    expect(trackedFile(join(tmpdir(), 'no such folder'), 'dist/')).toBeUndefined();
  });
});

describe('nx.json', () => {
  it.each([
    ['no file', undefined, '{\n  "plugins": [\n    "nx-otp"\n  ]\n}\n'],
    [
      'no plugins, and comments',
      '{\n  // of ours\n  "analytics": false\n}\n',
      '{\n  // of ours\n  "analytics": false,\n  "plugins": ["nx-otp"]\n}\n',
    ],
    [
      'other plugins',
      '{\n\t"plugins": [\n\t\t{ "plugin": "@nx/vite", "options": {} } // stays\n\t]\n}',
      '{\n\t"plugins": [\n\t\t{ "plugin": "@nx/vite", "options": {} },\n\t\t"nx-otp" // stays\n\t]\n}',
    ],
    ['a list on one line', '{ "plugins": ["@nx/vite"] }', '{ "plugins": ["@nx/vite", "nx-otp"] }'],
    ['an empty list', '{ "plugins": [] }', '{ "plugins": ["nx-otp"] }'],
    ['nothing in it', '{}\n', '{ "plugins": ["nx-otp"] }\n'],
  ])('with %s gets the plugin', (_, before, after) => {
    expect(withPlugin(before, 'nx-otp')).toBe(after);
  });

  it.each(['{ "plugins": ["nx-otp"] }', '{"plugins":[{"plugin":"nx-otp","options":{"a":1}}]}'])(
    'stays what it is where it names the plugin: %s',
    (text) => {
      expect(withPlugin(text, 'nx-otp')).toBe(text);
    },
  );

  it.each(['{', '[]', '{ "plugins": {} }'])('is refused when it is broken: %s', (text) => {
    expect(() => withPlugin(text, 'nx-otp')).toThrow(OtpError);
  });
});
