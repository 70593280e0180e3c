import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgetMixProject, forgetRebar3Project } from './fresh-build';
import { generateMixRelease } from './generate-mix-release';
import { generateRelxRelease } from './generate-relx-release';

let work: string;
beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'fresh build '));
});
afterEach(() => rm(work, { recursive: true, force: true }));

/** Writes files with a time stamp of long ago, as an archive does that is unpacked. */
async function unpack(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    await utimes(join(folder, path), 1_600_000_000, 1_600_000_000);
  }
}

it('a version that came with an older time stamp is the one of the next release of mix', async () => {
  const sources = (version: string): Record<string, string> => ({
    'mix.exs': `defmodule Old.MixProject do\n  use Mix.Project\n  def project, do: [app: :old, version: "${version}"]\nend\n`,
    'lib/old.ex': `defmodule Old do\n  def version, do: "${version}"\nend\n`,
  });
  const options = { projectRoot: join(work, 'p'), outputPath: join(work, 'out'), buildPath: join(work, 'b') };
  await unpack(options.projectRoot, sources('0.1.0'));
  expect((await generateMixRelease(options)).version).toBe('0.1.0');
  await unpack(options.projectRoot, sources('0.2.0'));
  expect((await generateMixRelease(options)).version).toBe('0.2.0');
  expect((await readdir(join(options.outputPath, 'lib'))).filter((name) => name.startsWith('old-'))).toEqual([
    'old-0.2.0',
  ]);
});

it('a version that came with an older time stamp is the one of the next release of rebar3', async () => {
  const sources = (version: string): Record<string, string> => ({
    'rebar.config': `{relx, [{release, {old, "${version}"}, [old, sasl]}]}.\n`,
    'src/old.app.src': `{application, old, [{description, ""}, {vsn, "${version}"}, {applications, [kernel, stdlib]}]}.\n`,
    'src/old.erl': `-module(old).\n-export([version/0]).\nversion() -> "${version}".\n`,
  });
  const options = { projectRoot: join(work, 'p'), outputPath: join(work, 'out'), buildPath: join(work, 'b') };
  await unpack(options.projectRoot, sources('0.1'));
  expect((await generateRelxRelease(options)).version).toBe('0.1');
  await unpack(options.projectRoot, sources('0.2'));
  expect((await generateRelxRelease(options)).version).toBe('0.2');
  expect((await readdir(join(options.outputPath, 'lib'))).filter((name) => name.startsWith('old-'))).toEqual([
    'old-0.2',
  ]);
});

it('what was fetched is kept', async () => {
  const mix = join(work, 'mix');
  await unpack(mix, {
    'deps/jason/mix.exs': '',
    'b/lib/jason/ebin/x': '',
    'b/lib/own/ebin/x': '',
    'b/consolidated/x': '',
  });
  await forgetMixProject(join(mix, 'b'), mix);
  expect(await readdir(join(mix, 'b'), { recursive: true })).toEqual(
    expect.arrayContaining(['lib', 'lib/jason', 'lib/jason/ebin/x']),
  );
  expect(await readdir(join(mix, 'b'))).toEqual(['lib']);
  expect(await readdir(join(mix, 'b/lib'))).toEqual(['jason']);
  const rebar3 = join(work, 'rebar3');
  await unpack(rebar3, {
    'default/lib/jsx/src/jsx.erl': '',
    'prod/lib/own/ebin/x': '',
    'prod/lib/.rebar3/x': '',
  });
  await symlink('../../../own', join(rebar3, 'prod/lib/own/src'));
  await forgetRebar3Project(rebar3);
  expect(await readdir(join(rebar3, 'default/lib'))).toEqual(['jsx']);
  expect(await readdir(join(rebar3, 'prod/lib'))).toEqual([]);
});
