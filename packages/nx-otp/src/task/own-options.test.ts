import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '@nx-otp/core';
import type { Task } from '@nx/devkit';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../test/context';
import { forwardedParameters, readersOf } from './chain-options';
import hasher from './hasher';
import { isDependency, ownOptions } from './own-options';

const projects = {
  dummy: {
    'generate-appups': {
      executor: 'nx-otp:generate-appups',
      options: { outputPath: 'dummy/dist/appups' },
      configurations: { ci: { outputPath: 'ci/appups' } },
    },
    'generate-upgrade': { executor: 'nx-otp:generate-upgrade' },
    'previous-release': { executor: 'nx-otp:previous-release' },
  },
};

/** `nx run dummy:generate-upgrade --previousRelease=prod --outputPath=x --full`, seen by one of the two. */
const commandLine = { previousRelease: 'prod', outputPath: 'x', full: true, appupsPath: 'y' };

function context(target: string, configuration?: string, overrides: Record<string, unknown> = commandLine) {
  const suffix = configuration === undefined ? '' : `:${configuration}`;
  return contextOf({
    projects,
    target,
    ...(configuration !== undefined && { configuration }),
    tasks: {
      [`dummy:generate-upgrade${suffix}`]: {
        needs: [`dummy:generate-appups${suffix}`, 'dummy:previous-release'],
        overrides,
      },
      [`dummy:generate-appups${suffix}`]: { needs: ['dummy:previous-release'], overrides },
      'dummy:previous-release': { overrides },
    },
  });
}

describe('the options of a target that another one needs', () => {
  it('are its own, but for the previous release and what people decided', () => {
    const given = { ...commandLine };
    expect(ownOptions(given, context('generate-appups'))).toEqual({
      previousRelease: 'prod',
      outputPath: 'dummy/dist/appups',
      appupsPath: 'y',
    });
  });

  it('are those of its configuration', () => {
    expect(ownOptions({ ...commandLine }, context('generate-appups', 'ci'))).toEqual({
      previousRelease: 'prod',
      outputPath: 'ci/appups',
      appupsPath: 'y',
    });
  });
});

it('the options of the target that was asked for are what was given', () => {
  expect(ownOptions(commandLine, context('generate-upgrade'))).toEqual(commandLine);
});

describe('an option of another target of the chain', () => {
  const said = (options: object, target: string): string => {
    try {
      return JSON.stringify(ownOptions(options, context(target)));
    } catch (error) {
      if (error instanceof OtpError) return error.message;
      throw error;
    }
  };
  /** As with `--excludeTaskDependencies`. */
  const alone = (target: string) => contextOf({ projects, target, tasks: { [`dummy:${target}`]: {} } });

  it('is refused where it was meant for the target that was asked for', () => {
    expect(said({ upgradePackage: 'x' }, 'generate-upgrade')).toBe(
      'upgradePackage is an option of verify-upgrade and rehearse-upgrade, and does nothing for generate-upgrade. Give it to that target (nx run dummy:verify-upgrade --upgradePackage=...), or set it in its options.',
    );
    expect(() => ownOptions({ full: true }, alone('generate-appups'))).toThrow(
      'full is an option of generate-upgrade, and does nothing for generate-appups.',
    );
  });

  it('that is forwarded reaches the target that reads it, when that runs', () => {
    expect(said({ policyPath: 'p' }, 'generate-upgrade')).toBe('{"policyPath":"p"}');
    expect(() => ownOptions({ policyPath: 'p' }, alone('generate-upgrade'))).toThrow(
      'policyPath is an option of generate-appups, and does nothing for generate-upgrade.',
    );
  });

  it.each([
    ['previous-release', ['generate-appups', 'generate-upgrade', 'verify-upgrade', 'rehearse-upgrade']],
    ['generate-appups', ['generate-upgrade', 'verify-upgrade', 'rehearse-upgrade']],
    ['generate-upgrade', ['verify-upgrade', 'rehearse-upgrade']],
  ])('passes through the schema of %s', async (target, above) => {
    const below = await optionsOf(target);
    for (const one of above) {
      for (const [name, { type }] of await optionsOf(one)) {
        expect([one, name, below.get(name)?.type]).toEqual([one, name, type]);
      }
    }
    for (const [name, { 'x-priority': priority }] of below) {
      const readers = readersOf(name);
      const passes = readers !== undefined && !readers.includes(`nx-otp:${target}`);
      const isUsed = forwardedParameters.includes(name) && target !== 'previous-release';
      expect([name, priority === 'internal']).toEqual([name, passes && !isUsed]);
    }
  });
});

interface SchemaOption {
  readonly type: string;
  readonly 'x-priority'?: string;
}

async function optionsOf(target: string): Promise<Map<string, SchemaOption>> {
  const file = join(__dirname, '..', 'executors', target, 'schema.json');
  const { properties } = JSON.parse(await readFile(file, 'utf8')) as {
    properties: Record<string, SchemaOption>;
  };
  return new Map(Object.entries(properties));
}

it('a task is a dependency when another one of the run needs it', () => {
  const graph = context('generate-upgrade').taskGraph;
  expect(isDependency('dummy:generate-appups', graph)).toBe(true);
  expect(isDependency('dummy:generate-upgrade', graph)).toBe(false);
  expect(isDependency('dummy:generate-appups', undefined)).toBe(false);
});

describe('the hash of a task', () => {
  const hashed = async (
    target: string,
    isImported = true,
    overrides = commandLine as object,
  ): Promise<unknown> => {
    const { taskGraph, projectGraph } = context(target, undefined, { ...overrides });
    if (!isImported && taskGraph) taskGraph.dependencies[`dummy:${target}`] = [];
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
    expect(task.overrides).toEqual(overrides);
    return seen[0];
  };

  it('does not depend on where the previous release lies', async () => {
    expect(await hashed('generate-upgrade')).toEqual({
      outputPath: 'x',
      full: true,
      modes: expect.any(String) as string,
    });
  });

  it('counts the content of a previous release that nobody has brought into the workspace', async () => {
    expect(await hashed('generate-upgrade', false)).toEqual({
      outputPath: 'x',
      full: true,
      modes: expect.any(String) as string,
      'content of previousRelease': expect.any(String) as string,
    });
  });

  it('of a dependency is its own when Nx would keep the folder of another target for it', async () => {
    const once = expect.any(String) as string;
    const [first, second] = [await hashed('generate-appups'), await hashed('generate-appups')];
    const own = { policy: expect.any(String) as string, reviewed: expect.any(String) as string };
    expect(first).toEqual({ ...own, once });
    expect(second).not.toEqual(first);
  });

  it('of a dependency does not depend on the command line otherwise', async () => {
    const others = { previousRelease: 'prod', full: true, appupsPath: 'y' };
    const own = { policy: expect.any(String) as string, reviewed: expect.any(String) as string };
    expect(await hashed('generate-appups', true, others)).toEqual(own);
  });
});
