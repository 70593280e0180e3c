import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateMixRelease } from './generate-mix-release';
import { generateRelxRelease } from './generate-relx-release';
import { runTool } from './run-tool';

let work: string;
beforeAll(async () => {
  work = await realpath(await mkdtemp(join(tmpdir(), 'run tool für ')));
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function mixProject(name: string, code: string): Promise<string> {
  const folder = join(work, name);
  await mkdir(join(folder, 'lib'), { recursive: true });
  await writeFile(
    join(folder, 'mix.exs'),
    'defmodule Waits.MixProject do\n  use Mix.Project\n  def project, do: [app: :waits, version: "1.0.0"]\nend\n',
  );
  await writeFile(join(folder, 'lib', 'waits.ex'), code);
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('ends the VM of the tool when the run is aborted', async () => {
  const pid = join(work, 'pid of the VM');
  const folder = await mixProject(
    'waits',
    `File.write!("${pid}", System.pid() <> "\\n")\nProcess.sleep(100_000)\n`,
  );
  const controller = new AbortController();
  const run = runTool({ tool: 'mix', args: ['compile'], folder, env: {}, signal: controller.signal });
  const started = async (): Promise<number> => {
    for (const end = Date.now() + 20_000; Date.now() < end;) {
      const text = existsSync(pid) ? await readFile(pid, 'utf8') : '';
      if (text.endsWith('\n')) return Number(text);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error('mix did not come to compile');
  };
  const vm = await started();
  controller.abort(new Error('enough'));
  await expect(run).rejects.toThrow('enough');
  await expect.poll(() => isAlive(vm)).toBe(false);
});

it('gives a question no answer, and file names are UTF-8 in every locale', async () => {
  const folder = await mixProject('asks', 'IO.inspect({Mix.shell().yes?("Sure?"), File.cwd!()})\n');
  const env = { LC_ALL: 'C', LANG: 'C', MIX_BUILD_PATH: join(work, 'gebaut für asks') };
  const { succeeded, output } = await runTool({ tool: 'mix', args: ['compile'], folder, env });
  expect(output).toContain('{false, "');
  expect(output).not.toContain('latin1');
  expect(succeeded).toBe(true);
  expect(existsSync(join(work, 'gebaut für asks', 'lib', 'waits', 'ebin', 'waits.app'))).toBe(true);
});

it.each([
  [
    'rebar3',
    ['erl'],
    generateRelxRelease,
    'there is no rebar3 on PATH: it builds this project. Install it (Debian and Ubuntu: apt-get install rebar3; others: the escript from rebar3.org) or add its folder to PATH.',
  ],
  [
    'mix',
    ['erl'],
    generateMixRelease,
    'there is no mix on PATH: Elixir is needed to build this project. Install it (Debian and Ubuntu: apt-get install elixir) or add its bin folder to PATH.',
  ],
  [
    'erl',
    [],
    generateMixRelease,
    'there is no erl on PATH: Erlang/OTP is needed to build. Install it (Debian and Ubuntu: apt-get install erlang) or add its bin folder to PATH.',
  ],
])('without %s on PATH says how to get it', async (missing, present, generate, message) => {
  const path = process.env['PATH'] ?? '';
  const bin = join(work, `bin without ${missing}`);
  await mkdir(bin);
  for (const program of present) {
    const file = path
      .split(delimiter)
      .map((folder) => join(folder, program))
      .find((candidate) => existsSync(candidate));
    await symlink(file ?? '', join(bin, program));
  }
  process.env['PATH'] = bin;
  try {
    const made = generate({ projectRoot: work, outputPath: join(work, 'none') });
    await expect(made).rejects.toThrow(message);
  } finally {
    process.env['PATH'] = path;
  }
});
