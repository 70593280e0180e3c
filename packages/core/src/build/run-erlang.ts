import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { OtpError } from '../error';
import { atom, decodeExternalTerm, encodeExternalTerm, tuple, tupleOf, type Term } from '../erlang';
import { errorCode } from '../error-code';
import { collectOutput, endWithSignals } from './child-process';

export interface ErlangRun {
  /** A module in this package's `priv` folder that exports `answer/1`. */
  readonly module: string;
  /** What `answer/1` is given; its scratch folder is one that is gone after the run. */
  readonly request: (scratch: string) => Term | Promise<Term>;
  /** The working directory of the VM. */
  readonly folder: string;
  /** Is given what the module tells before it answers (`nx_otp_request:tell/1`), in that order. */
  readonly told?: (term: Term) => void;
  /** Is given what the VM prints, as it comes. */
  readonly show?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface ErlangAnswer {
  /** What `answer/1` returned. */
  readonly term: Term;
  /** What the VM printed, the end of it when it is long. */
  readonly output: string;
}

/** The Erlang sources of this package; the same path from `src` and from `dist`. */
export const erlangSources = join(__dirname, '..', '..', 'priv');

/** Compiles and runs `priv/nx_otp_request.erl`, which does the rest. */
const boot =
  '[Sources | _] = init:get_plain_arguments(), ' +
  'File = filename:join(Sources, "nx_otp_request.erl"), ' +
  '{ok, Module, Beam} = compile:file(File, [binary, report]), ' +
  '{module, Module} = code:load_binary(Module, File, Beam), ' +
  'Module:main().';

/**
 * Starts one Erlang VM, the `erl` on PATH, has it answer one request, and waits for its end. The VM ends with
 * this process, however that ends.
 * @throws OtpError `erlang-missing`; `erlang-failed` with what the VM printed when it gave no answer.
 * @throws the reason of `signal` when it is aborted.
 */
export async function runErlang(run: ErlangRun): Promise<ErlangAnswer> {
  run.signal?.throwIfAborted();
  const scratch = await mkdtemp(join(tmpdir(), 'nx-otp-'));
  try {
    const requestFile = join(scratch, 'request');
    const answerFile = join(scratch, 'answer');
    await writeFile(requestFile, encodeExternalTerm(tuple(atom(run.module), await run.request(scratch))));
    const { output, status } = await startErlang(
      // The file names of a release are UTF-8 whatever the locale of the build machine says.
      ['+fnu', '+Bd', '+sbwt', 'none', '-boot', 'no_dot_erlang', '-noinput', '-noshell'].concat(
        '-eval',
        boot,
        '-extra',
        erlangSources,
        requestFile,
        answerFile,
      ),
      run,
      scratch,
    );
    const bytes = await readFile(answerFile).catch(() => undefined);
    if (bytes === undefined) {
      throw new OtpError(`the Erlang VM ended (${status}) without an answer:\n${output}`, {
        code: 'erlang-failed',
      });
    }
    const term = decodeExternalTerm(bytes, answerFile);
    const crash = tupleOf(term, 'crash', 2)?.elements[1];
    if (crash?.kind === 'binary') {
      throw new OtpError(
        `${run.module} failed in the Erlang VM:\n${text(crash.bytes)}\n${output}`.trimEnd(),
        {
          code: 'erlang-failed',
        },
      );
    }
    return { term, output };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function startErlang(
  args: readonly string[],
  run: ErlangRun,
  scratch: string,
): Promise<{ output: string; status: string }> {
  return new Promise((resolve, reject) => {
    const vm = spawn('erl', args, {
      cwd: run.folder,
      // The fourth is open as long as we live: nx_otp_request.erl ends with it.
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', ...(run.told === undefined ? [] : (['pipe'] as const))],
      env: { ...process.env, ERL_CRASH_DUMP_SECONDS: '0' },
    });
    const output = collectOutput(vm, run.show);
    const { told } = run;
    if (told !== undefined)
      readFrames(vm.stdio[4] as Readable, (frame) => told(decodeExternalTerm(frame, 'erl')));
    const abort = (): void => {
      vm.kill('SIGKILL');
    };
    run.signal?.addEventListener('abort', abort);
    const forget = endWithSignals(() => {
      abort();
      // Nobody comes back to remove it.
      rmSync(scratch, { recursive: true, force: true });
    });
    const settled = (): void => {
      run.signal?.removeEventListener('abort', abort);
      forget();
    };
    vm.on('error', (error) => {
      settled();
      // A missing working directory has the same code as a missing program.
      reject(errorCode(error) === 'ENOENT' && existsSync(run.folder) ? erlangMissing(error) : error);
    });
    vm.on('close', (code, signal) => {
      settled();
      if (run.signal?.aborted === true) {
        reject(run.signal.reason instanceof Error ? run.signal.reason : new Error('aborted'));
      } else {
        resolve({ output: output(), status: signal ?? `status ${code ?? 'unknown'}` });
      }
    });
  });
}

/** `{packet, 4}` of Erlang's ports: each frame after its length. */
function readFrames(stream: Readable, take: (frame: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
      const end = 4 + rest.readUInt32BE(0);
      take(rest.subarray(4, end));
      rest = rest.subarray(end);
    }
  });
}

export function erlangMissing(cause?: Error): OtpError {
  return new OtpError('there is no erl on PATH: Erlang/OTP is needed to build.', {
    code: 'erlang-missing',
    fix: 'Install it (Debian and Ubuntu: apt-get install erlang) or add its bin folder to PATH.',
    cause,
  });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
