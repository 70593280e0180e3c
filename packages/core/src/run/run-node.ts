import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';

export interface NodeCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface NodeEnd {
  /** Ended by a signal that this process was sent, such as that of Ctrl-C. */
  readonly asked: boolean;
  /** Its exit code; undefined where a signal killed it. */
  readonly code: number | undefined;
}

/** How long a node may take to stop before it is killed. */
const patience = 30_000;

/**
 * Ends a node also when this process is killed, by the end of its own standard input. Nx ends a task by signals to
 * all of its processes, the leaves first: then it is `cat` that ends, and the node still gets the time to stop.
 */
const watcher = `cat >/dev/null
kill -TERM "$1" 2>/dev/null
for second in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  kill -0 "$1" 2>/dev/null || exit 0
  sleep 1
done
kill -KILL "$1" 2>/dev/null`;

/**
 * Runs a node, or a shell on one, to its end. SIGINT, SIGTERM and SIGHUP to this process stop it in order, a second SIGINT
 * kills it.
 * @param terminal whether it reads from the terminal; where there is none, from the standard input
 * @param started is given the process id of the node, once it has one
 * @throws the error of `spawn`
 */
export async function runNode(
  node: NodeCommand,
  terminal: boolean,
  started: (pid: number) => Promise<void>,
): Promise<NodeEnd> {
  const tty = terminal ? openTerminal() : undefined;
  const child = spawn(node.command, node.args, {
    cwd: node.cwd,
    env: node.env,
    stdio: terminal ? (tty === undefined ? 'inherit' : [tty, tty, tty]) : ['ignore', 'inherit', 'inherit'],
    // A session of its own: Ctrl-C is for this process, which stops the node; the emulator would break into its menu.
    detached: true,
  });
  if (tty !== undefined) closeSync(tty);
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const { pid } = child;
  if (pid === undefined) {
    await ended;
    throw new Error(`${node.command} cannot be started`);
  }
  const watching = watch(pid);
  const stopping = stopWithSignals(child);
  try {
    await started(pid);
    const [code] = await ended;
    return { asked: stopping.asked(), code: code ?? undefined };
  } finally {
    stopping.forget();
    endGroup(watching);
  }
}

/** The terminal of this process, also where its outputs are pipes to Nx. */
function openTerminal(): number | undefined {
  try {
    return openSync('/dev/tty', 'r+');
  } catch {
    return undefined;
  }
}

function watch(pid: number): ChildProcess {
  return spawn('/bin/sh', ['-c', watcher, 'nx-otp-watch', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
}

function stopWithSignals(child: ChildProcess): { asked: () => boolean; forget: () => void } {
  let asked = false;
  let late: NodeJS.Timeout | undefined;
  let interrupts = 0;
  const stop = (): void => {
    child.kill(interrupts > 1 ? 'SIGKILL' : 'SIGTERM');
    asked = true;
    late ??= setTimeout(() => child.kill('SIGKILL'), patience);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    // Nx sends its own signal after that of Ctrl-C.
    if (signal === 'SIGINT') interrupts += 1;
    stop();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // Whoever forked this process has been killed.
  process.on('disconnect', stop);
  return {
    asked: () => asked,
    forget: () => {
      clearTimeout(late);
      for (const signal of signals) process.removeListener(signal, onSignal);
      process.removeListener('disconnect', stop);
    },
  };
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
