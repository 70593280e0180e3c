import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildRelease, type ReleaseFields } from '../../test/releases/build-release';
import { nil } from '../erlang';
import { readRelease, type Release } from '../release';
import type { Relup } from '../relup';
import { emulatorRestart } from '../rules';
import { findEmulatorRestarts } from './emulator-restarts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nx-otp emulator ü-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const release = async (version: string, files: ReleaseFields['files']): Promise<Release> =>
  readRelease(
    await buildRelease(join(folder, String(++count)), {
      version,
      applications: [{ name: 'dummy', version }],
      ...(files && { files }),
    }),
  );

const entry = (kind: 'restart_new_emulator' | 'restart_emulator' | 'point_of_no_return') => [
  { version: '0.1', description: nil, instructions: [{ kind }] },
];
const restarting: Relup = {
  version: '0.2',
  up: entry('restart_new_emulator'),
  down: entry('restart_emulator'),
};

async function warnings(relup: Relup, base: ReleaseFields['files'], next: ReleaseFields['files']) {
  const [from, to] = [await release('0.1', base), await release('0.2', next)];
  const restarts = await findEmulatorRestarts(to, [from], relup);
  return restarts
    .flatMap(emulatorRestart)
    .map(({ message }) => /^(going from .*? to .*?) restarts .* program, and (.*?): /.exec(message)?.slice(1))
    .map((parts) => parts?.join(': ').replaceAll(from.path, 'BASE'));
}

describe('an emulator that is to be restarted', () => {
  const heart = { 'releases/0.1/vm.args': '-sname x\n-heart\n', 'bin/start': '#!/bin/sh\n' };
  const nextHeart = { 'releases/0.2/vm.args': '-heart' };

  it('needs heart and a start program, on the way up and on the way back', async () => {
    expect(await warnings(restarting, heart, nextHeart)).toEqual([]);
    expect(await warnings(restarting, {}, { 'releases/0.2/vm.args': '## -heart\n-heartless' })).toEqual([
      'going from 0.1 to 0.2: there is no vm.args, and BASE has no bin/start, and sys.config of 0.1 no start_prg for sasl',
      'going from 0.2 to 0.1: releases/0.2/vm.args has no -heart, and BASE has no bin/start, and sys.config of 0.2 no start_prg for sasl',
    ]);
  });

  it('may have another start program by the configuration of the release that runs', async () => {
    const named = (version: string) => ({
      [`releases/${version}/vm.args`]: '-heart',
      [`releases/${version}/sys.config`]: '[{sasl, [{start_prg, "/opt/boot"}]}].',
    });
    expect(await warnings(restarting, named('0.1'), named('0.2'))).toEqual([]);
    expect(await warnings(restarting, named('0.1'), nextHeart)).toEqual([
      'going from 0.2 to 0.1: BASE has no bin/start, and sys.config of 0.2 no start_prg for sasl',
    ]);
  });

  it('is looked for only where the relup restarts it', async () => {
    const hot = { version: '0.2', up: entry('point_of_no_return'), down: entry('point_of_no_return') };
    expect(await warnings(hot, {}, {})).toEqual([]);
  });
});
