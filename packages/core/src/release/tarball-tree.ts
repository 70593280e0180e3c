import { OtpError } from '../error';
import { MAX_FILES, MAX_LINK_HOPS, MAX_LINKS, MAX_PATHS_LENGTH } from './archive-limits';
import { byCodeUnit, FileIndex, type IndexedFile } from './file-index';
import type { FileTree } from './file-tree';
import { quoteName } from './member-path';
import { rememberedHashes } from './remembered-hashes';
import { tarMembers, type TarCompression, type TarMember } from './tar-members';
import { followLinks, parentOf, type LinkTarget, type StoredEntry, type StoredFile } from './tree-links';

/**
 * Opens a tar archive without unpacking it to disk. All of it is read once, so that whatever is wrong with it is
 * said here; kept is only where each file is. Every `read` and `readMany` reads the archive again, up to the
 * last file asked for. Links are followed inside the archive.
 * @throws OtpError naming the file: `archive-corrupt`, `archive-unsafe`, `archive-unsupported`,
 *   `archive-unreadable`, `tree-link`, `tree-too-large`
 */
export async function openTarball(path: string, compression: TarCompression): Promise<FileTree> {
  const catalogue = new TarCatalogue(path);
  for await (const member of tarMembers(path, compression)) catalogue.add(member);
  const tree = { origin: path, ...catalogue.finish() };
  const found = await followLinks(tree, await tree.beneath(''));
  const index = new FileIndex(
    path,
    Array.from(found, ([name, file]) => ({ path: name, size: file.size, mode: file.mode, place: file.path })),
  );
  const readMany: FileTree['readMany'] = async (names, visit) => {
    await visitMembers(path, compression, index.findAll(names), visit);
  };
  return {
    kind: 'tarball',
    origin: path,
    files: index.files,
    async read(name) {
      let content: Buffer | undefined;
      await visitMembers(path, compression, [index.find(name)], (_, bytes) => {
        content = bytes;
      });
      if (content === undefined) throw changedMeanwhile(path, name);
      return content;
    },
    readMany,
    hashes: rememberedHashes(readMany),
  };
}

async function visitMembers(
  origin: string,
  compression: TarCompression,
  files: readonly IndexedFile<string>[],
  visit: (path: string, content: Buffer) => void | Promise<void>,
): Promise<void> {
  // Several paths may lead to one member.
  const wanted = new Map<string, IndexedFile<string>[]>();
  for (const file of files) {
    const asked = wanted.get(file.place);
    if (asked === undefined) wanted.set(file.place, [file]);
    else asked.push(file);
  }
  if (wanted.size === 0) return;
  for await (const member of tarMembers(origin, compression)) {
    const asked = wanted.get(member.path);
    if (asked === undefined) continue;
    const content = await contentOf(origin, member, asked[0]?.size);
    for (const file of asked) await visit(file.path, content);
    wanted.delete(member.path);
    if (wanted.size === 0) return;
  }
  const [[missing] = ['']] = wanted;
  throw changedMeanwhile(origin, missing);
}

async function contentOf(origin: string, member: TarMember, size: number | undefined): Promise<Buffer> {
  if (member.kind !== 'file' || member.size !== size) throw changedMeanwhile(origin, member.path);
  const content = Buffer.allocUnsafe(member.size);
  let length = 0;
  for await (const chunk of member.content) {
    content.set(chunk, length);
    length += chunk.length;
  }
  return content;
}

function changedMeanwhile(origin: string, path: string): OtpError {
  return new OtpError(`${quoteName(path)} is no longer as it was when the archive was opened.`, {
    code: 'archive-unreadable',
    file: origin,
    fix: 'Do not change a previous release while it is read.',
  });
}

interface StoredLink {
  readonly kind: 'symbolic-link' | 'hard-link';
  readonly path: string;
  readonly target: string;
}

/** What an archive holds, as a file system of its own in which links can be followed. */
class TarCatalogue {
  private readonly files = new Map<string, StoredFile>();
  private readonly links = new Map<string, StoredLink>();
  private readonly folders = new Set(['']);
  private members = 0;
  private pathsLength = 0;

  constructor(private readonly origin: string) {}

  add(member: TarMember): void {
    const { path } = member;
    this.members += 1;
    this.pathsLength += path.length;
    const isNew = !this.files.has(path) && !this.links.has(path);
    if (!isNew || (member.kind !== 'folder' && this.folders.has(path))) {
      throw this.unsafe(`it holds ${quoteName(path)} twice`);
    }
    this.addFolders(member.kind === 'folder' ? path : parentOf(path));
    switch (member.kind) {
      case 'folder':
        break;
      case 'file':
        this.files.set(path, { kind: 'file', path, size: member.size, mode: member.mode });
        break;
      case 'symbolic-link':
      case 'hard-link':
        this.pathsLength += member.target.length;
        this.links.set(path, member);
        break;
    }
    if (
      this.members > MAX_FILES ||
      this.folders.size > MAX_FILES ||
      this.links.size > MAX_LINKS ||
      this.pathsLength > MAX_PATHS_LENGTH
    ) {
      throw new OtpError(
        `it has more than ${MAX_FILES} files or folders, ${MAX_LINKS} links, or ${MAX_PATHS_LENGTH} characters in their paths.`,
        { code: 'tree-too-large', file: this.origin },
      );
    }
  }

  private addFolders(path: string): void {
    for (let folder = path; !this.folders.has(folder); folder = parentOf(folder)) {
      // A member beneath a link would be unpacked to wherever the link leads.
      if (this.links.has(folder)) throw this.unsafe(`it has files beneath its link ${quoteName(folder)}`);
      if (this.files.has(folder))
        throw this.unsafe(`it holds ${quoteName(folder)} twice, as a file and as a folder`);
      this.folders.add(folder);
    }
  }

  private unsafe(problem: string): OtpError {
    return new OtpError(`${problem}.`, {
      code: 'archive-unsafe',
      file: this.origin,
      fix: 'Make the archive again with the tools of the release.',
    });
  }

  /** To be called once all members are added. */
  finish(): Pick<Parameters<typeof followLinks>[0], 'beneath' | 'follow'> {
    const links = Array.from(this.links.keys(), (path) => ({ kind: 'link', path }) as const);
    const entries: StoredEntry[] = [...this.files.values(), ...links].sort((a, b) =>
      byCodeUnit(a.path, b.path),
    );
    return {
      beneath: (folder) => Promise.resolve(folder === '' ? entries : entriesFrom(entries, `${folder}/`)),
      follow: (link) => Promise.resolve(this.follow(link)),
    };
  }

  private follow(link: string): LinkTarget {
    const target = this.links.get(link)?.target ?? '';
    let at: string[] = link.split('/').slice(0, -1);
    const ahead = link.split('/').slice(-1);
    for (let hops = 0; ;) {
      const segment = ahead.pop();
      if (segment === undefined) return { kind: 'folder', path: at.join('/') };
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        if (at.pop() === undefined) return { kind: 'leaves', target };
        continue;
      }
      const path = [...at, segment].join('/');
      const next = this.links.get(path);
      if (next !== undefined) {
        hops += 1;
        if (hops > MAX_LINK_HOPS) return { kind: 'circle', target };
        if (next.target.startsWith('/')) return { kind: 'leaves', target };
        if (next.kind === 'hard-link') at = [];
        ahead.push(...next.target.split('/').reverse());
        continue;
      }
      const file = this.files.get(path);
      if (file !== undefined) return ahead.length === 0 ? file : { kind: 'dangling', target };
      if (!this.folders.has(path)) return { kind: 'dangling', target };
      at.push(segment);
    }
  }
}

function entriesFrom(sorted: readonly StoredEntry[], prefix: string): StoredEntry[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.path ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  const found: StoredEntry[] = [];
  for (const entry of sorted.slice(low)) {
    if (!entry.path.startsWith(prefix)) break;
    found.push(entry);
  }
  return found;
}
