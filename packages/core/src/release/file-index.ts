import { OtpError } from '../error';
import { MAX_CONTENT_BYTES } from './archive-limits';
import type { FileEntry } from './file-tree';
import { quoteName } from './member-path';

/** A file of a tree and where its content is stored. */
export interface IndexedFile<Place> extends FileEntry {
  readonly place: Place;
}

/** The files of one tree by path; what the kinds of `FileTree` have in common. */
export class FileIndex<Place> {
  /** Sorted by path, by code unit. */
  readonly files: readonly FileEntry[];
  private readonly byPath: ReadonlyMap<string, IndexedFile<Place>>;

  constructor(
    private readonly origin: string,
    indexed: Iterable<IndexedFile<Place>>,
  ) {
    const sorted = [...indexed].sort((a, b) => byCodeUnit(a.path, b.path));
    this.files = sorted.map(({ path, size, mode }) => ({ path, size, mode }));
    this.byPath = new Map(sorted.map((file) => [file.path, file]));
  }

  /** @throws OtpError `file-missing` or `file-too-large` */
  find(path: string): IndexedFile<Place> {
    const file = this.byPath.get(path);
    if (file === undefined) {
      throw new OtpError(`it has no file ${quoteName(path)}.`, { code: 'file-missing', file: this.origin });
    }
    if (file.size > MAX_CONTENT_BYTES) {
      throw new OtpError(
        `${quoteName(path)} has ${file.size} bytes; a file that is read into memory may have ${MAX_CONTENT_BYTES} at most.`,
        { code: 'file-too-large', file: this.origin },
      );
    }
    return file;
  }

  /**
   * The files with these paths, each once, sorted by path.
   * @throws OtpError as `find`
   */
  findAll(paths: Iterable<string>): IndexedFile<Place>[] {
    const found = new Map(Array.from(paths, (path) => [path, this.find(path)]));
    return [...found.values()].sort((a, b) => byCodeUnit(a.path, b.path));
  }
}

/** The order of `FileTree.files`, the same in every locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
