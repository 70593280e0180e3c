import { execFileSync } from 'node:child_process';

/**
 * A file that git tracks and a pattern would ignore, as if it had been a mistake to add it.
 * @returns its path, with how many more there are; undefined when there is none, or git does not know the folder
 */
export function trackedFile(
  root: string,
  pattern: string,
): { readonly file: string; readonly more: number } | undefined {
  let listed: string;
  try {
    listed = execFileSync('git', ['ls-files', '-z', '--cached', '--ignored', `--exclude=${pattern}`], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 1 << 28,
    });
  } catch {
    return undefined;
  }
  const [file, ...others] = listed.split('\0').filter((path) => path !== '');
  return file === undefined ? undefined : { file, more: others.length };
}
