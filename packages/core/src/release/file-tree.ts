/** One regular file of a tree. */
export interface FileEntry {
  /** Relative to the root of the tree, with `/`, never starting with `./` or `/`, never holding `..`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Permission bits, such as `0o755`. */
  readonly mode: number;
}

/**
 * The files of a release or of an archived application, wherever they lie: a folder, a `.tar.gz` read
 * without unpacking it to disk, an `.ez` archive, what a snapshot tells of a node. Only regular files are seen; a symbolic link counts as the
 * file it points to, and one that leaves the tree is refused.
 */
export interface FileTree {
  readonly kind: 'folder' | 'tarball' | 'ez' | 'snapshot';
  /** The path that was opened, for messages. */
  readonly origin: string;
  /** Of one folder of a larger tree: that tree and the folder's path in it. Reading several such folders at once is cheaper there. */
  readonly within?: { readonly tree: FileTree; readonly prefix: string };
  /** Sorted by path, by code unit. */
  readonly files: readonly FileEntry[];
  /** @throws OtpError naming the file when it is missing or unreadable. */
  read(path: string): Promise<Buffer>;
  /**
   * Reads several files in one pass, in the order they are stored (for a tarball that is one decompression,
   * however many files are asked for). No more than one file's content is held at a time.
   * @throws OtpError naming a path that the tree does not have.
   */
  readMany(
    paths: Iterable<string>,
    visit: (path: string, content: Buffer) => void | Promise<void>,
  ): Promise<void>;
  /**
   * SHA-256 in hex of several files, by path. Each file is read and hashed once for as long as the tree is open,
   * whoever asks.
   * @throws OtpError naming a path that the tree does not have.
   */
  hashes(paths: Iterable<string>): Promise<ReadonlyMap<string, string>>;
}
