import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NxRun } from '../tools/scratch-workspace.mjs';
import { dummyWorkspace, filesIn, succeeding, type DummyWorkspace } from './support/dummy-workspace.js';

const run = promisify(execFile);
let workspace: DummyWorkspace;

beforeAll(async () => {
  workspace = await dummyWorkspace('running');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
});

afterAll(() => {
  workspace.remove();
});

interface Started {
  /** The folder it runs in. */
  readonly root: string;
  /** Ctrl-C. */
  readonly interrupt: () => Promise<NxRun>;
}

/** Runs a target until its node is up. */
async function started(args: readonly string[], copy: string): Promise<Started> {
  const interrupt = new AbortController();
  let ended: Promise<NxRun> | undefined;
  await new Promise<void>((up, reject) => {
    ended = workspace.nx(args, {
      interrupted: interrupt.signal,
      heard: (output) => {
        if (output.includes('the node is up')) up();
      },
    });
    ended.then(({ output }) => reject(new Error(`nx has ended:\n${output}`)), reject);
  });
  return {
    root: join(workspace.project, 'dist/running', copy),
    interrupt: async () => {
      interrupt.abort();
      if (ended === undefined) throw new Error('it was not started');
      return ended;
    },
  };
}

const versions = 'lists:sort([{A, V} || {A, _, V} <- application:which_applications(), A =:= dummy]).';

test('the present and the previous release run side by side, until Ctrl-C, and neither is touched', async () => {
  const generated = filesIn(workspace.dist('release'));
  const production = filesIn(workspace.production);
  const node = `previous_${randomBytes(4).toString('hex')}`;
  const ofPrevious = ['--previousRelease=prod', `--node=${node}`, '--excludeTaskDependencies'];
  const [present, previous] = await Promise.all([
    started(['run', 'dummy:start'], 'dummy-0.2'),
    started(['run', 'dummy:start:previous', ...ofPrevious], `dummy-0.1-${node}`),
  ]);
  const answer = await run(join(present.root, 'bin/dummy'), ['eval', versions]);
  expect(answer.stdout.trim()).toBe('[{dummy, "0.2"}]');
  const ended = await Promise.all([present.interrupt(), previous.interrupt()]);
  expect(ended.map(({ status }) => status)).toEqual([130, 130]);
  await expect(run(join(present.root, 'bin/dummy'), ['ping'])).rejects.toThrow('does not answer');
  for (const { root } of [present, previous]) {
    expect(existsSync(join(root, 'erl_crash.dump'))).toBe(false);
    // Removed when the node has ended in order.
    expect(existsSync(join(root, '.nx-otp-node.json'))).toBe(false);
  }
  expect(filesIn(workspace.dist('release'))).toEqual(generated);
  expect(filesIn(workspace.production)).toEqual(production);
});
