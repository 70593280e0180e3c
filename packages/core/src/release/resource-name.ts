const maxBytes = 200;

/**
 * What is wrong with a name or version that folders and files are called by, as the end of a sentence; undefined for
 * a good one. `lib/NAME-VSN`, `releases/VSN` and `NAME_VSN.tar.gz` must each stay where they belong.
 */
export function refusedName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name === '.' || name === '..') return `is "${name}", which no file can be called`;
  if (/[/\\]/.test(name)) return 'has a slash or backslash';
  if (/\p{Cc}/u.test(name)) return 'has a control character';
  if (Buffer.byteLength(name) > maxBytes) return `is longer than ${maxBytes} bytes`;
  return undefined;
}
