import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Otp } from './build.js';

/** A running node that evaluates what it is asked, without distribution. */
export interface LiveNode {
  /**
   * The value of an Erlang expression (without its dot), as JSON tells it.
   *
   * @throws Error with Erlang's reason; when the node has gone; when there is no answer within 30 seconds
   */
  readonly ask: (expression: string) => Promise<unknown>;
  /** Ends the node at once, whatever state it is in. */
  readonly kill: () => Promise<void>;
}

const patience = 30_000;

/** Boots the version that `releases/start_erl.data` names, with the emulator that is installed. */
export async function startLiveNode(root: string, driver: string, otp: Otp): Promise<LiveNode> {
  const version =
    readFileSync(join(root, 'releases', 'start_erl.data'), 'utf8')
      .trim()
      .split(' ')[1] ?? '';
  const bin = join(otp.root, `erts-${otp.erts}`, 'bin');
  const release = join(root, 'releases', version);
  const start = `{module, live_node} = code:load_abs(${text(join(driver, 'live_node'))}), live_node:start(${text(driver)}).`;
  const logFile = openSync(join(root, 'node.log'), 'a');
  const node = spawn(
    join(bin, 'erlexec'),
    [
      ...['+fnu', '-noinput', '-noshell', '-mode', 'embedded'],
      ...['-boot', join(release, 'start'), '-config', join(release, 'sys'), '-eval', start],
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        ROOTDIR: root,
        BINDIR: bin,
        EMU: 'beam',
        PROGNAME: 'erl',
        ERL_CRASH_DUMP_SECONDS: '0',
      },
      stdio: ['ignore', logFile, logFile, 'pipe'],
    },
  );
  closeSync(logFile);
  const exit = once(node, 'exit');
  const answers = readAnswers(node.stdio[3] as Duplex);
  const kill = async (): Promise<void> => {
    if (node.exitCode === null && node.signalCode === null) node.kill('SIGKILL');
    await exit;
  };
  const stuck = (what: string) => async (): Promise<never> => {
    await kill();
    throw new Error(`the node did not answer: ${what}`);
  };
  try {
    await within(answers.next(), stuck('it did not start'));
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    kill,
    ask: (expression) => {
      const request = Buffer.from(`${expression}.`);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(request.length);
      (node.stdio[3] as Duplex).write(Buffer.concat([head, request]));
      return within(answers.next(), stuck(expression));
    },
  };
}

/** An Erlang string. */
export function text(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&')}"`;
}

async function within<Value>(value: Promise<Value>, otherwise: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => {
      resolve('late');
    }, patience);
  });
  const first = await Promise.race([value, late]).finally(() => {
    clearTimeout(timer);
  });
  return first === 'late' ? otherwise() : first;
}

interface Answers {
  /** The next answer of the node, in the order they were asked for. */
  readonly next: () => Promise<unknown>;
}

function readAnswers(stream: Duplex): Answers {
  let pending = Buffer.alloc(0);
  let gone = false;
  let booted = false;
  const arrived: unknown[] = [];
  const waiting: (() => void)[] = [];
  stream.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const end = 4 + pending.readUInt32BE(0);
      arrived.push(JSON.parse(pending.toString('utf8', 4, end)));
      pending = pending.subarray(end);
    }
    for (const wake of waiting.splice(0)) wake();
  });
  const end = (): void => {
    gone = true;
    for (const wake of waiting.splice(0)) wake();
  };
  stream.on('close', end);
  stream.on('error', end);
  return {
    next: async () => {
      while (arrived.length === 0) {
        if (gone) throw new Error('the node ended or restarted');
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      const answer = arrived.shift() as { ok: unknown } | { error: string };
      if ('error' in answer) throw new Error(answer.error);
      // A node says it once, when it has booted.
      if (answer.ok === 'hello' && booted) throw new Error('the node restarted');
      booted = true;
      return answer.ok;
    },
  };
}
