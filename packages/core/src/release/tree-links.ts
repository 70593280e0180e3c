import { posix } from 'node:path';
import { OtpError } from '../error';
import { MAX_FILES, MAX_PATHS_LENGTH } from './archive-limits';
import type { FileEntry } from './file-tree';
import { quoteName } from './member-path';

/** A tree as it is stored: regular files, and links not yet followed. Paths are relative to its root. */
export interface StoredTree {
  readonly origin: string;
  /** The files and links at any depth beneath a stored folder; `''` is the root. */
  beneath(folder: string): Promise<readonly StoredEntry[]>;
  /** Where the link that is stored at this path leads to in the end, through other links. */
  follow(link: string): Promise<LinkTarget>;
}

export interface StoredFile extends FileEntry {
  readonly kind: 'file';
}

export type StoredEntry = StoredFile | { readonly kind: 'link'; readonly path: string };

export type LinkTarget =
  | StoredFile
  | { readonly kind: 'folder'; readonly path: string }
  /** A socket, a pipe or a device: nothing that a release is made of. */
  | { readonly kind: 'special' }
  | { readonly kind: 'leaves' | 'dangling' | 'circle'; readonly target: string };

/**
 * Follows all links among `entries` and those beneath the folders that they lead to.
 * @returns each path with the stored file whose content it has, in no particular order
 * @throws OtpError `tree-link` naming link and target, when a link leaves the tree, leads nowhere or to a folder
 *   that the link lies in; `development-release` where such links are applications; `tree-too-large`
 */
export async function followLinks(
  tree: StoredTree,
  entries: readonly StoredEntry[],
): Promise<Map<string, StoredFile>> {
  const found = new Map<string, StoredFile>();
  // Links count as files do: a few links to each other's folders make endless work without a single file.
  let visited = 0;
  let length = 0;
  const count = (path: string) => {
    visited += 1;
    length += path.length;
    if (visited > MAX_FILES || length > MAX_PATHS_LENGTH) {
      throw new OtpError(
        `it has more than ${MAX_FILES} files, or ${MAX_PATHS_LENGTH} characters in their paths; links to folders are counted with what they lead to.`,
        { code: 'tree-too-large', file: tree.origin },
      );
    }
  };

  // A link or a folder that many links lead to is looked at once.
  const beneath = remembered((folder) => tree.beneath(folder));
  const follow = remembered((link) => tree.follow(link));

  // `seenAs` and `folder` are one place, as a path of the result and as stored; `around` are the stored
  // folders that hold the links taken on the way here.
  const visit = async (
    stored: readonly StoredEntry[],
    folder: string,
    seenAs: string,
    around: readonly string[],
  ): Promise<void> => {
    for (const entry of stored) {
      const path = folder === '' ? entry.path : `${seenAs}${entry.path.slice(folder.length)}`;
      count(path);
      if (entry.kind === 'file') {
        found.set(path, entry);
        continue;
      }
      const target = await follow(entry.path);
      switch (target.kind) {
        case 'file':
          found.set(path, target);
          break;
        case 'folder': {
          const places = [...around, parentOf(entry.path)];
          if (places.some((place) => isWithin(place, target.path))) {
            throw linkError(tree.origin, entry.path, 'leads to a folder that it lies in');
          }
          await visit(await beneath(target.path), target.path, path, places);
          break;
        }
        case 'special':
          break;
        case 'leaves':
          await refuseDevelopmentRelease(tree.origin, entries, follow);
          throw linkError(tree.origin, entry.path, `leads to ${quoteName(target.target)}, which is outside`);
        case 'dangling':
          await refuseDevelopmentRelease(tree.origin, entries, follow);
          throw linkError(
            tree.origin,
            entry.path,
            `leads to ${quoteName(target.target)}, which does not exist`,
          );
        case 'circle':
          throw linkError(
            tree.origin,
            entry.path,
            `leads to ${quoteName(target.target)}, and so in a circle`,
          );
      }
    }
  };
  await visit(entries, '', '', []);
  return found;
}

function remembered<T>(find: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const found = new Map<string, T>();
  return async (path) => {
    const known = found.get(path);
    if (known !== undefined) return known;
    const result = await find(path);
    found.set(path, result);
    return result;
  };
}

/** The folder that a path lies in; `''` is the root. */
export function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === '.' ? '' : parent;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`);
}

/**
 * What relx makes in its mode dev: the applications of the release are links into the build folder and into the
 * Erlang/OTP of the machine.
 */
async function refuseDevelopmentRelease(
  origin: string,
  entries: readonly StoredEntry[],
  follow: (link: string) => Promise<LinkTarget>,
): Promise<void> {
  const applications = entries
    .filter(({ kind, path }) => kind === 'link' && /^lib\/[a-z]\w*-\d[^/]*$/.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path } of applications) {
    const target = await follow(path);
    if (target.kind !== 'leaves' && target.kind !== 'dangling') continue;
    throw new OtpError(
      `this is a release for development, as {mode, dev} of relx makes it: ${path} is a link to ${quoteName(target.target)}, and what lies behind such links changes with every build.`,
      {
        code: 'development-release',
        file: origin,
        fix: 'Give the release that was deployed, or build one for production: the target generate makes one in any mode, rebar3 with {mode, prod}.',
      },
    );
  }
}

function linkError(origin: string, link: string, problem: string): OtpError {
  return new OtpError(`the link ${quoteName(link)} ${problem}.`, {
    code: 'tree-link',
    file: origin,
    fix: 'A release must stand on its own: build it with copies in place of links (relx: {mode, prod}).',
  });
}
