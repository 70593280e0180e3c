import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { OtpError } from '../error';
import { nearestName } from '../nearest-name';
import { gitOutput, runGit } from './git';

/** A git repository, and the folder in it that is spoken of. */
export interface Repository {
  /** The root of the working tree, absolute. */
  readonly root: string;
  /** The folder relative to it, with slashes; empty for the root itself. */
  readonly prefix: string;
  /** Of a clone with `--depth`, which ends before the first commit. */
  readonly isShallow: boolean;
}

/**
 * The repository that a folder lies in.
 * @throws OtpError `git-repository` where it lies in none, or git does not trust the one it lies in
 */
export async function repositoryOf(folder: string): Promise<Repository> {
  const { succeeded, output, complaint } = await runGit(folder, [
    'rev-parse',
    '--show-toplevel',
    '--is-shallow-repository',
  ]);
  const [root, isShallow] = output.split('\n');
  if (!succeeded || root === undefined || root === '') {
    const isNone = complaint.includes('not a git repository');
    throw new OtpError(
      isNone ? 'this is not in a git repository.' : `git does not read this repository: ${complaint}`,
      {
        code: 'git-repository',
        file: folder,
        ...(isNone && { fix: 'Give the previous release as a folder or a tarball.' }),
      },
    );
  }
  return {
    root,
    prefix: relative(root, await realpath(folder))
      .split(sep)
      .join('/'),
    isShallow: isShallow === 'true',
  };
}

/**
 * The commit that a revision names: a tag, a branch, a hash, `HEAD~3`, whatever `git rev-parse` knows.
 * @returns its hash, in full
 * @throws OtpError `git-revision`
 */
export async function resolveRevision({ root, isShallow }: Repository, revision: string): Promise<string> {
  // What begins with a dash would be an option, and a git revision never does.
  if (revision.trim() === '' || revision.startsWith('-') || /\p{Cc}/u.test(revision)) {
    throw new OtpError(`expected a revision after git:, found ${JSON.stringify(revision)}.`, {
      code: 'git-revision',
      fix: 'Give a tag, a branch or a commit, such as git:v1.0.',
    });
  }
  const { succeeded, output } = await runGit(root, [
    'rev-parse',
    '--verify',
    '--quiet',
    `${revision}^{commit}`,
  ]);
  const commit = output.trim();
  if (succeeded && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
  if (isShallow) {
    throw new OtpError(
      `git does not know the revision ${revision}, and this clone is shallow: it may lack what is older.`,
      { code: 'git-revision', fix: fetchAll },
    );
  }
  const names = await gitOutput(root, [
    'for-each-ref',
    '--format=%(refname:short)',
    'refs/tags',
    'refs/heads',
  ]);
  // Of HEAD~3 or a hash no name is near.
  const isName = /^[\w./@-]+$/.test(revision) && !/^[0-9a-f]{4,}$/.test(revision);
  const nearest = isName ? nearestName(revision, names.split('\n').filter(Boolean)) : undefined;
  throw new OtpError(
    `git does not know the revision ${revision}${nearest === undefined ? '' : `; there is ${nearest}`}.`,
    {
      code: 'git-revision',
      fix: 'Correct it, or run git fetch --tags where it is a tag that this clone does not have yet.',
    },
  );
}

/** What to do about a clone of a CI that has neither tags nor what is older. */
export const fetchAll =
  'Run git fetch --unshallow --tags first; for actions/checkout that is fetch-depth: 0, for GitLab CI GIT_DEPTH: 0.';
