import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { decodeExternalTerm, encodeExternalTerm } from '../erlang';
import type { ReleaseLaunch } from '../node';
import type { NetworkNamespace } from './isolation';
import { fromTerm, request, type RequestValue } from './values';

export interface StartOptions {
  readonly launch: ReleaseLaunch;
  readonly namespace: NetworkNamespace | undefined;
  /** The Erlang source of the node's side. */
  readonly source: string;
  /** What the node prints is appended to it. */
  readonly logFile: string;
  readonly onEvent: (name: string, event: Readonly<Record<string, unknown>>) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Hello {
  readonly otp: string;
  readonly erts: string;
}

/** Why a node did not answer. */
export class NodeLost extends Error {
  override readonly name = 'NodeLost';

  constructor(
    readonly kind: 'ended' | 'restarted' | 'timeout' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A node that answers requests over a pipe, and tells what happens on it. It ends when this process does. */
export class RehearsalNode {
  readonly pid: number;
  /** How it ended, as soon as it has. */
  readonly ended: Promise<string>;
  #endedWith: string | undefined;
  #hellos = 0;
  #hello: Hello | undefined;
  #nextId = 1;
  #wake: (() => void)[] = [];
  readonly #pending = new Map<number, Pending>();
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #options: StartOptions;

  /** Starts it; `booted` tells when it can be asked. */
  constructor(options: StartOptions) {
    const { launch, namespace, source, logFile } = options;
    this.#options = options;
    const args = [...launch.args, '+fnu', '-eval', bootstrap(source)];
    const log = openSync(logFile, 'a');
    try {
      this.#child = spawn(
        namespace?.command ?? launch.command,
        namespace === undefined ? args : [...namespace.args, launch.command, ...args],
        {
          cwd: launch.cwd,
          env: { ...launch.env, ERL_CRASH_DUMP_SECONDS: '0' },
          stdio: ['ignore', log, log, 'pipe'],
          // A group of its own: what a terminal sends to ours ends us, and we end it.
          detached: true,
        },
      );
    } finally {
      closeSync(log);
    }
    this.pid = this.#child.pid ?? 0;
    this.#pipe = this.#child.stdio[3] as Duplex;
    this.#pipe.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#endedWith ??= how;
        for (const { reject } of this.#pending.values()) reject(this.#gone());
        this.#pending.clear();
        this.#wakeAll();
        resolve(how);
      };
      this.#child.on('error', (error) => {
        end(error.message);
      });
      this.#child.on('exit', (code, signal) => {
        const how = signal ?? `exit code ${code ?? 'unknown'}`;
        // What it has written last may still be in the pipe, which programs that it has started may hold open.
        const timer = setTimeout(end, 300, how);
        this.#pipe.once('end', () => {
          clearTimeout(timer);
          end(how);
        });
      });
    });
    this.#read();
  }

  get isRunning(): boolean {
    return this.#endedWith === undefined;
  }

  get hello(): Hello | undefined {
    return this.#hello;
  }

  /** How often it has booted, in one operating system process. */
  get boots(): number {
    return this.#hellos;
  }

  /** Waits until it has booted that often. @throws NodeLost */
  async booted(times: number, timeout: number): Promise<void> {
    const end = Date.now() + timeout;
    while (this.#hellos < times) {
      if (!this.isRunning) throw this.#gone();
      const left = end - Date.now();
      if (left <= 0) throw new NodeLost('timeout', `it has not booted within ${timeout} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.#options.signal?.throwIfAborted();
    }
  }

  /** @throws NodeLost when it ends, restarts, gives no answer in time (milliseconds), or the request fails */
  ask(name: string, args: readonly RequestValue[], timeout: number): Promise<unknown> {
    if (!this.isRunning) return Promise.reject(this.#gone());
    const id = this.#nextId++;
    const bytes = encodeExternalTerm(request(id, name, args));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(bytes.length);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new NodeLost('timeout', `no answer within ${timeout} ms`));
      }, timeout);
      this.#pending.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
      this.#pipe.write(Buffer.concat([head, bytes]));
    });
  }

  /** Stops it as an operator does; a node that does not stop is ended. @returns whether it stopped by itself */
  async stop(timeout: number): Promise<boolean> {
    await this.ask('stop', [], timeout).catch(() => undefined);
    const stopped = await this.endsWithin(timeout);
    if (!stopped) await this.kill();
    return stopped;
  }

  /** Waits for it to end by itself, for so many milliseconds at most. */
  async endsWithin(timeout: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        resolve(false);
      }, timeout);
    });
    const first = await Promise.race([this.ended.then(() => true), late]);
    clearTimeout(timer);
    return first;
  }

  /** Ends it at once, whatever state it is in. */
  async kill(): Promise<void> {
    this.killNow();
    await this.ended;
  }

  killNow(): void {
    if (!this.isRunning || this.pid === 0) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  #gone(): NodeLost {
    return new NodeLost('ended', `the node ended (${this.#endedWith ?? ''})`);
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #read(): void {
    let chunks: Buffer[] = [];
    let size = 0;
    let wanted = 4;
    this.#pipe.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size < wanted) return;
      let bytes = Buffer.concat(chunks);
      while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
        const end = 4 + bytes.readUInt32BE(0);
        this.#received(bytes.subarray(4, end));
        bytes = bytes.subarray(end);
      }
      wanted = bytes.length >= 4 ? 4 + bytes.readUInt32BE(0) : 4;
      chunks = [bytes];
      size = bytes.length;
    });
  }

  #received(bytes: Buffer): void {
    // The node's side is ours: it writes what `nx_otp_rehearsal.erl` says.
    const [kind, first, second] = fromTerm(decodeExternalTerm(bytes, 'the node')) as [
      string,
      unknown,
      unknown,
    ];
    if (kind === 'event') {
      const event = (second ?? {}) as Readonly<Record<string, unknown>>;
      if (first === 'hello') this.#saidHello(event);
      else this.#options.onEvent(String(first), event);
      return;
    }
    const pending = this.#pending.get(Number(first));
    this.#pending.delete(Number(first));
    const [answer, value] = second as [string, unknown];
    if (answer === 'ok') pending?.resolve(value);
    else pending?.reject(new NodeLost('failed', String(value)));
  }

  #saidHello(event: Readonly<Record<string, unknown>>): void {
    this.#hellos++;
    this.#hello = { otp: String(event['otp']), erts: String(event['erts']) };
    for (const { reject } of this.#pending.values()) reject(new NodeLost('restarted', 'the node restarted'));
    this.#pending.clear();
    this.#wakeAll();
  }
}

/** Makes funs of the functions in the source, and calls the first one: see there why it is not compiled. */
function bootstrap(source: string): string {
  return `
{ok, Forms} = epp:parse_file(${erlangString(source)}, []),
Local = {value, fun(N, As) -> apply(maps:get({N, length(As)}, persistent_term:get(nx_otp_rehearsal)), As) end},
Function = fun(L, Cs) -> {value, F, _} = erl_eval:expr({'fun', L, {clauses, Cs}}, erl_eval:new_bindings(), Local), F end,
persistent_term:put(nx_otp_rehearsal, maps:from_list([{{N, A}, Function(L, Cs)} || {function, L, N, A, Cs} <- Forms])),
apply(maps:get({start, 0}, persistent_term:get(nx_otp_rehearsal)), []).`.replace(/\n/g, ' ');
}

function erlangString(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * The end of what a node has printed.
 * @param length in bytes, at most
 * @param from where in the file to begin at the earliest
 */
export function logTail(file: string, length = 3000, from = 0): string {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    const start = Math.max(from, size - length);
    const bytes = Buffer.alloc(Math.max(0, size - start));
    const read = readSync(handle, bytes, 0, bytes.length, start);
    return bytes.subarray(0, read).toString('utf8').replaceAll('\r\n', '\n').trim();
  } catch {
    return '';
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
