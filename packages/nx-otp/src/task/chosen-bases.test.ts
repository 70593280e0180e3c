import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { OtpError } from '@nx-otp/core';
import type { NxJsonConfiguration, TargetConfiguration, Task, TaskGraph } from '@nx/devkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GitWorkspace } from '../../test/git-workspace';
import baseHasher from './base-hasher';
import { chosenBases, type ReleasedProject } from './chosen-bases';

const devkit = vi.hoisted(() => ({ workspaceRoot: '' }));
vi.mock('@nx/devkit', async (original) => ({
  ...(await original<object>()),
  get workspaceRoot() {
    return devkit.workspaceRoot;
  },
}));

let scratch: GitWorkspace;
beforeEach(() => {
  scratch = new GitWorkspace();
  devkit.workspaceRoot = scratch.root;
});
afterEach(() => {
  scratch.remove();
});

const config = (version: string): Record<string, string> => ({
  'dummy/rel/reltool.config': `{sys, [{rel, "dummy_rel", "${version}", [kernel, stdlib, sasl]}, {boot_rel, "dummy_rel"}]}.`,
});

const project = (
  nxJson: NxJsonConfiguration = {},
  targets: Record<string, TargetConfiguration> = {},
): ReleasedProject => ({
  workspace: scratch.root,
  name: 'dummy',
  configuration: { root: 'dummy', targets },
  nxJson,
  targetConfiguration: undefined,
  libraries: [],
});

async function chosen(given: string[], of = project()): Promise<string[]> {
  return (await chosenBases(given, of)).map((base) => (base.kind === 'revision' ? base.commit : base.path));
}

async function refusal(action: Promise<unknown>): Promise<string> {
  const error: unknown = await action.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof OtpError) return error.message;
  throw new Error('it went well', { cause: error });
}

describe('the bases of a project', () => {
  it('are paths and revisions, each commit once', async () => {
    const commit = scratch.commit(config('0.1'), 'v0.1');
    expect(await chosen(['git:v0.1', '/srv/prod', 'git:HEAD', './git:x'])).toEqual([
      commit,
      '/srv/prod',
      join(scratch.root, 'git:x'),
    ]);
  });

  it('are the last release tag where none is given, as nx release writes its tags', async () => {
    const first = scratch.commit(config('0.1'), 'dummy@0.1', 'rel/0.1', 'own-dummy/0.1');
    const second = scratch.commit({ 'dummy/rel/x': '' }, 'v0.1.5', 'dummy-test');
    scratch.commit(config('0.2'), 'dummy_rel@0.2');
    expect(await chosen([])).toEqual([first]);
    expect(await chosen([], project({ release: { releaseTag: { pattern: 'v{version}' } } }))).toEqual([
      second,
    ]);
    const groups = {
      others: { projects: ['other'], releaseTag: { pattern: 'v{version}' } },
      ours: { projects: ['dummy'], releaseTag: { pattern: 'own-{projectName}/{version}' } },
    };
    expect(await chosen([], project({ release: { groups } }))).toEqual([first]);
  });

  it('are of another version than that of the configuration that generate takes', async () => {
    const first = scratch.commit(config('0.1'), 'v0.1');
    scratch.commit(
      { ...config('0.1'), 'dummy/other.config': config('0.2')['dummy/rel/reltool.config'] ?? '' },
      'v0.2',
    );
    const generate = { executor: 'nx-otp:generate', options: { config: 'other.config' } };
    expect(await chosen([], project({}, { generate }))).toEqual([first]);
  });

  it('are not there, and the sentence says what to do', async () => {
    scratch.commit(config('0.1'));
    expect(await refusal(chosen([]))).toBe(
      'no previous release of dummy was given, so there is nothing to upgrade from: no tag is reachable from HEAD. Pass --previousRelease=PATH (a folder or a .tar.gz of the release that runs in production) or --previousRelease=git:REVISION, or set previousRelease in the options of dummy:previous-release.',
    );
    scratch.git('tag', 'v0.1');
    expect(await refusal(chosen([]))).toContain(
      ': the release tags that are reachable from HEAD (v0.1) are of the current version, 0.1. Pass',
    );
  });

  it('are those of a snapshot, by its version', async () => {
    const commit = scratch.commit(config('0.1'), 'v0.1');
    scratch.commit(config('0.2'), 'v0.2');
    const texts = (version: string) => ({
      'releases/start_erl.data': `13.1 ${version}`,
      [`releases/${version}/dummy_rel.rel`]: `{release, {"dummy_rel", "${version}"}, {erts, "13.1"}, []}.`,
    });
    const snapshot = (version: string): string => {
      const file = join(scratch.root, 'node.json');
      const head = {
        format: 'nx-otp snapshot',
        formatVersion: 1,
        node: 'n',
        takenAt: '',
        root: '/srv',
        otp: '25',
      };
      const rest = { erts: '13.1', algorithm: 'md5', files: [], loaded: [], leftovers: [] };
      writeFileSync(file, JSON.stringify({ ...head, ...rest, texts: texts(version) }));
      return file;
    };
    expect(await chosen([snapshot('0.1')])).toEqual([commit]);
    expect(await refusal(chosen([snapshot('0.3')]))).toContain(
      'it says that dummy_rel 0.3 runs, and has no code to plan an upgrade from; there is no release tag of version 0.3 (found v0.1, v0.2). Give that release, too: --previousRelease=PATH or git:REVISION, and --snapshot=',
    );
  });
});

describe('the hash of what is built', () => {
  const hashed = async (
    options: object,
    targets: Record<string, TargetConfiguration> = {},
    env: NodeJS.ProcessEnv = {},
  ): Promise<string> => {
    const inputs = [{ runtime: 'node node_modules/nx-otp/bin/nx-otp-toolchain.js' }, { env: 'ERL_LIBS' }];
    const data = {
      root: 'dummy',
      targets: { 'build-base': { executor: 'nx-otp:build-base', inputs }, ...targets },
    };
    const context = {
      hasher: { hashTask: () => Promise.reject(new Error('Nx would hash more')) },
      taskGraph: {} as TaskGraph,
      projectGraph: { nodes: { dummy: { name: 'dummy', type: 'app', data } }, dependencies: {} },
      projectsConfigurations: { version: 2, projects: {} },
      nxJsonConfiguration: {},
      env,
    };
    const task = { target: { project: 'dummy', target: 'build-base' }, overrides: options } as Task;
    return (await baseHasher(task, context as unknown as Parameters<typeof baseHasher>[1])).value;
  };

  it('is that of the commits, however they are named, and of how they are built', async () => {
    scratch.commit(config('0.1'), 'v0.1');
    scratch.commit(config('0.2'));
    const first = await hashed({});
    expect(await hashed({ previousRelease: 'git:v0.1' })).toBe(first);
    expect(await hashed({ previousReleases: ['/srv/prod', 'git:HEAD~1'], full: true })).toBe(first);
    scratch.commit({ 'dummy/src/new.erl': '', 'nx.json': '{}' });
    expect(await hashed({})).toBe(first);
    const others = [
      await hashed({ previousRelease: 'git:main' }),
      await hashed({ previousReleases: ['git:main', 'git:v0.1'] }),
      await hashed({ previousRelease: '/srv/prod' }),
      await hashed({ previousRelease: 'git:nowhere' }),
      await hashed({}, { generate: { executor: 'nx-otp:generate', options: { profile: 'staging' } } }),
      await hashed(
        {},
        { generate: { executor: 'nx-otp:generate', inputs: [{ env: 'REGION' }] } },
        { REGION: 'eu' },
      ),
      await hashed({}, {}, { ERL_LIBS: '/opt' }),
    ];
    expect(new Set([first, ...others]).size).toBe(1 + others.length);
  });
});
