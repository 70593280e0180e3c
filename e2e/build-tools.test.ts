import { randomBytes } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { formatRehearsal, installationSteps, readRelease, rehearseUpgrade } from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeScratchWorkspace, type ScratchWorkspace } from '../tools/scratch-workspace.mjs';
import { filesIn, succeeding } from './support/dummy-workspace.js';
import {
  mixSources,
  relxSources,
  scriptedNode,
  writeFiles,
  type ScriptedNode,
} from './support/other-layouts.js';

const node = `tools_${randomBytes(4).toString('hex')}`;

/** What differs from one tool to the other, in the words of the release's own start script. */
interface Tool {
  readonly name: string;
  readonly versions: readonly [string, string];
  /** The project in its first version, where the server answers N, and its second, where it answers {new, N}. */
  readonly sources: readonly [Record<string, string>, Record<string, string>];
  readonly env: Record<string, string>;
  readonly get: readonly string[];
  readonly set: readonly string[];
  readonly probe: string;
  readonly answers: (value: number) => readonly [string, string];
}

const tools: Record<'mix' | 'rebar3', Tool> = {
  mix: {
    name: 'mixy',
    versions: ['0.1.0', '0.2.0'],
    sources: [
      mixSources('0.1.0', 'n', ', releases: [mixy: []]'),
      mixSources('0.2.0', '{:new, n}', ', releases: [mixy: []]'),
    ],
    env: { RELEASE_NODE: `${node}_mix`, RELEASE_COOKIE: `${node}_cookie` },
    get: ['rpc', 'IO.inspect(Mixy.Server.get())'],
    set: ['rpc', 'Mixy.Server.set(7)'],
    probe: 'Mixy.Server.get()',
    answers: (value) => [String(value), `{:new, ${value}}`],
  },
  rebar3: {
    name: 'ralf',
    versions: ['0.1', '0.2'],
    // As the template of rebar3 has it: a release for development.
    sources: [
      relxSources('0.1', 'N', `${node}_relx`, '{mode, dev}'),
      relxSources('0.2', '{new, N}', `${node}_relx`, '{mode, dev}'),
    ],
    env: {},
    get: ['eval', 'ralf_server:get().'],
    set: ['eval', 'ralf_server:set(7).'],
    probe: 'ralf_server:get()',
    answers: (value) => [String(value), `{new, ${value}}`],
  },
};

describe.each(['mix', 'rebar3'] as const)('a project of %s, without configuration', (which) => {
  const tool = tools[which];
  const [old, next] = tool.versions;
  let workspace: ScratchWorkspace;
  let project: string;
  let production: string;
  let live: ScriptedNode;

  beforeAll(async () => {
    workspace = await makeScratchWorkspace(which);
    project = join(workspace.folder, tool.name);
    production = join(workspace.folder, 'prod');
    writeFiles(workspace.folder, {
      'nx.json': '{ "plugins": ["nx-otp"], "analytics": false, "neverConnectToCloud": true }',
    });
    writeFiles(project, tool.sources[0]);
    await succeeding(workspace.nx(['run', `${tool.name}:generate`]));
    cpSync(join(project, 'dist/release'), production, { recursive: true });
    live = scriptedNode(production, join(workspace.folder, 'live'), tool.name, tool.env);
  });
  afterAll(() => {
    workspace.remove();
  });
  // The last one is called first.
  afterAll(() => live.stop());

  const value = () => live.script(...tool.get);
  const upgrade = () =>
    workspace.nx(['run', `${tool.name}:generate-upgrade`, `--previousRelease=${production}`]);

  test('has a release that knows where its libraries lie, wherever it is copied', async () => {
    const { name, version, installed, applications } = await readRelease(production);
    expect({ name, version }).toEqual({ name: tool.name, version: old });
    expect(installed?.[0]?.libraries.map(({ path }) => path)).toEqual(
      applications.map((application) => `lib/${application.name}-${application.version}`),
    );
    expect(readFileSync(join(production, 'releases/RELEASES'), 'utf8')).not.toContain(workspace.folder);
    expect(existsSync(join(production, 'releases', old, 'facts.json'))).toBe(true);
  });

  test('gives the release back from the cache, and makes it again when a source changes', async () => {
    const release = join(project, 'dist/release');
    const made = filesIn(release);
    rmSync(release, { recursive: true });
    expect(await succeeding(workspace.nx(['run', `${tool.name}:generate`]))).toContain('local cache');
    expect(filesIn(release)).toEqual(made);
    writeFiles(project, tool.sources[1]);
    expect(await succeeding(workspace.nx(['run', `${tool.name}:generate`]))).toContain(
      `${tool.name} ${next}: ${tool.name}/dist/release`,
    );
  });

  test('goes up and down and up on its node by its own script, and keeps its state', async () => {
    const output = await succeeding(upgrade());
    expect(output).not.toContain('create_RELEASES');
    expect(
      await succeeding(
        workspace.nx(['run', `${tool.name}:verify-upgrade`, `--previousRelease=${live.root}`]),
      ),
    ).toContain('fits');
    await live.start();
    await live.script(...tool.set);
    const layout = which === 'mix' ? 'mix' : 'relx';
    const steps = installationSteps(layout, tool.name, next);
    const target = join(live.root, steps.copyTo);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(project, 'dist/upgrade', `${tool.name}_${next}.tar.gz`), target);
    const [before, after] = tool.answers(7);
    expect(await value()).toBe(before);
    for (const line of steps.upgrade) await live.command(line);
    expect(await value()).toBe(after);
    for (const line of steps.downgrade(old)) await live.command(line);
    expect(await value()).toBe(before);
    for (const line of steps.upgrade.slice(which === 'mix' ? 1 : 0)) await live.command(line);
    expect(await value()).toBe(after);
    await live.stop();
    await live.start();
    expect(await value()).toBe(tool.answers(0)[1]);
  });

  test('passes its rehearsal, in the words of its language', async () => {
    const rehearsal = await rehearseUpgrade({
      previousRelease: production,
      upgradePackage: join(project, 'dist/upgrade', `${tool.name}_${next}.tar.gz`),
      probes: { during: [tool.probe] },
      settleTime: 0,
    });
    const { passed, layout, emulator, base, version } = rehearsal;
    expect({ passed, layout, emulator, base, version }, formatRehearsal(rehearsal)).toEqual({
      passed: true,
      layout: which === 'mix' ? 'mix' : 'relx',
      emulator: 'own',
      base: old,
      version: next,
    });
  });
});
