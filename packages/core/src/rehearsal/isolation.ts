import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How a program is started in a network of its own, in which every port is free; undefined where that can't be. */
export interface NetworkNamespace {
  readonly command: string;
  /** The program and its arguments follow. */
  readonly args: readonly string[];
}

export type FoundNamespace =
  | { readonly kind: 'namespace'; readonly namespace: NetworkNamespace }
  | { readonly kind: 'shared'; readonly reason: string };

/**
 * Brings the loopback up, with whatever tool is there, and becomes the program: it has the process id that the caller
 * knows. Where there is no tool the node does it itself.
 */
const loopback = 'ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null; exec "$@"';

/** Tries it out: kernels, containers and security modules forbid it each in their own way. */
export async function networkNamespace(): Promise<FoundNamespace> {
  if (process.platform !== 'linux') return { kind: 'shared', reason: 'only Linux has network namespaces' };
  let reason = '';
  for (const flags of [['--net'], ['--user', '--map-root-user', '--net']]) {
    try {
      await run('unshare', [...flags, 'true'], { timeout: 10_000 });
      return {
        kind: 'namespace',
        namespace: { command: 'unshare', args: [...flags, 'sh', '-c', loopback, 'sh'] },
      };
    } catch (error) {
      reason = reasonOf(error);
    }
  }
  return { kind: 'shared', reason };
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
    return 'there is no unshare on PATH';
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? 'the kernel does not allow it' : said;
}
