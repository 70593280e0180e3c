import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A git repository of a test's own, below a path with a space and a letter beyond ASCII. */
export class ScratchRepository {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp git ü ')));
  readonly root = join(this.folder, 'repository');
  #seconds = 0;

  constructor() {
    mkdirSync(this.root);
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    const date = `${1_700_000_000 + this.#seconds++} +0000`;
    return execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: this.root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    }).trim();
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), text);
    }
  }

  /** @returns the hash of the new commit */
  commit(files: Readonly<Record<string, string>>, ...tags: string[]): string {
    this.write(files);
    this.git('add', '--all');
    this.git('commit', '--quiet', '--allow-empty', '-m', 'a commit');
    for (const tag of tags) this.git('tag', tag);
    return this.git('rev-parse', 'HEAD');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
