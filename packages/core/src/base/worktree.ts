import { randomBytes } from 'node:crypto';
import { lstat, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, posix } from 'node:path';
import { isAlive } from '../is-alive';
import { gitOutput, runGit } from './git';
import type { Repository } from './git-revision';

/** Hooks of the repository are meant for the working tree of people. */
const withoutHooks = ['-c', 'core.hooksPath=/dev/null'];

const prefixOfOurs = 'nx-otp-base-';

/**
 * Checks a commit out beside the user's working tree, which stays as it is, with its index and its branches. The checkout is
 * gone afterwards; that of a run that was killed goes with the next one.
 * @param commit a full hash
 * @param action is given the root of the checkout
 * @throws OtpError `git-failed`; what `action` throws
 */
export async function inWorktree<T>(
  repository: Repository,
  commit: string,
  action: (root: string) => Promise<T>,
): Promise<T> {
  const { root } = repository;
  await removeLeftovers(root);
  const name = `${prefixOfOurs}${process.pid}-${randomBytes(4).toString('hex')}`;
  const folder = join(await realpath(tmpdir()), name);
  try {
    await gitOutput(
      root,
      [...withoutHooks, 'worktree', 'add', '--quiet', '--detach', folder, commit],
      repository.isShallow ? 'This clone is shallow: git fetch --unshallow may bring what is missing.' : undefined,
    );
    await checkOutSubmodules(root, folder);
    await linkNodeModules(repository, folder);
    return await action(folder);
  } finally {
    await removeWorktree(root, folder);
  }
}

/** Of a killed run, or of one that has not come far. */
async function removeWorktree(root: string, folder: string): Promise<void> {
  await runGit(root, ['worktree', 'remove', '--force', '--force', folder]);
  // git refuses one that it has not made whole, and leaves what was mounted or made read-only.
  await rm(folder, { recursive: true, force: true });
}

/** Those that are ours, of processes that are gone; what other programs and people have checked out stays. */
async function removeLeftovers(root: string): Promise<void> {
  const { output } = await runGit(root, ['worktree', 'list', '--porcelain']);
  const here = await realpath(tmpdir());
  for (const [, folder = ''] of output.matchAll(/^worktree (.+)$/gm)) {
    const pid = new RegExp(`^${prefixOfOurs}(\\d+)-[0-9a-f]{8}$`).exec(basename(folder))?.[1];
    if (pid === undefined || dirname(folder) !== here || isAlive(Number(pid))) continue;
    await removeWorktree(root, folder);
  }
}

/** Only those that are checked out here: what nobody has needed so far need not be fetched. */
async function checkOutSubmodules(root: string, folder: string): Promise<void> {
  const isThere = await lstat(join(folder, '.gitmodules')).catch(() => undefined);
  if (isThere === undefined) return;
  const { output } = await runGit(root, ['submodule', 'foreach', '--quiet', 'echo "$sm_path"']);
  const paths = output.split('\n').filter((path) => path !== '');
  if (paths.length === 0) return;
  const { output: present } = await runGit(folder, ['ls-files', '--stage', '-z', '--', ...paths]);
  const needed = present
    .split('\0')
    .filter((entry) => entry.startsWith('160000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
  for (const path of needed) {
    await gitOutput(
      folder,
      // Their objects are here already, so that nothing is fetched unless a commit is missing.
      [...withoutHooks, 'submodule', 'update', '--init', '--reference', join(root, path), '--', path],
      'Fetch the submodule in the repository first, or give the previous release as a folder or a tarball.',
    );
  }
}

/** A build may run programs of npm packages, as overlays and aliases of mix do; git does not know them. */
async function linkNodeModules({ root, prefix }: Repository, folder: string): Promise<void> {
  for (let place = prefix; ; place = posix.dirname(place)) {
    const modules = join(root, place, 'node_modules');
    const stats = await lstat(modules).catch(() => undefined);
    // Where the revision has no such folder, nothing of it needs them; where it has its own, those are right.
    if (stats !== undefined) await symlink(modules, join(folder, place, 'node_modules'), 'dir').catch(() => undefined);
    if (place === '' || place === '.') return;
  }
}
