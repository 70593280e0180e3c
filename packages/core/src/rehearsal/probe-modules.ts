import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { erlangMissing } from '../build/run-erlang';
import { OtpError } from '../error';
import { errorCode } from '../error-code';

const run = promisify(execFile);

/**
 * Compiles modules of the project for its probes, with the `erlc` on PATH, into a scratch folder.
 * @throws OtpError `probe-module` with what the compiler says; `erlang-missing`
 */
export async function compileProbeModules(
  files: readonly string[],
  folder: string,
): Promise<{ readonly file: string; readonly beam: Uint8Array }[]> {
  if (files.length === 0) return [];
  await mkdir(folder, { recursive: true });
  const compiled: { file: string; beam: Uint8Array }[] = [];
  for (const file of files) {
    try {
      await run('erlc', ['+debug_info', '-o', folder, file]);
    } catch (cause) {
      if (errorCode(cause) === 'ENOENT') throw erlangMissing();
      const said = cause instanceof Error && 'stdout' in cause ? String(cause.stdout).trim() : String(cause);
      throw new OtpError(`it cannot be compiled: ${said}`, { code: 'probe-module', file, cause });
    }
    compiled.push({ file, beam: await readFile(join(folder, `${basename(file, '.erl')}.beam`)) });
  }
  return compiled;
}
