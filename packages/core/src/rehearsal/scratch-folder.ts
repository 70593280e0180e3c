import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { OtpError } from '../error';
import { errorCode } from '../error-code';

const prefix = 'nx-otp-rehearsal-';

/** Says whose folder it is; one that is to be kept has none. */
const ownerFile = 'owner';

/**
 * Makes a folder for a rehearsal, and removes those of rehearsals on this machine that were killed.
 * @param keep it is to stay
 * @throws OtpError `scratch-unwritable`
 */
export async function makeScratchFolder(parent: string, keep: boolean): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    await removeAbandoned(parent);
    const made = await mkdtemp(join(parent, `${prefix}${randomBytes(2).toString('hex')}-`));
    if (!keep) writeFileSync(join(made, ownerFile), `${process.pid} ${hostname()}\n`);
    return await realpath(made);
  } catch (error) {
    throw scratchUnwritable(parent, error);
  }
}

/** @returns an error of a system call as what it means to the user; others as they are */
export function scratchUnwritable(folder: string, error: unknown): unknown {
  if (error instanceof OtpError || errorCode(error) === undefined) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new OtpError(`the previous release cannot be copied to where it is rehearsed: ${reason}.`, {
    code: 'scratch-unwritable',
    file: folder,
    fix: 'A rehearsal needs room for the release and the package there. TMPDIR names another folder.',
    cause: error,
  });
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix) || !isAbandoned(join(parent, name, ownerFile))) continue;
    // Somebody else may remove it at the same time.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Its process runs no longer. Containers that share a folder count their processes each for itself. */
function isAbandoned(file: string): boolean {
  let owner: string;
  try {
    owner = readFileSync(file, 'utf8');
  } catch {
    return false;
  }
  const [, pid, host] = /^(\d+) (.*)\n$/.exec(owner) ?? [];
  if (pid === undefined || host !== hostname()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return errorCode(error) === 'ESRCH';
  }
}
