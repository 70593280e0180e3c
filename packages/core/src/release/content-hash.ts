import { createHash } from 'node:crypto';
import type { FileTree } from './file-tree';

/**
 * The name of a release's content: SHA-256 in hex over path, whether it is executable, and content of each file that
 * belongs to the release. Where it lies, in a folder or in a tarball, time stamps and other permissions do not matter.
 */
export async function releaseContentHash(tree: FileTree): Promise<string> {
  return contentHash(tree, belongsToRelease);
}

/** As `releaseContentHash`, of all files of a tree or of some. */
export async function contentHash(
  tree: FileTree,
  isPart: (path: string) => boolean = () => true,
): Promise<string> {
  const files = tree.files.filter((file) => isPart(file.path));
  const hashes = await tree.hashes(files.map((file) => file.path));
  const whole = createHash('sha256');
  for (const file of files) {
    const executable = (file.mode & 0o111) === 0 ? '-' : 'x';
    whole.update(`${file.path}\0${executable}\0${hashes.get(file.path) ?? ''}\n`);
  }
  return whole.digest('hex');
}

/** An installation may hold much else beside the release: logs, databases, tarballs, its cookie. */
export function belongsToRelease(path: string): boolean {
  const [top = '', ...rest] = path.split('/');
  if (rest.length === 0 || !isTopLevelOfRelease(top)) return false;
  return !(top === 'releases' && (path.endsWith('.tar.gz') || path === 'releases/COOKIE'));
}

/** The folders at the root of a target system that OTP's tools write. */
export function isTopLevelOfRelease(name: string): boolean {
  return name === 'bin' || name === 'lib' || name === 'releases' || name.startsWith('erts-');
}
