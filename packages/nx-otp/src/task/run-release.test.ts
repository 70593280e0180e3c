import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contextOf } from '../../test/context';
import { GitWorkspace } from '../../test/git-workspace';
import { runRelease } from './run-release';

let scratch: GitWorkspace;
beforeEach(() => (scratch = new GitWorkspace()));
afterEach(() => scratch.remove());

const refusal = async (previousRelease: string): Promise<string> => {
  const targets = { start: { executor: 'nx-otp:start' } };
  const context = contextOf({ root: scratch.root, target: 'start', projects: { dummy: targets } });
  return runRelease({ previousRelease }, context, false).then(
    () => 'it runs',
    (error: unknown) => (error as Error).message,
  );
};

it('asks for the release of a revision to be built first', async () => {
  scratch.commit({ 'dummy/rel/reltool.config': '' }, 'v0.1');
  expect(await refusal('git:v0.1')).toBe(
    `the release of git:v0.1 is not built. Build it first: nx run dummy:build-base --previousRelease=git:v0.1`,
  );
  expect(await refusal('git:v0.9')).toContain('v0.9');
});

it('says what is wrong with a path', async () => {
  writeFileSync(join(scratch.root, 'text'), 'a text');
  expect(await refusal('')).toContain('the option previousRelease is empty.');
  expect(await refusal('nowhere')).toContain('nowhere: there is no such file or folder.');
  expect(await refusal('text')).toContain('text: ');
});
