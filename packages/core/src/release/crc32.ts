const POLYNOMIAL = 0xedb88320;

/** `TABLE[256 * n + byte]`: what a byte does to the checksum when `n` bytes of zero follow it. */
const TABLE = new Int32Array(4 * 256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL;
  TABLE[byte] = value;
}
for (let index = 256; index < TABLE.length; index++) {
  const before = TABLE[index - 256] ?? 0;
  TABLE[index] = (before >>> 8) ^ (TABLE[before & 0xff] ?? 0);
}

/**
 * The checksum of gzip and zip (RFC 1952, section 8), from 0 to 2^32-1. Four bytes at a time, since a package of
 * hundreds of megabytes passes through here; Node's own `zlib.crc32` came with 20.15 only.
 * @param previous the checksum of the bytes before these
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  const table = TABLE;
  const whole = bytes.length - (bytes.length % 4);
  let crc = ~previous;
  let index = 0;
  for (; index < whole; index += 4) {
    const word =
      crc ^
      ((bytes[index] ?? 0) |
        ((bytes[index + 1] ?? 0) << 8) |
        ((bytes[index + 2] ?? 0) << 16) |
        ((bytes[index + 3] ?? 0) << 24));
    crc =
      (table[768 + (word & 0xff)] ?? 0) ^
      (table[512 + ((word >>> 8) & 0xff)] ?? 0) ^
      (table[256 + ((word >>> 16) & 0xff)] ?? 0) ^
      (table[word >>> 24] ?? 0);
  }
  for (; index < bytes.length; index++) crc = (table[(crc ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
