import { MAX_PATH_BYTES, MAX_PATH_DEPTH } from './archive-limits';

/** A member's path as `FileEntry` has it, or what is wrong with it as the end of a sentence. */
export type MemberPath = { readonly path: string } | { readonly refused: string };

/**
 * Brings the name of an archive's member into the form of `FileEntry.path`: `./`, doubled and trailing
 * slashes are dropped. `''` is the root itself. Refused is what could land outside the folder that the
 * archive is unpacked in (`erl_tar` and `zip` call it `unsafe_path`), and what no file system can hold.
 */
export function memberPath(name: string): MemberPath {
  if (name.startsWith('/')) return { refused: 'is an absolute path' };
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) return { refused: `is longer than ${MAX_PATH_BYTES} bytes` };
  if (name.includes('\0')) return { refused: 'has a zero byte' };
  // What Node puts in the place of bytes that are not UTF-8; two different names could become one.
  if (name.includes('\uFFFD')) return { refused: 'is not UTF-8' };
  const segments = name.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return { refused: 'leaves the archive' };
  if (segments.length > MAX_PATH_DEPTH) return { refused: `lies in more than ${MAX_PATH_DEPTH} folders` };
  return { path: segments.join('/') };
}

/** A name as it may stand in a message: quoted, control characters escaped, not longer than a line. */
export function quoteName(name: string): string {
  const quoted = JSON.stringify(name);
  return quoted.length <= 200 ? quoted : `${quoted.slice(0, 197)}..."`;
}
