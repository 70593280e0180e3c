import { readFile } from 'node:fs/promises';
import { OtpError } from '../error';
import { errorCode } from '../error-code';

/**
 * The bytes of a file that the user wrote; undefined when there is none.
 * @param name the file as messages show it
 * @throws OtpError `unreadable` for a folder, a lack of permission and the like.
 */
export async function readInput(path: string, name: string): Promise<Buffer | undefined> {
  return readFile(path).catch((cause: unknown) => {
    const code = errorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new OtpError(`the file cannot be read (${code ?? String(cause)}).`, {
      code: 'unreadable',
      file: name,
      cause,
    });
  });
}
