/** Most bytes that an archive may unpack to: several times the largest known release. */
export const MAX_UNPACKED_BYTES = 16 * 1024 ** 3;

/** Most bytes of one file that are held in memory; the same limit as `fs.readFile`'s. */
export const MAX_CONTENT_BYTES = 2 ** 31 - 1;

/** Most members of an archive, and most files of a tree, each link to a folder counted with all that it leads to. */
export const MAX_FILES = 500_000;

/** Longest sum of all paths of a tree, so that its index stays small whatever an archive claims. */
export const MAX_PATHS_LENGTH = 64 * 1024 ** 2;

/** Most symbolic and hard links of an archive, and most links from one to the next on the way to a file. */
export const MAX_LINKS = 10_000;
export const MAX_LINK_HOPS = 16;

/** Longest path of a member in bytes: Linux' `PATH_MAX`. */
export const MAX_PATH_BYTES = 4096;

/** Most folders that a member lies in. */
export const MAX_PATH_DEPTH = 128;

/**
 * A gzip stream that has given more than `MIN_BYTES_FOR_RATIO` may not have grown by more than this factor.
 * Releases are packed about 3:1; a bomb of zeros is close to deflate's own maximum, 1032:1.
 */
export const MAX_GZIP_RATIO = 200;
export const MIN_BYTES_FOR_RATIO = 256 * 1024 ** 2;
