import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  applicationOf,
  projectVersion,
  readProjectManifests,
  withApplicationVersion,
  withProjectVersion,
  type ProjectFiles,
} from './project-manifests';

function filesOf(files: Readonly<Record<string, string>>): ProjectFiles {
  const paths = Object.keys(files);
  return {
    read: (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    list: (folder) => {
      const within = folder === '.' ? '' : `${posix.normalize(folder)}/`;
      const inside = paths.filter((path) => path.startsWith(within)).map((path) => path.slice(within.length));
      return [...new Set(inside.map((path) => path.split('/')[0] ?? ''))];
    },
    nameOf: (path) => `project/${path}`,
  };
}

const manifests = (files: Readonly<Record<string, string>>) => readProjectManifests(filesOf(files));

function decides(files: Readonly<Record<string, string>>): string {
  const { manifest, statement } = projectVersion(manifests(files)) ?? {};
  if (statement === undefined) return 'nothing';
  return `${manifest?.path ?? ''}: ${statement.kind === 'written' ? statement.version : `= ${statement.by}`}`;
}

const changes = (changed: readonly { path: string; bytes: Buffer }[]): Record<string, string> =>
  Object.fromEntries(changed.map(({ path, bytes }) => [path, bytes.toString()]));

const app = (name: string, version: string): string => `{application, ${name}, [{vsn, "${version}"}]}.`;
const reltool = '{sys, [{rel, "shop", "0.1", [shop]}, {boot_rel, "shop"}, {app, shop, [{vsn, "0.1"}]}]}.';
const mix = (list: string): string => `def project do [${list}] end`;

describe('the version of a project', () => {
  it.each([
    [
      {
        'rel/reltool.config': reltool,
        'src/shop.app.src': app('shop', '2'),
        'apps/a/src/a.app.src': app('a', '3'),
      },
      'rel/reltool.config: 0.1',
    ],
    [
      { 'rebar.config': '{relx, [{release, {shop, "5"}, []}]}.', 'src/shop.app.src': app('shop', '2') },
      'rebar.config: 5',
    ],
    [
      { 'rebar.config': '{relx, [{release, {shop, git}, []}]}.', 'src/shop.app.src': app('shop', '2') },
      'rebar.config: = git',
    ],
    [{ 'rebar.config': '', 'src/codec.app.src': app('codec', '2') }, 'src/codec.app.src: 2'],
    [{ 'mix.exs': mix('app: :a, version: "1.0.0"') }, 'mix.exs: 1.0.0'],
    [
      {
        'mix.exs': mix('apps_path: "apps", releases: [a: [version: {:from_app, :a}]], version: "9.0.0"'),
        'apps/a/mix.exs': mix('app: :a, version: "1.0.0"'),
      },
      'apps/a/mix.exs: 1.0.0',
    ],
    [
      { 'mix.exs': mix('app: :a, version: "1.0.0", releases: [a: [version: {:from_app, :a}]]') },
      'mix.exs: 1.0.0',
    ],
    [
      { 'mix.exs': mix('apps_path: "apps", releases: [a: [version: {:from_app, :b}]]') },
      'mix.exs: = {:from_app, :b}',
    ],
    [{ 'README.md': '' }, 'nothing'],
  ])('of %j is %s', (files, expected) => {
    expect(decides(files)).toBe(expected);
  });

  it('a manifest that is broken is named as people know it', () => {
    expect(() => manifests({ 'rebar.config': '{deps' })).toThrow('project/rebar.config:1:');
  });

  it('is written wherever the project says the same, and the applications within keep theirs', () => {
    const files = {
      'rel/reltool.config': reltool,
      'rebar.config': '{deps, []}.',
      'src/shop.app.src': app('shop', '0.1'),
      'apps/a/src/a.app.src': app('a', '0.1'),
    };
    expect(changes(withProjectVersion(manifests(files), '0.2'))).toEqual({
      'rel/reltool.config': reltool.replaceAll('0.1', '0.2'),
      'src/shop.app.src': app('shop', '0.2'),
    });
    expect(changes(withProjectVersion(manifests(files), '0.2', { applications: 'same' }))).toEqual({
      'rel/reltool.config': reltool.replaceAll('0.1', '0.2'),
      'src/shop.app.src': app('shop', '0.2'),
      'apps/a/src/a.app.src': app('a', '0.2'),
    });
    const other = { ...files, 'src/shop.app.src': app('shop', '0.1.0') };
    expect(changes(withProjectVersion(manifests(other), '0.2'))).toEqual({
      'rel/reltool.config': reltool.replace('"0.1", [shop]', '"0.2", [shop]'),
    });
  });

  it('of a library that mix and rebar3 build is written for both', () => {
    const files = { 'mix.exs': mix('app: :a, version: "1.0.0"'), 'src/a.app.src': app('a', '1.0.0') };
    expect(Object.keys(changes(withProjectVersion(manifests(files), '1.0.1')))).toEqual([
      'mix.exs',
      'src/a.app.src',
    ]);
    expect(applicationOf(manifests(files))).toBe('a');
  });

  it('that is computed is written nowhere', () => {
    const files = { 'src/a.app.src': '{application, a, [{vsn, git}]}.' };
    expect(withProjectVersion(manifests(files), '2')).toEqual([]);
  });
});

describe('the version of an application', () => {
  it('is written where it stands, and where a release names it', () => {
    const files = {
      'rebar.config': '{relx, [{release, {shop, "1"}, [{a, "0.1"}, {b, "0.1"}, c]}]}.',
      'apps/a/src/a.app.src': app('a', '0.1'),
      'apps/b/src/b.app.src': app('b', '0.1'),
    };
    expect(changes(withApplicationVersion(manifests(files), 'a', { from: '0.1', to: '0.1.1' }))).toEqual({
      'rebar.config': '{relx, [{release, {shop, "1"}, [{a, "0.1.1"}, {b, "0.1"}, c]}]}.',
      'apps/a/src/a.app.src': app('a', '0.1.1'),
    });
    expect(withApplicationVersion(manifests(files), 'a', { from: '0.2', to: '0.3' })).toEqual([]);
  });
});
