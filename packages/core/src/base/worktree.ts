import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { isAlive } from '../is-alive';
import { gitOutput, runGit } from './git';
import type { Repository } from './git-revision';

/** Hooks of the repository are meant for the working tree of people. */
const withoutHooks = ['-c', 'core.hooksPath=/dev/null'];

const prefixOfOurs = 'nx-otp-base-';

/**
 * Checks a commit out beside the user's working tree, which stays as it is, with its index and its branches; submodules, too, as
 * far as they are checked out there. The checkout is gone afterwards; that of a run that was killed goes with the next one.
 * @param commit a full hash
 * @param action is given the root of the checkout
 * @throws OtpError `git-failed`; what `action` throws
 */
export async function inWorktree<T>(
  repository: Repository,
  commit: string,
  action: (root: string) => Promise<T>,
): Promise<T> {
  const name = `${prefixOfOurs}${process.pid}-${randomBytes(4).toString('hex')}`;
  const folder = join(await realpath(tmpdir()), name);
  const made: Checkout[] = [];
  try {
    await checkOut({ root: repository.root, folder }, commit, made);
    await linkNodeModules(repository, folder);
    return await action(folder);
  } finally {
    for (const checkout of made.reverse()) await removeWorktree(checkout);
  }
}

interface Checkout {
  /** Of the repository's working tree. */
  readonly root: string;
  readonly folder: string;
}

/** @param made where the checkout and those of its submodules are added to, before they are begun */
async function checkOut(checkout: Checkout, commit: string, made: Checkout[]): Promise<void> {
  const { root, folder } = checkout;
  await removeLeftovers(root);
  made.push(checkout);
  await gitOutput(
    root,
    [...withoutHooks, 'worktree', 'add', '--quiet', '--detach', folder, commit],
    'Fetch what is missing, or give the previous release as a folder or a tarball.',
  );
  for (const submodule of await submodulesIn(folder)) {
    const own = join(root, submodule.path);
    // What nobody has needed so far, a build of an earlier revision does not need either.
    if (!existsSync(join(own, '.git'))) continue;
    await checkOut({ root: own, folder: join(folder, submodule.path) }, submodule.commit, made);
  }
}

async function submodulesIn(folder: string): Promise<{ readonly path: string; readonly commit: string }[]> {
  if (!existsSync(join(folder, '.gitmodules'))) return [];
  const entries = await gitOutput(folder, ['ls-files', '--stage', '-z']);
  return entries.split('\0').flatMap((entry) => {
    const [, commit, path] = /^160000 (\S+) \d\t(.+)$/s.exec(entry) ?? [];
    return commit === undefined || path === undefined ? [] : [{ path, commit }];
  });
}

/** Also of a run that has not come far, and where the folder is gone already. */
async function removeWorktree({ root, folder }: Checkout): Promise<void> {
  await runGit(root, ['worktree', 'remove', '--force', '--force', folder]);
  // git leaves one that it has not made whole.
  await rm(folder, { recursive: true, force: true });
}

/** Those that are ours, of processes that are gone; what other programs and people have checked out stays. */
async function removeLeftovers(root: string): Promise<void> {
  const { output } = await runGit(root, ['worktree', 'list', '--porcelain']);
  const ours = `${await realpath(tmpdir())}/${prefixOfOurs}`;
  for (const [, folder = ''] of output.matchAll(/^worktree (.+)$/gm)) {
    if (!folder.startsWith(ours)) continue;
    const pid = /^(\d+)-[0-9a-f]{8}(?:\/|$)/.exec(folder.slice(ours.length))?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await removeWorktree({ root, folder });
  }
}

/** A build may run programs of npm packages, as overlays and aliases of mix do; git does not know them. */
async function linkNodeModules({ root, prefix }: Repository, folder: string): Promise<void> {
  for (let place = prefix; ; place = posix.dirname(place)) {
    const modules = join(root, place, 'node_modules');
    const stats = await lstat(modules).catch(() => undefined);
    // Where the revision has no such folder, nothing of it needs them; where it has its own, those are right.
    if (stats !== undefined)
      await symlink(modules, join(folder, place, 'node_modules'), 'junction').catch(() => undefined);
    if (place === '' || place === '.') return;
  }
}
