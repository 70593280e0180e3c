import type { Task } from '@nx/devkit';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../test/context';
import hasher from './hasher';
import { isDependency, ownOptions } from './own-options';

const projects = {
  dummy: {
    'generate-appups': {
      executor: 'nx-otp:generate-appups',
      options: { outputPath: 'dummy/dist/appups' },
      configurations: { ci: { appupsPath: 'reviewed' } },
    },
    'generate-upgrade': { executor: 'nx-otp:generate-upgrade' },
  },
};

/** `nx run dummy:generate-upgrade --previousRelease=prod --outputPath=x --full`, seen by one of the two. */
const commandLine = { previousRelease: 'prod', outputPath: 'x', full: true, appupsPath: 'y' };

function context(target: string, configuration?: string) {
  const suffix = configuration === undefined ? '' : `:${configuration}`;
  return contextOf({
    projects,
    target,
    ...(configuration !== undefined && { configuration }),
    tasks: {
      [`dummy:generate-upgrade${suffix}`]: {
        needs: [`dummy:generate-appups${suffix}`],
        overrides: commandLine,
      },
      [`dummy:generate-appups${suffix}`]: { overrides: commandLine },
    },
  });
}

describe('the options of a target that another one needs', () => {
  it('are its own, but for the previous release', () => {
    const given = { ...commandLine };
    expect(ownOptions(given, context('generate-appups'))).toEqual({
      previousRelease: 'prod',
      outputPath: 'dummy/dist/appups',
    });
  });

  it('are those of its configuration', () => {
    expect(ownOptions({ ...commandLine }, context('generate-appups', 'ci'))).toEqual({
      previousRelease: 'prod',
      outputPath: 'dummy/dist/appups',
      appupsPath: 'reviewed',
    });
  });
});

it('the options of the target that was asked for are what was given', () => {
  expect(ownOptions(commandLine, context('generate-upgrade'))).toEqual(commandLine);
});

it('a task is a dependency when another one of the run needs it', () => {
  const graph = context('generate-upgrade').taskGraph;
  expect(isDependency('dummy:generate-appups', graph)).toBe(true);
  expect(isDependency('dummy:generate-upgrade', graph)).toBe(false);
  expect(isDependency('dummy:generate-appups', undefined)).toBe(false);
});

describe('the hash of a task', () => {
  const hashed = async (target: string): Promise<unknown> => {
    const { taskGraph, projectGraph } = context(target);
    const seen: unknown[] = [];
    const hashTask = (
      task: Task,
    ): Promise<{ value: string; details: { command: string; nodes: object } }> => {
      seen.push(task.overrides);
      return Promise.resolve({ value: 'hash', details: { command: '', nodes: {} } });
    };
    const task = taskGraph?.tasks[`dummy:${target}`];
    if (task === undefined || taskGraph === undefined) throw new Error('no such task');
    await hasher(task, { hasher: { hashTask }, taskGraph, projectGraph } as unknown as Parameters<
      typeof hasher
    >[1]);
    expect(task.overrides).toEqual(commandLine);
    return seen[0];
  };

  it('does not depend on where the previous release lies', async () => {
    expect(await hashed('generate-upgrade')).toEqual({ outputPath: 'x', full: true, appupsPath: 'y' });
  });

  it('of a dependency does not depend on the command line at all', async () => {
    expect(await hashed('generate-appups')).toEqual({ policy: expect.any(String) as string });
  });
});
