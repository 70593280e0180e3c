import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OtpError } from '@nx-otp/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contextOf, type ContextFields } from '../../test/context';
import { basesOf, givenReleases, releasesToImport } from './previous-releases';
import { defaultOutputPath, pathOption, projectRootOf } from './project-paths';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'nx-otp ws ü-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const executor = (name: string, options?: object) => ({
  executor: `nx-otp:${name}`,
  ...(options && { options }),
});

const contextIn = (fields: Partial<ContextFields>) => contextOf({ root, projects: { dummy: {} }, ...fields });

it('reads the command line as hashers see it', () => {
  expect(givenReleases({ previousReleases: 'a.tar.gz' })).toEqual(['a.tar.gz']);
  expect(givenReleases({ previousReleases: 'a.tar.gz,b.tar.gz' })).toEqual(['a.tar.gz', 'b.tar.gz']);
  expect(givenReleases({ previousReleases: ['a', 'b'], previousRelease: 0.1 })).toEqual(['0.1', 'a', 'b']);
});

async function refusal(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof OtpError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it went well');
}

describe('a path', () => {
  it('is relative to the workspace, and named as it was given where that is the working directory', () => {
    const here = contextOf({ root: process.cwd(), projects: { dummy: {} } });
    expect(pathOption(here, 'release', 'prod/dummy 0.1', 'x')).toBe('prod/dummy 0.1');
    expect(pathOption(here, 'release', '/srv/prod', 'x')).toBe('/srv/prod');
    expect(pathOption(here, 'release', '../prod', 'x')).toBe(join(process.cwd(), '..', 'prod'));
    expect(pathOption(here, 'release', '.', 'x')).toBe(process.cwd());
    expect(pathOption(here, 'release', undefined, defaultOutputPath(here, 'upgrade'))).toBe(
      'dummy/dist/upgrade',
    );
    expect(pathOption(contextIn({}), 'release', 'prod', 'x')).toBe(join(root, 'prod'));
    expect(projectRootOf(here)).toBe(join(process.cwd(), 'dummy'));
  });

  it('has no project that Nx does not know', () => {
    expect(() => projectRootOf(contextIn({ project: 'none' }))).toThrow(
      'a project that it does not know: none',
    );
  });
});

describe('what is brought into the workspace', () => {
  it('is what was given, as it was written', () => {
    const targets = { 'generate-upgrade': executor('generate-upgrade', { previousRelease: 'configured' }) };
    const given = { previousRelease: 'git:v0.1', previousReleases: ['/srv/a', 'b'] };
    expect(releasesToImport(given, { name: 'dummy', targets })).toEqual(['git:v0.1', '/srv/a', 'b']);
  });

  it('is what another target of the project is configured with, and no target of another plugin', () => {
    const targets = {
      deploy: { executor: 'other:deploy', options: { previousRelease: 'x' } },
      'generate-appups': executor('generate-appups', { previousRelease: 'prod' }),
      'generate-upgrade': executor('generate-upgrade', { previousReleases: ['prod'] }),
      compile: { command: 'make' },
    };
    expect(releasesToImport({}, { name: 'dummy', targets })).toEqual(['prod']);
    expect(releasesToImport({}, { name: 'dummy', targets: {} })).toEqual([]);
  });

  it('is not guessed where two targets say different things, or an option is empty', async () => {
    const targets = {
      'generate-appups': executor('generate-appups', { previousRelease: 'a' }),
      'generate-upgrade': executor('generate-upgrade', { previousRelease: 'b' }),
    };
    expect(await refusal(() => releasesToImport({}, { name: 'dummy', targets }))).toBe(
      'previous-release-ambiguous: the targets generate-appups and generate-upgrade of dummy are configured with different previous releases. Set previousRelease once, in the options of previous-release.',
    );
    expect(await refusal(() => releasesToImport({ previousRelease: ' ' }, { name: 'dummy', targets }))).toBe(
      'option-empty: the option previousRelease is empty. Give a path, absolute or relative to the workspace root, or leave previousRelease out.',
    );
  });
});

describe('the bases of a task', () => {
  const importing = (options?: object, configurations?: Record<string, object>) => ({
    ...executor('previous-release', options),
    ...(configurations && { configurations }),
  });

  async function bases(fields: Partial<ContextFields>, folder: string): Promise<string[]> {
    await mkdir(join(root, folder, 'dummy-0.1-0123456789ab'), { recursive: true });
    return basesOf({ previousRelease: 'prod' }, contextIn(fields));
  }

  it('are the copies in the workspace, wherever the target puts them', async () => {
    const tasks = {
      'dummy:generate-upgrade': { needs: ['dummy:compile', 'dummy:bring'] },
      'dummy:compile': {},
      'dummy:bring': {},
    };
    const compile = executor('compile');
    expect(
      await bases(
        { tasks, projects: { dummy: { compile, bring: importing() } } },
        'dummy/dist/previous-release',
      ),
    ).toEqual([join(root, 'dummy/dist/previous-release/dummy-0.1-0123456789ab')]);
    expect(
      await bases(
        { tasks, projects: { dummy: { compile, bring: importing({ outputPath: 'out' }) } } },
        'out',
      ),
    ).toEqual([join(root, 'out/dummy-0.1-0123456789ab')]);
  });

  it('are those of its configuration, and of another project', async () => {
    const configured = importing({ outputPath: 'out' }, { ci: { outputPath: 'ci' } });
    const tasks = { 'dummy:generate-upgrade': { needs: ['dummy:bring:ci'] }, 'dummy:bring:ci': {} };
    expect(await bases({ tasks, projects: { dummy: { bring: configured } } }, 'ci')).toEqual([
      join(root, 'ci/dummy-0.1-0123456789ab'),
    ]);
    const elsewhere = { 'dummy:generate-upgrade': { needs: ['shared:bring'] }, 'shared:bring': {} };
    expect(
      await bases(
        { tasks: elsewhere, projects: { dummy: {}, shared: { bring: importing() } } },
        'shared/dist/previous-release',
      ),
    ).toEqual([join(root, 'shared/dist/previous-release/dummy-0.1-0123456789ab')]);
  });

  it('are the paths that were given, where nothing brings them in', async () => {
    expect(
      await basesOf({ previousRelease: 'prod' }, contextIn({ tasks: { 'dummy:generate-upgrade': {} } })),
    ).toEqual([join(root, 'prod')]);
    expect(await refusal(() => basesOf({}, contextIn({})))).toMatch(/^no-previous-release: /);
  });
});
