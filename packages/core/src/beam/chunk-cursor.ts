import { corruptBeam } from './corrupt-beam';

/** Reads one chunk's data from front to back; every read is checked against the end of the chunk. */
export class ChunkCursor {
  private readonly view: DataView;
  private position = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly chunkId: string,
    private readonly origin: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.bytes.length - this.position;
  }

  /** @throws OtpError when the chunk has no byte left; so do the other reads. */
  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4));
  }

  int32(): number {
    return this.view.getInt32(this.advance(4));
  }

  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** @throws OtpError when bytes are left. */
  expectEnd(): void {
    if (this.remaining > 0) {
      throw this.corrupt(`bytes left after its last entry: ${this.remaining}`);
    }
  }

  corrupt(problem: string, cause?: unknown): Error {
    return corruptBeam(this.origin, `The ${this.chunkId} chunk is corrupt: ${problem}.`, cause);
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.remaining) {
      throw this.corrupt(`it needs ${length} bytes at offset ${start}, and ${this.remaining} are left`);
    }
    this.position = start + length;
    return start;
  }
}
