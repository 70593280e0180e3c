import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import { isAlive } from '../is-alive';

/**
 * Makes a folder and puts it in the place of the one at `path`, whole or not at all: when `fill` fails, `path` is as
 * it was and nothing lies beside it. What killed runs have left there is removed first.
 * @param fill writes the content into the folder it is given, which is new and empty
 * @throws OtpError `output-unwritable`; what `fill` throws
 */
export async function writeFolder<T>(path: string, fill: (folder: string) => Promise<T>): Promise<T> {
  await removeLeftovers(path);
  return orUnwritable(path, async () => {
    const folder = await folderBeside(path);
    try {
      const result = await fill(folder);
      await replaceFolder(folder, path);
      return result;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function orUnwritable<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof OtpError || errorCode(error) === undefined) throw error;
    throw new OtpError(`it cannot be written: ${error instanceof Error ? error.message : String(error)}.`, {
      code: 'output-unwritable',
      file: path,
      fix: 'Choose another place, or give write permission for its folder.',
      cause: error,
    });
  }
}

/**
 * A new, empty folder beside `path`, to be moved there by `replaceFolder`. Its name holds the process id of its
 * maker, so that a later run can tell what a killed one left.
 * @throws OtpError `output-unwritable`
 */
export async function folderBeside(path: string): Promise<string> {
  const folder = nameBeside(path, 'new');
  await orUnwritable(path, () => mkdir(folder, { recursive: true }));
  return folder;
}

/**
 * Puts `made`, a folder of `folderBeside(path)`, in the place of the folder at `path`. Whoever looks sees the old
 * folder, none, or the new one, and never a mixture.
 */
export async function replaceFolder(made: string, path: string): Promise<void> {
  const away = nameBeside(path, 'old');
  const existed = await rename(path, away).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(made, path);
  } catch (error) {
    if (existed) await rename(away, path);
    throw error;
  }
  if (existed) await rm(away, { recursive: true, force: true });
}

/**
 * Removes what runs that were killed have left beside `path`.
 * @throws OtpError `output-unwritable`
 */
export function removeLeftovers(path: string): Promise<void> {
  return orUnwritable(path, () => removeLeftoversIn(dirname(path), `.${basename(path)}-`));
}

async function removeLeftoversIn(folder: string, prefix: string): Promise<void> {
  const entries = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const made = entry.startsWith(prefix)
      ? /^(?:new|old)-(\d+)-[0-9a-f]{8}$/.exec(entry.slice(prefix.length))
      : null;
    if (made?.[1] !== undefined && !isAlive(Number(made[1]))) {
      await rm(join(folder, entry), { recursive: true, force: true });
    }
  }
}

function nameBeside(path: string, purpose: 'new' | 'old'): string {
  const unique = `${process.pid}-${randomBytes(4).toString('hex')}`;
  return join(dirname(path), `.${basename(path)}-${purpose}-${unique}`);
}
