import { open, stat, type FileHandle } from 'node:fs/promises';
import { OtpError } from '../error';
import type { FileTree } from './file-tree';
import { openFolder } from './folder-tree';
import { isTarHeader, TAR_BLOCK_BYTES } from './tar-end';
import { openTarball } from './tarball-tree';

/**
 * Opens a release: a folder, or a tar archive, gzipped or not. What lies at the path decides, not its name.
 * @throws OtpError `release-missing`, `release-unreadable`, and what `openFolder` and `openTarball` throw
 */
export async function openTree(path: string): Promise<FileTree> {
  const stats = await orUnreadable(path, () => stat(path));
  if (stats.isDirectory()) return openFolder(path);
  if (!stats.isFile()) throw notARelease(path, 'neither a file nor a folder');
  const start = await orUnreadable(path, () => firstBlock(path));
  if (start[0] === 0x1f && start[1] === 0x8b) return openTarball(path, 'gzip');
  const hasMagic = start.subarray(257, 262).toString('latin1') === 'ustar';
  // v7 archives have no magic.
  if (hasMagic || isTarHeader(start)) return openTarball(path, 'none');
  if (start.length === 0) throw notARelease(path, 'an empty file');
  if (start.subarray(0, 2).toString('latin1') === 'PK') throw notARelease(path, 'a zip archive');
  throw notARelease(path, `a file that starts with the bytes ${start.subarray(0, 4).toString('hex')}`);
}

async function firstBlock(path: string): Promise<Buffer> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAR_BLOCK_BYTES), 0, TAR_BLOCK_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle?.close();
  }
}

async function orUnreadable<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
      throw new OtpError('there is no such file or folder.', {
        code: 'release-missing',
        file: path,
        fix: 'Give the folder of a release, or a .tar.gz of one.',
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtpError(`it cannot be read: ${reason}.`, {
      code: 'release-unreadable',
      file: path,
      cause: error,
    });
  }
}

function notARelease(path: string, found: string): OtpError {
  return new OtpError(`expected the folder of a release, or a .tar.gz or .tar of one; found ${found}.`, {
    code: 'release-unreadable',
    file: path,
  });
}
