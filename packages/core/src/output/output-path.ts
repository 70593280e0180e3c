import { lstat, readdir } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { OtpError } from '../error';
import { errorCode } from '../error-code';

/**
 * The folder of an output is replaced as a whole, and previous releases are never written to: so it may not be an
 * input, nor hold one, nor lie in one.
 * @param inputs files and folders; absolute, or relative to the working directory, like `outputPath`
 * @throws OtpError `output-path`
 */
export function refuseOutputPath(outputPath: string, inputs: readonly string[]): void {
  for (const input of inputs) {
    const fix = 'Choose another outputPath.';
    if (isWithin(input, outputPath)) {
      throw new OtpError(`the output would replace ${input}, of which it is made.`, {
        code: 'output-path',
        file: outputPath,
        fix,
      });
    }
    if (isWithin(outputPath, input)) {
      throw new OtpError(`the output would be written into ${input}, of which it is made.`, {
        code: 'output-path',
        file: outputPath,
        fix,
      });
    }
  }
}

/**
 * The path of `name` in a folder that is written.
 * @throws OtpError `output-path` when it is not right in that folder
 */
export function pathInOutput(folder: string, name: string): string {
  const path = resolve(folder, name);
  if (dirname(path) === resolve(folder)) return path;
  throw new OtpError(`expected the name of a file to write here, found ${JSON.stringify(name)}.`, {
    code: 'output-path',
    file: folder,
    fix: 'Correct the name and the version of the release.',
  });
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
}

/**
 * What stands at an output path is deleted, so it has to be an earlier output, an empty folder, or nothing: a slip of
 * the pen must not cost somebody's sources.
 * @param isOutput whether a folder with these entries, at least one, is one that an earlier run made
 * @throws OtpError `output-path`
 */
export async function refuseForeignFolder(
  outputPath: string,
  isOutput: (entries: readonly string[]) => boolean,
): Promise<void> {
  const stats = await lstat(outputPath).catch((error: unknown) => {
    // Below a file nothing can be written; that is said when it is tried.
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  });
  if (stats === undefined) return;
  const entries = stats.isDirectory() ? await readdir(outputPath) : undefined;
  if (entries !== undefined && (entries.length === 0 || isOutput(entries))) return;
  throw new OtpError('the output would replace what is there, and no earlier run has made that.', {
    code: 'output-path',
    file: outputPath,
    fix: 'Choose another outputPath, or remove it yourself.',
  });
}
