import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { errorCode } from '../error-code';
import { OtpError } from '../error';
import { collectOutput, endWithSignals } from './child-process';
import { erlangToolchain } from './erlang-toolchain';
import { erlangMissing } from './run-erlang';

/** The build tools that people have beside Erlang/OTP itself. */
export type BuildTool = 'mix' | 'rebar3';

export interface ToolRun {
  readonly tool: BuildTool;
  readonly args: readonly string[];
  /** The folder of the project. */
  readonly folder: string;
  /** Beside this process' environment; undefined takes a variable out of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Is given what it prints, as it comes, without colors. */
  readonly show?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface ToolResult {
  readonly succeeded: boolean;
  /** Such as `status 1`. */
  readonly status: string;
  /** What it printed, standard output and standard error, without colors; the end of it when it is long. */
  readonly output: string;
}

/**
 * Runs `mix` or `rebar3`, the one on PATH, to its end. A question that it asks finds no answer: its standard input is
 * empty.
 * @throws OtpError `erlang-missing`; `mix-missing`, `rebar3-missing`
 * @throws the reason of `signal` when it is aborted
 */
export async function runTool(run: ToolRun): Promise<ToolResult> {
  run.signal?.throwIfAborted();
  // Without it the tools end with a word of the shell's.
  if (erlangToolchain() === undefined) throw erlangMissing();
  return new Promise((resolve, reject) => {
    const child = spawn(run.tool, run.args, {
      cwd: run.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, to end the VM also where the tool is a shell script that waits for it. What the VM has started
      // is out of reach: Erlang gives each port program a session of its own.
      detached: true,
      env: {
        ...process.env,
        // File names are UTF-8 whatever the locale of the build machine says.
        ERL_AFLAGS: ['+fnu', process.env['ERL_AFLAGS'] ?? ''].join(' ').trim(),
        ERL_CRASH_DUMP_SECONDS: '0',
        ...run.env,
      },
    });
    const { show } = run;
    const output = collectOutput(
      child,
      show &&
        ((text) => {
          show(stripVTControlCharacters(text));
        }),
    );
    const abort = (): void => {
      endGroup(child);
    };
    run.signal?.addEventListener('abort', abort);
    const forget = endWithSignals(abort);
    const settled = (): void => {
      run.signal?.removeEventListener('abort', abort);
      forget();
    };
    child.on('error', (error) => {
      settled();
      // A missing working directory has the same code as a missing program.
      reject(errorCode(error) === 'ENOENT' && existsSync(run.folder) ? toolMissing(run.tool, error) : error);
    });
    child.on('close', (code, signal) => {
      settled();
      if (run.signal?.aborted === true) {
        reject(run.signal.reason instanceof Error ? run.signal.reason : new Error('aborted'));
      } else {
        resolve({
          succeeded: code === 0,
          status: signal ?? `status ${code ?? 'unknown'}`,
          output: stripVTControlCharacters(output()).trim(),
        });
      }
    });
  });
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

const whereToGet: Record<BuildTool, { readonly needed: string; readonly fix: string }> = {
  mix: {
    needed: 'Elixir is needed to build this project',
    fix: 'Install it (Debian and Ubuntu: apt-get install elixir) or add its bin folder to PATH.',
  },
  rebar3: {
    needed: 'it builds this project',
    fix: 'Install it (Debian and Ubuntu: apt-get install rebar3; others: the escript from rebar3.org) or add its folder to PATH.',
  },
};

function toolMissing(tool: BuildTool, cause: Error): OtpError {
  const { needed, fix } = whereToGet[tool];
  return new OtpError(`there is no ${tool} on PATH: ${needed}.`, { code: `${tool}-missing`, fix, cause });
}
