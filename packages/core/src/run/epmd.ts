import { connect } from 'node:net';

/**
 * The names of the nodes on this machine, without their hosts, as `epmd -names` lists them; none where no epmd runs.
 * The request and its answer are NAMES_REQ of the distribution protocol.
 * @param port of epmd
 */
export function namesOnThisMachine(port = Number(process.env['ERL_EPMD_PORT'] ?? 4369)): Promise<string[]> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: '127.0.0.1', timeout: 2000 });
    const end = (): void => {
      socket.destroy();
      const answer = Buffer.concat(chunks).subarray(4).toString('utf8');
      resolve(Array.from(answer.matchAll(/^name (\S+) at port \d+$/gm), ([, name = '']) => name));
    };
    socket.on('connect', () => socket.write(Buffer.from([0, 1, 'n'.charCodeAt(0)])));
    socket.on('data', (chunk) => chunks.push(chunk));
    for (const event of ['end', 'error', 'timeout'] as const) socket.on(event, end);
  });
}
