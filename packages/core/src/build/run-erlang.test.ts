import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { atom, binary, list, nil, string, tuple } from '../erlang';
import { runErlang } from './run-erlang';

afterEach(() => vi.unstubAllEnvs());

/** Asks nx_otp_replace, the smallest module there is. */
const replace = (text: string, pattern: string, replacement: string): Parameters<typeof runErlang>[0] => ({
  module: 'nx_otp_replace',
  folder: tmpdir(),
  request: () => tuple(binary(Buffer.from(text)), string(pattern), binary(Buffer.from(replacement)), nil),
});

const scratchFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => /^nx-otp-[A-Za-z0-9]{6}$/.test(name)).sort();

describe('one run of the Erlang VM', () => {
  it('gives the answer to the request, whatever the locale', async () => {
    vi.stubEnv('LC_ALL', 'C');
    const { term, output } = await runErlang(replace('grün ж', 'ü', 'ę'));
    expect(term).toEqual(tuple(atom('ok'), binary(new TextEncoder().encode('gręn ж'))));
    expect(output).toBe('');
  });

  it('says what to install when there is no erl', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(runErlang(replace('a', 'a', 'b'))).rejects.toThrow(
      'there is no erl on PATH: Erlang/OTP is needed to build. Install it (Debian and Ubuntu: apt-get install erlang) or add its bin folder to PATH.',
    );
  });

  it('tells a crash with its place', async () => {
    await expect(
      runErlang({ module: 'nx_otp_replace', folder: tmpdir(), request: () => list([atom('unexpected')]) }),
    ).rejects.toMatchObject({
      code: 'erlang-failed',
      message: expect.stringMatching(
        /^nx_otp_replace failed in the Erlang VM:\n.*no function clause matching.*nx_otp_replace:answer\(\[unexpected\]\)/s,
      ) as string,
    });
  });

  it('ends the VM when it is aborted, and leaves no files', async () => {
    const before = await scratchFolders();
    const abort = new AbortController();
    const run = runErlang({ ...replace('a', 'a', 'b'), signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(run).rejects.toThrow('enough');
    expect(await scratchFolders()).toEqual(before);
  });
});
