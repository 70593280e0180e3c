import { inside } from './json-mistakes';

/**
 * The places of the keys that an object of a JSON text has more than once: `JSON.parse` keeps the last and says nothing.
 * @param text what `JSON.parse` has read
 */
export function repeatedKeys(text: string): string[] {
  const found = new Set<string>();
  const open: { readonly place: string; readonly keys: Set<string> | undefined; at: number; next: string }[] =
    [];
  let string: string | undefined;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g)) {
    const current = open.at(-1);
    switch (token) {
      case '{':
      case '[': {
        const isList = current?.keys === undefined;
        const place = current === undefined ? '' : isList ? `${current.place}[${current.at}]` : current.next;
        open.push({ place, keys: token === '{' ? new Set() : undefined, at: 0, next: '' });
        break;
      }
      case '}':
      case ']':
        open.pop();
        break;
      case ',':
        if (current !== undefined) current.at++;
        break;
      case ':':
        if (current?.keys === undefined || string === undefined) break;
        current.next = inside(current.place, string);
        if (current.keys.has(string)) found.add(current.next);
        current.keys.add(string);
        break;
      default: {
        const value: unknown = JSON.parse(token);
        string = typeof value === 'string' ? value : undefined;
      }
    }
  }
  return [...found].sort();
}
