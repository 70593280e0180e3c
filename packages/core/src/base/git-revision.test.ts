import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ScratchRepository } from '../../test/git/scratch-repository';
import { repositoryOf, resolveRevision } from './git-revision';

const scratch = new ScratchRepository();
const first = scratch.commit({ 'a project/file': '1' }, 'v0.1', 'odd/täg');
const second = scratch.commit({ 'a project/file': '2' });
const repository = repositoryOf(join(scratch.root, 'a project'));
afterAll(() => {
  scratch.remove();
});

it('a project knows the repository it lies in', async () => {
  expect(await repository).toEqual({ root: scratch.root, prefix: 'a project', isShallow: false });
  expect(await repositoryOf(scratch.root)).toMatchObject({ prefix: '' });
});

it.each([
  ['v0.1', first],
  ['odd/täg', first],
  ['HEAD~1', first],
  ['main', second],
  [second.slice(0, 8), second],
  ['main^{/a commit}', second],
])('%s is a commit', async (revision, commit) => {
  expect(await resolveRevision(await repository, revision)).toBe(commit);
});

describe('what is no commit', () => {
  it.each([
    ['', 'expected a revision after git:, found "". Give a tag, a branch or a commit, such as git:v1.0.'],
    ['--upload-pack=touch x', 'expected a revision after git:, found "--upload-pack=touch x".'],
    ['-n1', 'expected a revision after git:, found "-n1".'],
    ['v0.1\n-x', 'expected a revision after git:, found "v0.1\\n-x".'],
    ['v0.2', 'git does not know the revision v0.2; there is v0.1. Correct it, or run git fetch --tags'],
    ['HEAD~9', 'git does not know the revision HEAD~9. Correct it'],
    ['v0.1..main', 'git does not know the revision v0.1..main.'],
    ['$(touch x)', 'git does not know the revision $(touch x).'],
    ['HEAD:a project/file', 'git does not know the revision HEAD:a project/file.'],
  ])('%s', async (revision, message) => {
    await expect(resolveRevision(await repository, revision)).rejects.toThrow(message);
  });
});

it('a clone that lacks what is older gets the command that fetches it', async () => {
  const clone = join(scratch.folder, 'shallow');
  scratch.git('clone', '--quiet', '--depth=1', `file://${scratch.root}`, clone);
  const shallow = await repositoryOf(clone);
  expect(shallow.isShallow).toBe(true);
  await expect(resolveRevision(shallow, 'v0.1')).rejects.toThrow(
    'git does not know the revision v0.1, and this clone is shallow: it may lack what is older. Run git fetch --unshallow --tags first; for actions/checkout that is fetch-depth: 0, for GitLab CI GIT_DEPTH: 0.',
  );
});

it('a folder in no repository is a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nx-otp-no-git-'));
  mkdirSync(join(folder, 'project'));
  await expect(repositoryOf(join(folder, 'project'))).rejects.toThrow(
    'this is not in a git repository. Give the previous release as a folder or a tarball.',
  );
  rmSync(folder, { recursive: true });
});
