import type { ChildProcess } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';

const longestOutput = 1 << 20;

/** Calls `end` on the signals that end this process, and passes them on when nobody else listens. */
export function endWithSignals(end: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals): void => {
    end();
    forget();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  };
  const forget = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return forget;
}

/**
 * What a process prints to both of its outputs, the end of it when it is long.
 * @param show is given it as it comes
 */
export function collectOutput(child: ChildProcess, show?: (text: string) => void): () => string {
  let chunks: Buffer[] = [];
  let size = 0;
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > 2 * longestOutput) {
      const end = Buffer.concat(chunks).subarray(-longestOutput);
      chunks = [end];
      size = end.length;
    }
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', keep);
    if (show === undefined) continue;
    const decoder = new StringDecoder('utf8');
    stream?.on('data', (chunk: Buffer) => {
      show(decoder.write(chunk));
    });
  }
  return () => new TextDecoder().decode(Buffer.concat(chunks));
}
