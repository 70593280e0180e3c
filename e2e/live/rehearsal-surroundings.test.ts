// What surrounds a rehearsal: a disk that is full, a port that is taken, packages of strangers, signals.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { rehearseUpgrade, type RehearsalProgress } from '@nx-otp/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { builtReleases } from '../support/live/built-releases.js';
import { isRunning, pack, packageOf, releaseOf, told, type Fault } from '../support/live/rehearsed-fault.js';
import type { ApplicationVersion } from '../support/live/scenario.js';
import { appup, server } from '../support/live/sources.js';

const version = (
  number: string,
  init = '{ok, 1}',
  files: ApplicationVersion['files'] = {},
): ApplicationVersion => ({
  children: ['f_server'],
  env: '[{port, 1}]',
  files,
  modules: {
    f_server: `-vsn("${number}").\n${server(
      'get/0',
      `init([]) -> ${init}.
get() -> gen_server:call(?MODULE, get).
handle_call(get, _, State) -> {reply, ok, State}.
code_change(_, State, _) -> timer:sleep(4000), {ok, State}.`,
    )}`,
  },
});
const load = appup('{load_module, f_server}', '{load_module, f_server}');
const plain = (name: string, more: Partial<Fault> = {}): Fault => ({
  name,
  v1: version('1'),
  v2: version('2'),
  appup: load,
  ...more,
});

const megabytes = 16;
const listens = 'gen_tcp:listen(element(2, application:get_env(f, port)), [])';
const faults = {
  large: plain('large', { v2: version('2', '{ok, 1}', { 'priv/large': 'x'.repeat(megabytes << 20) }) }),
  listening: plain('listening', { v1: version('1', listens), v2: version('2', listens) }),
  hanging: plain('hanging', { v1: version('1', 'timer:sleep(infinity)') }),
  slow: plain('slow', {
    appup: appup('{update, f_server, {advanced, []}}', '{update, f_server, {advanced, []}}'),
  }),
  evil: plain('evil'),
};
const release = builtReleases(Object.values(faults).map(releaseOf));
const probes = { during: ['f_server:get()'] };

/** A rehearsal in a process of its own. */
const program = `
  const { rehearseUpgrade } = require('@nx-otp/core');
  const [previousRelease, upgradePackage, scratchPath] = process.argv.slice(1);
  const onProgress = (progress) => console.log(JSON.stringify(progress));
  rehearseUpgrade({ previousRelease, upgradePackage, scratchPath, onProgress, probes: ${JSON.stringify(probes)} })
    .then((rehearsal) => console.log(JSON.stringify({ kind: 'rehearsal', rehearsal })));`;

const argumentsFor = async (fault: Fault, scratch: string): Promise<string[]> => {
  const { built } = release(fault.name);
  return ['-e', program, built.v1, await packageOf(built, fault), scratch];
};

describe('a disk that is full', () => {
  /** A file system of this size over a folder, for a program alone; where that is not allowed, a limit for each file. */
  const limited = (folder: string, size: number): readonly string[] => {
    const mount = `mount -t tmpfs -o size=${size} tmpfs "$0" && exec "$@"`;
    for (const flags of [['--mount'], ['--user', '--map-root-user', '--mount']]) {
      const { status } = spawnSync('unshare', [...flags, 'sh', '-c', mount, folder, 'true']);
      if (status === 0) return ['unshare', ...flags, 'sh', '-c', mount, folder];
    }
    return ['sh', '-c', `ulimit -f ${8 << 10}; exec "$0" "$@"`];
  };

  test('while the package is unpacked', async () => {
    const scratch = join(dirname(release('large').built.v1), 'scratch');
    mkdirSync(scratch);
    const [command = '', ...args] = limited(scratch, sizeOf(release('large').built.v1) + (megabytes << 19));
    const child = spawn(
      command,
      [...args, process.execPath, ...(await argumentsFor(faults.large, scratch))],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const said = await linesOf(child);
    const last = said.at(-1);
    if (last?.kind !== 'rehearsal') throw new Error(`the rehearsal has ended after ${JSON.stringify(last)}`);
    expect(told(last.rehearsal)).toEqual([
      'FAILED unpack live_2',
      expect.stringMatching(
        /^error step-failed: (the disk is full|a file is larger than it may be there)\.$/,
      ),
      'Afterwards an operator finds:',
      'the node goes on with 1.',
      expect.stringMatching(/^A restart boots 1 \(.*\); release_handler knows 1 permanent\.$/),
      'Left on disk, where a next try finds it: lib/f-2, releases/live_2.rel, releases/live_2.tar.gz.',
    ]);
  });
});

interface Ended {
  readonly kind: 'rehearsal';
  readonly rehearsal: Awaited<ReturnType<typeof rehearseUpgrade>>;
}

async function linesOf(
  child: ChildProcess,
  onLine: (progress: RehearsalProgress | Ended) => void = () => undefined,
): Promise<readonly (RehearsalProgress | Ended)[]> {
  const lines: (RehearsalProgress | Ended)[] = [];
  if (child.stdout === null) throw new Error('its output is not read');
  const closed = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    const progress = JSON.parse(line) as RehearsalProgress | Ended;
    lines.push(progress);
    onLine(progress);
  }
  await closed;
  return lines;
}

function sizeOf(folder: string): number {
  const { stdout } = spawnSync('du', ['-s', '--block-size=1', folder], { encoding: 'utf8' });
  return Number.parseInt(stdout, 10);
}

describe.concurrent('a port that is taken', () => {
  let listener: Server;
  let port: number;
  beforeAll(async () => {
    listener = createServer().listen(0);
    await once(listener, 'listening');
    port = (listener.address() as AddressInfo).port;
  });
  afterAll(() => {
    listener.close();
  });

  const rehearse = async (network: 'auto' | 'shared', overlay: number) => {
    const { built } = release('listening');
    const config = join(dirname(built.v1), `rehearsal ${overlay}.config`);
    writeFileSync(config, `[{f, [{port, ${overlay}}]}].\n`);
    return rehearseUpgrade({
      previousRelease: built.v1,
      upgradePackage: await upgradePackage,
      probes,
      network,
      config,
      settleTime: 0,
    });
  };
  let upgradePackage: Promise<string>;
  beforeAll(() => {
    upgradePackage = packageOf(release('listening').built, faults.listening);
  });

  test('is a clash on the network of the machine', async () => {
    const { passed, steps, isolation } = await rehearse('shared', port);
    expect({ passed, isolation: isolation.network }).toEqual({ passed: false, isolation: 'shared' });
    expect(steps[0]?.findings).toEqual([
      expect.objectContaining({
        code: 'address-in-use',
        text: expect.stringMatching(
          /^1 does not boot: the node ended .* An address is in use: the node shares the network of this machine, where somebody listens on that port already\. Give other ports in rel\/rehearsal\.config/,
        ) as string,
      }),
    ]);
  });

  test('is none with another port laid over the configuration', async () => {
    const { passed } = await rehearse('shared', 0);
    expect(passed).toBe(true);
  });

  test('is none in a network of its own', async () => {
    const { passed, isolation } = await rehearse('auto', port);
    expect(passed).toBe(isolation.network === 'namespace');
  });
});

describe('signals', () => {
  const interrupted = async (
    fault: Fault,
    signal: NodeJS.Signals,
    isThen: (progress: RehearsalProgress | Ended) => boolean,
  ) => {
    const scratch = join(dirname(release(fault.name).built.v1), 'scratch');
    const child = spawn(process.execPath, await argumentsFor(fault, scratch), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = await linesOf(child, (progress) => {
      if (isThen(progress)) child.kill(signal);
    });
    const pids = said.flatMap((progress) => (progress.kind === 'node' ? [progress.pid] : []));
    expect(pids).toHaveLength(1);
    await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
    return scratch;
  };

  test('end a node that does not come to the end of its boot', async () => {
    const scratch = await interrupted(faults.hanging, 'SIGTERM', ({ kind }) => kind === 'node');
    expect(readdirSync(scratch)).toEqual([]);
  });

  test('a rehearsal that is killed takes its node along, and the next one removes its folder', async () => {
    const scratch = await interrupted(
      faults.slow,
      'SIGKILL',
      (progress) => progress.kind === 'instruction' && progress.instruction.startsWith('{code_change'),
    );
    expect(readdirSync(scratch)).toHaveLength(1);
    const stop = new AbortController();
    const next = rehearseUpgrade({
      previousRelease: release('slow').built.v1,
      upgradePackage: join(dirname(release('slow').built.v1), 'upgrade', 'live_2.tar.gz'),
      scratchPath: scratch,
      probes,
      signal: stop.signal,
      onProgress: () => {
        stop.abort(new Error('enough'));
      },
    });
    await expect(next).rejects.toThrow('enough');
    expect(readdirSync(scratch)).toEqual([]);
  });
});

test('a package that writes elsewhere is refused before a node sees it', async () => {
  const { built } = release('evil');
  const outside = join(dirname(built.v1), 'outside');
  mkdirSync(outside);
  const upgradePackage = await packageOf(built, {
    ...faults.evil,
    spoil: (file, content) => {
      symlinkSync(outside, join(content, 'lib', 'link'));
      pack(file, content);
    },
  });
  const started: RehearsalProgress[] = [];
  const rehearsed = rehearseUpgrade({
    previousRelease: built.v1,
    upgradePackage,
    probes,
    onProgress: (progress) => started.push(progress),
  });
  await expect(rehearsed).rejects.toMatchObject({ code: 'tree-link', file: upgradePackage });
  expect({ started, written: readdirSync(outside), exists: existsSync(outside) }).toEqual({
    started: [],
    written: [],
    exists: true,
  });
});
