import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A cache as `nx` asks for one: https://nx.dev/docs/kb/self-hosted-caching. In memory, on the loopback interface. */
export interface CacheServer {
  /** The environment of runs that use it. */
  readonly env: Readonly<Record<string, string>>;
  /** What was asked for since it was last looked at, `GET 200` or `PUT 409`, by how often. */
  readonly answers: () => Readonly<Record<string, number>>;
  readonly stop: () => Promise<void>;
}

export async function startCacheServer(token = 'secret'): Promise<CacheServer> {
  const results = new Map<string, Buffer>();
  let answers: Record<string, number> = {};
  const server = createServer((request, response) => {
    const hash = /^\/v1\/cache\/([\w-]+)$/.exec(request.url ?? '')?.[1] ?? '';
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, body] = answer(request.method ?? '', hash, Buffer.concat(chunks), {
        isAllowed: request.headers.authorization === `Bearer ${token}`,
      });
      const name = `${request.method ?? ''} ${status}`;
      answers[name] = (answers[name] ?? 0) + 1;
      response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(body);
    });
  });

  function answer(
    method: string,
    hash: string,
    content: Buffer,
    { isAllowed }: { isAllowed: boolean },
  ): [status: number, body?: Buffer] {
    if (!isAllowed) return [401];
    const known = results.get(hash);
    if (method === 'GET') return known === undefined ? [404] : [200, known];
    if (method !== 'PUT' || hash === '') return [403];
    if (known !== undefined) return [409];
    results.set(hash, content);
    return [200];
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    env: {
      NX_SELF_HOSTED_REMOTE_CACHE_SERVER: `http://127.0.0.1:${port}`,
      NX_SELF_HOSTED_REMOTE_CACHE_ACCESS_TOKEN: token,
    },
    answers: () => {
      const seen = answers;
      answers = {};
      return seen;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
