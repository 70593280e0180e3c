import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface HashRequest {
  /** `PROJECT:TARGET`; of one project each in the order of the chain, the one that was asked for last. */
  readonly tasks: readonly string[];
  /** Of the command line. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Beside the environment of the workspace. */
  readonly env: Readonly<Record<string, string>>;
}

/** Tells the hashes of tasks: the names under which nx looks for their results in a cache. */
export interface TaskHashes {
  readonly of: (request: HashRequest) => Promise<Record<string, string>>;
  readonly end: () => void;
}

/** @param env of the process that computes them; a workspace gives what its runs of nx get */
export function taskHashes(workspace: string, env: NodeJS.ProcessEnv): TaskHashes {
  const hasher = spawn(process.execPath, [join(__dirname, 'hash-tasks.mjs')], {
    cwd: workspace,
    stdio: ['pipe', 'pipe', 'ignore'],
    env,
  });
  const lines = createInterface({ input: hasher.stdout })[Symbol.asyncIterator]();
  return {
    of: async (request) => {
      hasher.stdin.write(`${JSON.stringify(request)}\n`);
      for (;;) {
        const next = await lines.next();
        if (next.done === true) throw new Error('the process that computes hashes has ended.');
        const value: string = next.value;
        // Plugins may print, too.
        if (!value.startsWith('answer ')) continue;
        const { hashes, error } = JSON.parse(value.slice('answer '.length)) as {
          hashes?: Record<string, string>;
          error?: string;
        };
        if (hashes === undefined) throw new Error(error);
        return hashes;
      }
    },
    end: () => hasher.stdin.end(),
  };
}
