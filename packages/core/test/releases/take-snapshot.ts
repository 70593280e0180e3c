import { execFile } from 'node:child_process';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { snapshotScript } from '../../src/snapshot';

/**
 * Takes a snapshot of a release whose node this is not quite: an emulator of the machine that knows the release's folder.
 * @param before expressions that are evaluated on the node first, such as `crypto:start()`
 * @returns the path of the JSON
 */
export async function takeSnapshot(root: string, folder: string, before = 'ok'): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const program = `${before}, {ok, {ok, File}} = file:script(hd(init:get_plain_arguments())), io:put_chars([File]), halt(0).`;
  const { stdout } = await promisify(execFile)(
    'erl',
    ['+fnu', '-noshell', '-noinput', '-eval', program, '-extra', snapshotScript],
    {
      env: {
        ...process.env,
        RELEASE_ROOT: realpathSync(root),
        TMPDIR: folder,
        ERL_CRASH_DUMP_SECONDS: '0',
      },
      timeout: 60_000,
    },
  );
  return join(folder, stdout.slice(stdout.lastIndexOf('/') + 1));
}
