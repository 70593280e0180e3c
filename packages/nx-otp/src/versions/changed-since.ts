import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What is made, fetched, or written about an application. */
const noSources = new Set([
  'node_modules',
  'dist',
  'ebin',
  'deps',
  '_build',
  '_checkouts',
  'test',
  'doc',
  'docs',
]);

/** Whether a file of a folder of sources is younger than what was made of them. */
export function changedSince(folder: string, made: string): boolean {
  const limit = statSync(made).mtimeMs;
  const waiting = [folder];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || noSources.has(entry.name)) continue;
      const inside = join(path, entry.name);
      if (entry.isDirectory()) waiting.push(inside);
      else if ((statSync(inside, { throwIfNoEntry: false })?.mtimeMs ?? 0) > limit) return true;
    }
  }
  return false;
}
