import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VersionOnDisk } from './expected-modules';
import type { Finding } from './model';

/**
 * Native libraries that are still loaded from the folder of an application's version that was left, where the version
 * that was entered brings another in its place.
 * @param loaded absolute paths
 */
export function staleLibraries(
  loaded: readonly string[],
  {
    root,
    left,
    entered,
  }: { readonly root: string; readonly left: VersionOnDisk; readonly entered: VersionOnDisk },
): Finding[] {
  return [...left.applications].flatMap(([application, version]) => {
    const wanted = entered.applications.get(application);
    if (wanted === undefined || wanted === version) return [];
    const folder = `${join(root, 'lib', `${application}-${version}`)}/`;
    return loaded
      .filter((path) => path.startsWith(folder))
      .map((path) => path.slice(folder.length))
      .filter((path) => differs(join(folder, path), join(root, 'lib', `${application}-${wanted}`, path)))
      .map((path): Finding => ({
        severity: 'error',
        code: 'library-differs',
        text: `the native library ${path} of ${application} ${version} is still loaded, and ${application} ${wanted} has another: nothing has loaded that.`,
      }));
  });
}

function differs(one: string, other: string): boolean {
  return existsSync(one) && existsSync(other) && !readFileSync(one).equals(readFileSync(other));
}
