import { posix } from 'node:path';

/** Where rebar3 and rebar 2 expect the applications of a project whose `rebar.config` does not say. */
export const usualApplicationFolders = ['apps/*', 'lib/*'];

/** Whether a folder, relative to that of the `rebar.config`, is one of those that the patterns stand for. */
export function inApplicationFolders(folder: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const plain = posix.normalize(pattern).replace(/\/$/, '');
    const expression = plain.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*+/g, '[^/]*');
    return new RegExp(`^${expression}$`).test(folder);
  });
}
