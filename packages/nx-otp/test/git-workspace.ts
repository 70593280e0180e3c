import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A workspace in a git repository of a test's own. */
export class GitWorkspace {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'nx-otp git ws ü ')));

  constructor() {
    this.git('init', '--quiet', '--initial-branch=main');
  }

  git(...args: string[]): string {
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@b'];
    return execFileSync('git', [...author, ...args], { cwd: this.root, encoding: 'utf8' }).trim();
  }

  /** @returns the hash of the new commit */
  commit(files: Readonly<Record<string, string>>, ...tags: string[]): string {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, name)), { recursive: true });
      writeFileSync(join(this.root, name), text);
    }
    this.git('add', '--all');
    this.git('commit', '--quiet', '-m', 'a commit');
    for (const tag of tags) this.git('tag', tag);
    return this.git('rev-parse', 'HEAD');
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
