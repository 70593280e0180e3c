import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import { endWithSignals } from '../build/child-process';

export interface GitResult {
  readonly succeeded: boolean;
  readonly output: string;
  /** What it printed to standard error, trimmed. */
  readonly complaint: string;
}

/** What a hook of git tells its children, of the repository that it runs for. */
const ofOtherRepositories = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
];

/** Another process is just writing or removing a checkout, and git wants to read what it keeps of all of them. */
const overtaken = /^fatal: failed to read .*worktrees\b/m;

/**
 * Runs git to its end, without a shell and without questions. Nothing of it is looked at: some answers are a status.
 * @throws OtpError `git-missing`
 */
export async function runGit(folder: string, args: readonly string[]): Promise<GitResult> {
  for (let attempt = 1; ; attempt++) {
    const result = await runOnce(folder, args);
    if (attempt === 10 || !overtaken.test(result.complaint)) return result;
    await setTimeout(20 * attempt);
  }
}

function runOnce(folder: string, args: readonly string[]): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      LC_ALL: 'C',
      GIT_TERMINAL_PROMPT: '0',
      // Reading must not write the index of the user's working tree.
      GIT_OPTIONAL_LOCKS: '0',
    };
    for (const name of ofOtherRepositories) Reflect.deleteProperty(env, name);
    const git = spawn('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env });
    const forget = endWithSignals(() => {
      git.kill('SIGTERM');
    });
    let output = '';
    let complaint = '';
    git.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    git.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    git.on('error', (error) => {
      forget();
      // A missing working directory has the same code as a missing program.
      reject(errorCode(error) === 'ENOENT' && existsSync(folder) ? gitMissing(error) : error);
    });
    git.on('close', (code) => {
      forget();
      resolve({ succeeded: code === 0, output, complaint: complaint.trim() });
    });
  });
}

/**
 * The output of a command that has to succeed.
 * @throws OtpError `git-failed` with what git said; `git-missing`
 */
export async function gitOutput(folder: string, args: readonly string[], fix?: string): Promise<string> {
  const { succeeded, output, complaint } = await runGit(folder, args);
  if (succeeded) return output;
  const [command = ''] = args.filter((arg, at) => !arg.startsWith('-') && args[at - 1] !== '-c');
  throw new OtpError(`git ${command} failed: ${complaint === '' ? 'it does not say why' : complaint}`, {
    code: 'git-failed',
    file: folder,
    ...(fix !== undefined && { fix }),
  });
}

function gitMissing(cause: Error): OtpError {
  return new OtpError('there is no git on PATH, which knows the revision to build.', {
    code: 'git-missing',
    fix: 'Install it, or give the previous release as a folder or a tarball.',
    cause,
  });
}
