import { isAbsolute, posix } from 'node:path';
import type { ChangedManifest, ProjectFiles } from '@nx-otp/core';
import type { Tree } from '@nx/devkit';

/** The files of a project as a generator sees them, with what was changed already. */
export function filesInTree(tree: Tree, root: string): ProjectFiles {
  const inWorkspace = (path: string): string => posix.join(isAbsolute(root) ? '.' : root, path);
  return {
    read: (path) => {
      const file = inWorkspace(path);
      return tree.isFile(file) ? (tree.read(file) ?? undefined) : undefined;
    },
    list: (folder) => tree.children(inWorkspace(folder)),
    nameOf: inWorkspace,
  };
}

/** Writes what changed. @returns the files, relative to the workspace root */
export function writeManifests(tree: Tree, root: string, changed: readonly ChangedManifest[]): string[] {
  return changed.map(({ path, bytes }) => {
    const file = posix.join(root, path);
    tree.write(file, bytes);
    return file;
  });
}
