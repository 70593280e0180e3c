import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readLockFile } from './lock-files';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock files '));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function locked(name: string, text: string): unknown {
  const file = join(folder, name);
  writeFileSync(file, text);
  return readLockFile(file);
}

it('reads a rebar.lock with packages, other names and repositories', () => {
  expect(
    locked(
      'rebar.lock',
      `{"1.2.0",
[{<<"ranch">>,{pkg,<<"ranch">>,<<"1.8.0">>},1},
 {<<"cowboy">>,{pkg,<<"cowboy_fork">>,<<"2.9.0">>},0},
 {<<"ours">>,{git,"https://example.org/ours.git",{ref,"c0ffee"}},0}]}.
[
{pkg_hash,[
 {<<"cowboy">>, <<"AA">>},
 {<<"ranch">>, <<"BB">>}]},
{pkg_hash_ext,[
 {<<"cowboy">>, <<"CC">>}]}
].
`,
    ),
  ).toEqual([
    { name: 'cowboy', packageName: 'cowboy_fork', version: '2.9.0', hash: 'AA', source: 'hex', needs: [] },
    { name: 'ours', packageName: 'ours', version: 'c0ffee', hash: undefined, source: 'git', needs: [] },
    { name: 'ranch', packageName: 'ranch', version: '1.8.0', hash: 'BB', source: 'hex', needs: [] },
  ]);
});

it('reads a mix.lock, with what packages need', () => {
  expect(
    locked(
      'mix.lock',
      `%{
  "cowboy": {:hex, :cowboy, "2.9.0", "aa11", [:make, :rebar3], [{:cowlib, "2.11.0", [hex: :cowlib, repo: "hexpm", optional: false]}, {:ranch, "1.8.0", [hex: :ranch, repo: "hexpm", optional: false]}], "hexpm", "bb22"},
  "old": {:hex, :old, "0.1.0", "cc33", [:mix], []},
  "ours": {:git, "https://example.org/ours.git", "c0ffee", [branch: "main"]},
}
`,
    ),
  ).toEqual([
    {
      name: 'cowboy',
      packageName: 'cowboy',
      version: '2.9.0',
      hash: 'aa11',
      source: 'hex',
      needs: ['cowlib', 'ranch'],
    },
    { name: 'old', packageName: 'old', version: '0.1.0', hash: 'cc33', source: 'hex', needs: [] },
    { name: 'ours', packageName: 'ours', version: 'c0ffee', hash: undefined, source: 'git', needs: [] },
  ]);
});

it.each([
  ['rebar.lock', '[].'],
  ['rebar.lock', '<<<<<<< HEAD'],
  ['rebar.lock', '{"1.2.0", [{}, 1, {<<"a">>, b, c}]}. x.'],
  ['mix.lock', '<<<<<<< HEAD'],
])('%s with the text %s pins nothing', (name, text) => {
  expect(locked(name, text)).toEqual([]);
});
