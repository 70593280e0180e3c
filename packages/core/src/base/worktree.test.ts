import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ScratchRepository } from '../../test/git/scratch-repository';
import { repositoryOf, type Repository } from './git-revision';
import { inWorktree } from './worktree';

let scratch: ScratchRepository;
let first: string;
let repository: Repository;
beforeEach(async () => {
  scratch = new ScratchRepository();
  first = scratch.commit({ 'für/file': 'one' });
  scratch.commit({ 'für/file': 'two' });
  repository = await repositoryOf(scratch.root);
});
afterEach(() => {
  scratch.remove();
});

const worktrees = (): string[] =>
  scratch.git('worktree', 'list', '--porcelain').match(/^worktree .*$/gm) ?? [];
const onlyOwn = (): string[] => [`worktree ${scratch.root}`];

describe('a checkout', () => {
  it('is that of the commit, and leaves no trace', async () => {
    scratch.write({ 'für/file': 'changed', staged: 'x' });
    scratch.git('add', 'staged');
    mkdirSync(join(scratch.root, '.git', 'hooks'), { recursive: true });
    writeFileSync(join(scratch.root, '.git/hooks/post-checkout'), '#!/bin/sh\ntouch ran\n', { mode: 0o755 });
    const before = scratch.git('status', '--short', '--branch');
    let checkedOut = '';
    const text = await inWorktree(repository, first, (root) => {
      checkedOut = root;
      expect(existsSync(join(root, 'ran'))).toBe(false);
      return Promise.resolve(readFileSync(join(root, 'für/file'), 'utf8'));
    });
    expect(text).toBe('one');
    expect(existsSync(checkedOut)).toBe(false);
    expect(worktrees()).toEqual(onlyOwn());
    expect(scratch.git('status', '--short', '--branch')).toBe(before);
    expect(scratch.git('branch', '--list')).toBe('* main');
  });

  it('is gone when what was done in it fails', async () => {
    const failing = inWorktree(repository, first, (root) => {
      writeFileSync(join(root, 'für/file'), 'changed');
      return Promise.reject(new Error('no'));
    });
    await expect(failing).rejects.toThrow('no');
    expect(worktrees()).toEqual(onlyOwn());
  });

  it('may be one of several at a time', async () => {
    const texts = await Promise.all(
      [first, 'HEAD', first, 'HEAD'].map((commit) =>
        inWorktree(repository, scratch.git('rev-parse', commit), (root) =>
          Promise.resolve(readFileSync(join(root, 'für/file'), 'utf8')),
        ),
      ),
    );
    expect(texts).toEqual(['one', 'two', 'one', 'two']);
    expect(worktrees()).toEqual(onlyOwn());
  });

  it('does not trip over a checkout whose folder somebody has removed', async () => {
    const gone = join(realpathSync(tmpdir()), `nx-otp-base-${spawnSync('true').pid}-0123abcd`);
    scratch.git('worktree', 'add', '--quiet', '--detach', gone);
    rmSync(gone, { recursive: true });
    await inWorktree(repository, first, () => Promise.resolve());
    expect(worktrees()).toEqual(onlyOwn());
  });

  it('has the npm packages that lie here, and submodules that are checked out here', async () => {
    const library = new ScratchRepository();
    library.commit({ file: 'of the library' });
    scratch.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', library.root, 'lib/a b');
    scratch.write({ '.gitignore': 'node_modules\n' });
    const commit = scratch.commit({});
    library.remove();
    mkdirSync(join(scratch.root, 'node_modules', 'tool'), { recursive: true });
    const found = await inWorktree({ ...repository, prefix: 'für' }, commit, (root) =>
      Promise.resolve([readdirSync(join(root, 'node_modules')), readdirSync(join(root, 'lib/a b'))]),
    );
    expect(found).toEqual([['tool'], ['.git', 'file']]);
    expect(worktrees()).toEqual(onlyOwn());
    expect(existsSync(join(scratch.root, '.git/modules/lib/a b/worktrees'))).toBe(false);
    expect(existsSync(join(scratch.root, 'node_modules', 'tool'))).toBe(true);
    expect(readFileSync(join(scratch.root, 'lib/a b/file'), 'utf8')).toBe('of the library');
  });
});

it('what a killed run has left goes with the next one, and what others have checked out stays', async () => {
  const dead = spawnSync('true').pid;
  const left = join(realpathSync(tmpdir()), `nx-otp-base-${dead}-0123abcd`);
  const others = join(scratch.folder, 'mine');
  for (const folder of [left, others]) scratch.git('worktree', 'add', '--quiet', '--detach', folder);
  await inWorktree(repository, first, () => Promise.resolve());
  expect(existsSync(left)).toBe(false);
  expect(worktrees()).toEqual([...onlyOwn(), `worktree ${others}`]);
});
