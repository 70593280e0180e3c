import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { OtpError } from '../error';
import { FileIndex, type IndexedFile } from './file-index';
import type { FileTree } from './file-tree';
import { memberPath, quoteName } from './member-path';
import { rememberedHashes } from './remembered-hashes';
import { followLinks, type LinkTarget, type StoredEntry, type StoredFile } from './tree-links';

export interface OpenFolderOptions {
  /** Only these top-level files and folders (`['lib', 'releases']`) are looked at; one that is missing is left out. */
  readonly topLevel?: readonly string[];
}

/**
 * The files of a folder, dot files too; sockets, pipes and devices are left out. A link may lead to any file or
 * folder of this folder, also to one that `topLevel` leaves out.
 * @throws OtpError `folder-unreadable`; `tree-link` when a link leaves the folder, leads nowhere or in a circle;
 *   `file-name` for a name that no archive can hold
 */
export async function openFolder(path: string, options: OpenFolderOptions = {}): Promise<FileTree> {
  const root = await onDisk(path, path, () => realpath(path));
  const stored =
    options.topLevel === undefined
      ? filesBeneath(path, root, '')
      : await filesAtTopLevel(path, root, options.topLevel);
  const found = await followLinks(
    {
      origin: path,
      beneath: (folder) => new Promise((resolve) => resolve(filesBeneath(path, root, folder))),
      follow: (link) => followOnDisk(path, root, link),
    },
    stored,
  );
  const index = new FileIndex(
    path,
    Array.from(found, ([name, file]) => ({ path: name, size: file.size, mode: file.mode, place: file.path })),
  );
  // A release is many small files. Each asynchronous call waits for a thread: that takes longer than most of the files.
  const content = (file: IndexedFile<string>) =>
    now(path, file.path, () => readFileSync(join(root, file.place)));
  const readMany: FileTree['readMany'] = async (paths, visit) => {
    for (const file of index.findAll(paths)) await visit(file.path, content(file));
  };
  return {
    kind: 'folder',
    origin: path,
    files: index.files,
    read: (name) => new Promise((resolve) => resolve(content(index.find(name)))),
    readMany,
    hashes: rememberedHashes(readMany),
  };
}

/** @param entries where they are added to */
function filesBeneath(
  origin: string,
  root: string,
  folder: string,
  entries: StoredEntry[] = [],
): StoredEntry[] {
  for (const entry of now(origin, folder, () => readdirSync(join(root, folder), { withFileTypes: true }))) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    refuseName(origin, name);
    if (entry.isDirectory()) filesBeneath(origin, root, name, entries);
    // Links are followed by `followLinks`: here they would lead in circles, and out of the folder.
    else if (entry.isSymbolicLink()) entries.push({ kind: 'link', path: name });
    else if (entry.isFile())
      entries.push(
        storedFile(
          name,
          now(origin, name, () => lstatSync(join(root, name))),
        ),
      );
  }
  return entries;
}

async function filesAtTopLevel(
  origin: string,
  root: string,
  names: readonly string[],
): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  for (const name of new Set(names)) {
    const stats = await lstat(join(root, name)).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw diskError(origin, name, error);
    });
    if (stats === undefined) continue;
    if (stats.isDirectory()) filesBeneath(origin, root, name, entries);
    else if (stats.isSymbolicLink()) entries.push({ kind: 'link', path: name });
    else if (stats.isFile()) entries.push(storedFile(name, stats));
  }
  return entries;
}

function storedFile(path: string, stats: Stats): StoredFile {
  return { kind: 'file', path, size: stats.size, mode: stats.mode & 0o777 };
}

async function followOnDisk(origin: string, root: string, link: string): Promise<LinkTarget> {
  const target = await onDisk(origin, link, () => readlink(join(root, link)));
  const leadsTo = await realpath(join(root, link)).catch((error: unknown) => {
    switch (errorCode(error)) {
      case 'ENOENT':
      case 'ENOTDIR':
        return { kind: 'dangling', target } as const;
      case 'ELOOP':
        return { kind: 'circle', target } as const;
      default:
        throw diskError(origin, link, error);
    }
  });
  if (typeof leadsTo !== 'string') return leadsTo;
  if (leadsTo !== root && !leadsTo.startsWith(root.endsWith(sep) ? root : root + sep))
    return { kind: 'leaves', target };
  const path = relative(root, leadsTo).split(sep).join('/');
  const stats = await onDisk(origin, link, () => stat(leadsTo));
  if (stats.isDirectory()) return { kind: 'folder', path };
  return stats.isFile() ? storedFile(path, stats) : { kind: 'special' };
}

function refuseName(origin: string, name: string): void {
  const place = memberPath(name);
  const refused = 'refused' in place ? place.refused : name.includes('\n') ? 'has a line feed' : undefined;
  if (refused === undefined) return;
  throw new OtpError(`the file name ${quoteName(name)} ${refused}.`, {
    code: 'file-name',
    file: origin,
    fix: 'Rename the file: erl_tar could not unpack it.',
  });
}

async function onDisk<T>(origin: string, name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskError(origin, name, error);
  }
}

function now<T>(origin: string, name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw diskError(origin, name, error);
  }
}

function diskError(origin: string, name: string, error: unknown): OtpError {
  const reason = error instanceof Error ? error.message : String(error);
  return new OtpError(
    `${name === origin || name === '' ? 'it' : quoteName(name)} cannot be read: ${reason}.`,
    {
      code: 'folder-unreadable',
      file: origin,
      cause: error,
    },
  );
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
