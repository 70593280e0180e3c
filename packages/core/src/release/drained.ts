import type { Extract, Pack } from 'tar-stream';

/** Settles when the stream takes more data, or never will. To be awaited when `write` has returned false. */
export function drained(stream: Extract | ReturnType<Pack['entry']>): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroying) {
      resolve();
      return;
    }
    const settle = () => {
      stream.removeListener('drain', settle);
      stream.removeListener('close', settle);
      resolve();
    };
    stream.on('drain', settle);
    stream.on('close', settle);
  });
}
