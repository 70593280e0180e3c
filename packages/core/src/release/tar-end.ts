/** All of a tar archive lies in blocks of this size. */
export const TAR_BLOCK_BYTES = 512;

const ZERO_BLOCK = Buffer.alloc(TAR_BLOCK_BYTES);

/** Whether a block can be a header: its checksum is right (POSIX `ustar`, "chksum"). */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length !== TAR_BLOCK_BYTES || ZERO_BLOCK.equals(block)) return false;
  const stored = /^ *([0-7]+)[ \0]/.exec(Buffer.from(block.subarray(148, 156)).toString('latin1'))?.[1];
  if (stored === undefined) return false;
  // The checksum's own eight bytes count as spaces.
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum === Number.parseInt(stored, 8);
}

/**
 * Finds the end of an archive: the first block of zeros in the place of a header. tar-stream reads on behind it
 * and does not miss it, whereas `erl_tar` stops there, and fails without it.
 */
export class TarEnd {
  private passed = 0;
  private nextHeader = 0;
  /** Runs of zero blocks from `nextHeader` on, as `[start, end)`. */
  private zeros: { readonly start: number; end: number }[] = [];

  /** To be called with every chunk, in whole blocks, before it is parsed. */
  pass(chunk: Buffer): void {
    const start = this.passed;
    this.passed += chunk.length;
    for (
      let offset = Math.max(start, this.nextHeader);
      offset + TAR_BLOCK_BYTES <= this.passed;
      offset += TAR_BLOCK_BYTES
    ) {
      if (!ZERO_BLOCK.equals(chunk.subarray(offset - start, offset - start + TAR_BLOCK_BYTES))) continue;
      const last = this.zeros.at(-1);
      if (last?.end === offset) last.end += TAR_BLOCK_BYTES;
      else this.zeros.push({ start: offset, end: offset + TAR_BLOCK_BYTES });
    }
  }

  /**
   * To be called with every member that was parsed: where its content begins, and how many bytes it has.
   * @returns false when the archive had ended before it
   */
  accepts(contentOffset: number, size: number): boolean {
    if (this.reached) return false;
    this.nextHeader = contentOffset + Math.ceil(size / TAR_BLOCK_BYTES) * TAR_BLOCK_BYTES;
    this.zeros = this.zeros.filter((run) => run.end > this.nextHeader);
    return true;
  }

  /** Whether the end was seen behind the last accepted member. */
  get reached(): boolean {
    return this.zeros.some((run) => run.start <= this.nextHeader && this.nextHeader < run.end);
  }
}
