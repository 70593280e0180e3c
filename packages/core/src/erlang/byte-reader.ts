import { OtpError } from '../error';

/** Reads big-endian bytes in order; every read that would pass the end is an error that says what was missing. */
export class ByteReader {
  private readonly buffer: Buffer;
  private at = 0;

  /** @param origin where the bytes come from, for messages. */
  constructor(
    bytes: Uint8Array,
    private readonly origin: string,
  ) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes have been read. */
  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.buffer.length - this.at;
  }

  /** The next byte, which stays unread; undefined at the end. */
  peek(): number | undefined {
    return this.buffer[this.at];
  }

  uint8(what: string): number {
    return this.buffer.readUInt8(this.advance(1, what));
  }

  uint16(what: string): number {
    return this.buffer.readUInt16BE(this.advance(2, what));
  }

  uint32(what: string): number {
    return this.buffer.readUInt32BE(this.advance(4, what));
  }

  float64(what: string): number {
    return this.buffer.readDoubleBE(this.advance(8, what));
  }

  /** The next bytes, as a view: copy what is to outlive the input. */
  bytes(size: number, what: string): Buffer {
    const start = this.advance(size, what);
    return this.buffer.subarray(start, start + size);
  }

  skip(size: number, what: string): void {
    this.advance(size, what);
  }

  /** Goes back to an offset, to read on from there. */
  rewind(offset: number): void {
    this.at = Math.min(offset, this.at);
  }

  /** The bytes that were read between two offsets, as a view. */
  between(start: number, end: number): Buffer {
    return this.buffer.subarray(start, end);
  }

  /** Refuses a count of parts, each of at least one byte, that cannot fit into what remains. */
  expectAtLeast(count: number, what: string, start: number): void {
    if (count > this.remaining) {
      throw this.error(`${what} need at least ${count} bytes; only ${this.remaining} remain`, start);
    }
  }

  error(problem: string, offset: number, cause?: unknown): OtpError {
    return new OtpError(`${problem} (at byte ${offset}).`, {
      code: 'term-corrupt',
      file: this.origin,
      cause,
    });
  }

  private advance(size: number, what: string): number {
    const start = this.at;
    if (size > this.remaining) {
      throw this.error(`${what} needs ${size} bytes; only ${this.remaining} remain`, start);
    }
    this.at += size;
    return start;
  }
}
