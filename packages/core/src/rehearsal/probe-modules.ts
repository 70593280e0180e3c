import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { erlangMissing } from '../build/run-erlang';
import { OtpError } from '../error';
import { errorCode } from '../error-code';

const run = promisify(execFile);

/** A module that probes call: Erlang compiled here, Elixir by the node, whose release has its compiler. */
export interface ProbeModule {
  readonly file: string;
  readonly code: { readonly beam: Uint8Array } | { readonly elixir: string };
}

/**
 * Reads modules of the project for its probes; those in Erlang are compiled with the `erlc` on PATH.
 * @param folder a scratch folder
 * @throws OtpError `probe-module` with what is wrong with one; `erlang-missing`
 */
export async function readProbeModules(files: readonly string[], folder: string): Promise<ProbeModule[]> {
  await mkdir(folder, { recursive: true });
  const modules: ProbeModule[] = [];
  for (const file of files) {
    if (!existsSync(file)) {
      throw new OtpError('there is no such module for the probes.', {
        code: 'probe-module',
        file,
        fix: 'Paths of modules are relative to the file of probes.',
      });
    }
    modules.push({
      file,
      code:
        extname(file) === '.erl'
          ? { beam: await compiled(file, folder) }
          : { elixir: await readFile(file, 'utf8') },
    });
  }
  return modules;
}

async function compiled(file: string, folder: string): Promise<Uint8Array> {
  try {
    await run('erlc', ['+debug_info', '-o', folder, resolve(file)]);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') throw erlangMissing();
    const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim() : String(cause);
    throw new OtpError(`it cannot be compiled: ${said}`, { code: 'probe-module', file, cause });
  }
  return readFile(join(folder, `${basename(file, '.erl')}.beam`));
}
