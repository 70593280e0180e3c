import { posix } from 'node:path';
import { OtpError } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';

/** The text of a file, or with it that it can be run. */
export type NewFile = string | { readonly text: string; readonly executable: true };

/** As many as a message names. */
const shown = 10;

/**
 * Writes files that are not there yet: all of them, or none.
 * @param files by their path, relative to the root of the workspace
 * @throws OtpError `file-exists` that lists those that are there
 */
export function writeNewFiles(tree: Tree, files: Readonly<Record<string, NewFile>>): void {
  const paths = Object.keys(files);
  // A file may also stand where a folder would have to be.
  const inTheWay = [...new Set(paths.flatMap(foldersOf))].filter((folder) => tree.isFile(folder));
  refuseExisting([...inTheWay, ...paths.filter((path) => tree.exists(path))]);
  for (const [path, file] of Object.entries(files)) {
    if (typeof file === 'string') tree.write(path, file);
    else tree.write(path, file.text, { mode: 0o755 });
  }
}

/**
 * @param existing paths
 * @throws OtpError `file-exists`, unless there are none
 */
export function refuseExisting(existing: readonly string[]): void {
  if (existing.length === 0) return;
  const more = existing.length - shown;
  const list = existing.slice(0, shown).join(', ') + (more > 0 ? ` and ${more} more` : '');
  throw new OtpError(
    `${existing.length === 1 ? 'this file is' : 'these files are'} there already, and nothing was written: ${list}.`,
    { code: 'file-exists', fix: 'Move them out of the way, or choose another place.' },
  );
}

/** Paths in a folder as paths in the workspace. */
export function inFolder<T>(folder: string, files: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(files).map(([path, file]) => [posix.join(folder, path), file]));
}

function foldersOf(path: string): string[] {
  const folder = posix.dirname(path);
  return folder === '.' ? [] : [...foldersOf(folder), folder];
}
