import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OtpError } from '../error';
import { readRelease } from '../release';
import { compileMix, generateMixRelease } from './generate-mix-release';

let work: string;
let umbrella: string;

/** An umbrella whose application `front` needs its sibling `back`, and a library by its path. */
const files = {
  'mix.exs': `defmodule Shop.MixProject do
  use Mix.Project
  def project do
    [apps_path: "apps", version: "0.3.0", deps: [],
     releases: [shop: [applications: [front: :permanent, sasl: :permanent]], other: [applications: [back: :permanent]]]]
  end
end
`,
  'config/config.exs': 'import Config\nconfig :front, answer: 42\n',
  'apps/front/mix.exs': `defmodule Front.MixProject do
  use Mix.Project
  def project do
    [app: :front, version: "0.3.0", build_path: "../../_build", deps_path: "../../deps", config_path: "../../config/config.exs",
     deps: [{:back, in_umbrella: true}, {:bücher, path: "../../vendor/bücher"}]]
  end
  def application, do: [extra_applications: [:sasl]]
end
`,
  'apps/front/lib/front.ex': `defmodule Front do
  use GenServer
  defstruct [:answer]
  def init(_), do: {:ok, %Front{answer: Application.fetch_env!(:front, :answer)}}
end
`,
  'apps/back/mix.exs': `defmodule Back.MixProject do
  use Mix.Project
  def project, do: [app: :back, version: "0.3.1", build_path: "../../_build", deps_path: "../../deps"]
end
`,
  'apps/back/lib/back.ex': 'defmodule Back do\nend\n',
  'vendor/bücher/mix.exs': `defmodule Books.MixProject do
  use Mix.Project
  def project, do: [app: :bücher, version: "1.0.0"]
end
`,
  'vendor/bücher/lib/bücher.ex': 'defmodule Books do\nend\n',
  'vendor/bücher/priv/liste': 'ä\n',
};

async function writeProject(folder: string, sources: Record<string, string>): Promise<void> {
  for (const [path, content] of Object.entries(sources)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'mix release für ')));
  umbrella = join(work, 'shop');
  await writeProject(umbrella, files);
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function errorOf(run: Promise<unknown>): Promise<OtpError> {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OtpError) return error;
  throw new Error(`expected an OtpError, found ${String(error)}`);
}

it('one of several releases of an umbrella is whole, with RELEASES, and knows what stripping took', async () => {
  const outputPath = join(work, 'dist of shop', 'release');
  const { name, version, warnings, path } = await generateMixRelease({
    projectRoot: umbrella,
    outputPath,
    name: 'shop',
  });
  expect({ name, version, warnings, path }).toEqual({
    name: 'shop',
    version: '0.3.0',
    warnings: [],
    path: outputPath,
  });
  const release = await readRelease(outputPath);
  expect(release.installed?.[0]?.libraries.find((library) => library.name === 'front')).toEqual({
    name: 'front',
    version: '0.3.0',
    path: 'lib/front-0.3.0',
  });
  expect(release.installed?.[0]?.libraries).toHaveLength(release.applications.length);
  expect(await readFile(join(outputPath, 'lib/bücher-1.0.0/priv/liste'), 'utf8')).toBe('ä\n');
  const facts = await readFile(join(outputPath, 'releases/0.3.0/facts.json'), 'utf8');
  expect(facts).toContain('Elixir.Front');
  // Nothing was built into the project.
  expect((await readdir(umbrella)).sort()).toEqual(['apps', 'config', 'mix.exs', 'vendor']);
  expect(await readdir(dirname(outputPath))).toEqual(['release']);
});

it('the same sources elsewhere give the same bytes but for the cookie, which a rebuilt release keeps', async () => {
  const first = join(work, 'first');
  const second = join(work, 'second');
  const elsewhere = join(work, 'elsewhere');
  await cp(umbrella, elsewhere, { recursive: true });
  await generateMixRelease({ projectRoot: umbrella, outputPath: first, name: 'other' });
  const cookie = await readFile(join(first, 'releases/COOKIE'), 'utf8');
  await generateMixRelease({ projectRoot: umbrella, outputPath: first, name: 'other' });
  expect(await readFile(join(first, 'releases/COOKIE'), 'utf8')).toBe(cookie);
  await generateMixRelease({ projectRoot: elsewhere, outputPath: second, name: 'other' });
  const [left, right] = [await readRelease(first), await readRelease(second)];
  const contents = async (release: typeof left): Promise<Map<string, string>> => {
    const all = new Map<string, string>();
    await release.tree.readMany(
      release.tree.files.map((file) => file.path).filter((file) => file !== 'releases/COOKIE'),
      (file, content) => {
        all.set(file, content.toString('base64'));
      },
    );
    return all;
  };
  expect(await contents(right)).toEqual(await contents(left));
});

it('several releases without a name are listed, and the earlier output stays', async () => {
  const outputPath = join(work, 'kept');
  await mkdir(join(outputPath, 'releases'), { recursive: true });
  const error = await errorOf(generateMixRelease({ projectRoot: umbrella, outputPath }));
  expect(error.code).toBe('release-name');
  expect(error.message).toContain('it has several releases: other, shop. Say which one');
  expect(await readdir(outputPath)).toEqual(['releases']);
  const dashed = await errorOf(generateMixRelease({ projectRoot: umbrella, outputPath, name: '--force' }));
  expect(dashed.code).toBe('release-name');
});

it('what mix says of a mistake is the error, also where it asks a question', async () => {
  const project = join(work, 'needs hex');
  await writeProject(project, {
    'mix.exs': `defmodule Hexed.MixProject do
  use Mix.Project
  def project, do: [app: :hexed, version: "1.0.0", deps: [{:jason, "~> 1.4"}]]
end
`,
    'lib/hexed.ex': 'defmodule Hexed do\nend\n',
  });
  const missing = await errorOf(
    generateMixRelease({ projectRoot: project, outputPath: join(work, 'out of hexed') }),
  );
  expect(missing.code).toBe('mix-release');
  expect(missing.message).toContain('jason');
  expect(missing.message).toContain('run mix deps.get in the project first');
  await writeProject(project, {
    'mix.exs':
      'defmodule Hexed.MixProject do\n  use Mix.Project\n  def project, do: [app: :hexed, version: "1.0.0"]\nend\n',
    'lib/hexed.ex': 'defmodule Hexed do\n  def broken, do: nowhere()\nend\n',
  });
  const buildPath = join(work, 'build of hexed');
  const broken = await errorOf(compileMix({ projectRoot: project, buildPath }));
  expect(broken.code).toBe('mix-compile');
  expect(broken.message).toContain('undefined function nowhere/0');
});

it('links in priv become files, and a tarball of the incomplete release does not stay', async () => {
  const project = join(work, 'linked');
  await writeProject(project, {
    'mix.exs': `defmodule Linked.MixProject do
  use Mix.Project
  def project, do: [app: :linked, version: "1.0.0", releases: [linked: [steps: [:assemble, :tar]]]]
  def application, do: [extra_applications: [:sasl]]
end
`,
    'lib/linked.ex': 'defmodule Linked do\nend\n',
    'priv/file': 'x',
  });
  await symlink('file', join(project, 'priv/link'));
  const outputPath = join(work, 'linked release');
  await generateMixRelease({ projectRoot: project, outputPath });
  const entries = await readdir(join(outputPath, 'lib/linked-1.0.0/priv'), { withFileTypes: true });
  expect(entries.map((entry) => [entry.name, entry.isFile()])).toEqual([
    ['file', true],
    ['link', true],
  ]);
  expect((await readdir(outputPath)).filter((entry) => !entry.startsWith('erts-')).sort()).toEqual([
    'bin',
    'lib',
    'releases',
  ]);
});

it('without mix on PATH says how to get it', async () => {
  const path = process.env['PATH'];
  const bin = join(work, 'bin with erl alone');
  await mkdir(bin);
  const erl = (path ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'erl'))
    .find((file) => existsSync(file));
  await symlink(erl ?? '', join(bin, 'erl'));
  process.env['PATH'] = bin;
  try {
    const error = await errorOf(
      generateMixRelease({ projectRoot: umbrella, outputPath: join(work, 'none') }),
    );
    expect(error.message).toBe(
      'there is no mix on PATH: Elixir is needed to build this project. Install it (Debian and Ubuntu: apt-get install elixir) or add its bin folder to PATH.',
    );
  } finally {
    process.env['PATH'] = path;
  }
});

it('a release without Erlang/OTP is not made, and the sentence names the file to change', async () => {
  const projectRoot = join(work, 'without erts');
  await writeProject(projectRoot, {
    'mix.exs': `defmodule Bare.MixProject do
  use Mix.Project
  def project, do: [app: :bare, version: "0.1.0", releases: [bare: [include_erts: false]]]
end
`,
  });
  const outputPath = join(work, 'release without erts');
  await expect(generateMixRelease({ projectRoot, outputPath })).rejects.toThrow(
    `${join(projectRoot, 'mix.exs')}: the release bare 0.1.0 has neither an emulator nor the applications of OTP`,
  );
  expect(existsSync(outputPath)).toBe(false);
});
