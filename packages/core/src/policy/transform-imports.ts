import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/**
 * The files that decide what transforms do: themselves and what they import, whatever the language and the module system.
 * Absolute and sorted.
 *
 * Every string of a file that is a relative path (`./x`, `../x`) counts when there is such a file, be it in an `import`,
 * a `require`, a `new URL` or a comment: one too many costs a cache miss, and one missed would be a wrong cache hit.
 * Packages and paths that are computed are not followed. Files that are not there are left out.
 */
export async function transformImports(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const waiting = paths.map((path) => resolve(path));
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    found.add(file);
    for (const [, , path = ''] of text.matchAll(relativePath)) {
      waiting.push(...(await filesOf(resolve(dirname(file), path))));
    }
  }
  return [...found].sort();
}

const relativePath = /(['"`])(\.{1,2}(?:\/[^'"`\n\\]*)?)\1/g;
const extensions = ['', '.js', '.mjs', '.cjs', '.json', '.ts', '.mts', '.cts'];

/** What a path may mean to `import` and `require`; a folder is its `index` and what its `package.json` names. */
async function filesOf(path: string): Promise<string[]> {
  const files: string[] = [];
  for (const extension of extensions) {
    if (await isFile(`${path}${extension}`)) files.push(`${path}${extension}`);
    if (extension !== '' && (await isFile(join(path, `index${extension}`)))) {
      files.push(join(path, `index${extension}`));
    }
  }
  if (await isFile(join(path, 'package.json'))) files.push(join(path, 'package.json'));
  return files;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
