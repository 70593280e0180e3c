import { chmod, copyFile, mkdir, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorCode } from '../error-code';
import { OtpError } from '../error';

/**
 * Puts copies in the place of all symbolic links in a folder: a release has to be whole by itself, wherever it is
 * copied.
 * @throws OtpError `target-system` for a link that leads nowhere, or to a folder that it lies in
 */
export async function resolveLinks(root: string, folder = root): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) {
      const target = await targetOf(path, root);
      const copy = `${path}.copied`;
      await copyTree(target, copy, { root, link: path, within: [await realpath(folder)] });
      await rm(path);
      await rename(copy, path);
    } else if (entry.isDirectory()) {
      await resolveLinks(root, path);
    }
  }
}

interface CopiedLink {
  readonly root: string;
  readonly link: string;
  /** The real paths of the folders around what is copied. */
  readonly within: readonly string[];
}

async function copyTree(source: string, copy: string, from: CopiedLink): Promise<void> {
  const stats = await stat(source);
  if (!stats.isDirectory()) {
    await copyFile(source, copy);
    return;
  }
  const real = await realpath(source);
  if (from.within.some((folder) => folder === real || folder.startsWith(`${real}/`))) {
    throw wrongLink(from.root, from.link, 'leads to a folder that it lies in');
  }
  await mkdir(copy);
  for (const entry of (await readdir(source)).sort()) {
    const path = join(source, entry);
    await targetOf(path, from.root);
    await copyTree(path, join(copy, entry), { ...from, within: [...from.within, real] });
  }
  await chmod(copy, stats.mode & 0o777);
}

async function targetOf(path: string, root: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ELOOP') throw error;
    const target = await readlink(path).catch(() => 'nowhere');
    throw wrongLink(root, path, `leads to ${target}, which is not there`);
  }
}

function wrongLink(root: string, link: string, problem: string): OtpError {
  return new OtpError(`the link ${relative(root, link)} in the release ${problem}.`, {
    code: 'target-system',
    fix: 'Remove the link from the project, or give it what it leads to.',
  });
}
