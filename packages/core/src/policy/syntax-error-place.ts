import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import type { Position } from '../error';
import { transformImports } from './transform-imports';

/**
 * Where the text of a transform, or of a file that it imports, is no JavaScript: an `import` that fails says what is
 * wrong and not where. `node --check` does, and runs nothing. Undefined where it finds nothing.
 */
export async function syntaxErrorPlace(
  transform: string,
): Promise<{ readonly file: string; readonly position: Position } | undefined> {
  const imports = await transformImports([transform]);
  for (const file of [transform, ...imports.filter((one) => one !== transform)]) {
    if (!['.mjs', '.js', '.cjs'].includes(extname(file))) continue;
    const position = await checkedPosition(file);
    if (position !== undefined) return { file, position };
  }
  return undefined;
}

/** The first lines it prints are `FILE:LINE`, the line of the source, and marks below what is wrong. */
async function checkedPosition(file: string): Promise<Position | undefined> {
  const printed = await new Promise<string>((accept) => {
    execFile(process.execPath, ['--check', file], { timeout: 10_000 }, (_, __, stderr) => accept(stderr));
  });
  const [place = '', , marks = ''] = printed.split(/\r?\n/);
  const [, line] = /:(\d+)$/.exec(place) ?? [];
  if (line === undefined) return undefined;
  return { line: Number(line), column: Math.max(marks.indexOf('^'), 0) + 1 };
}
