import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where no project lies, or nothing that is compiled. */
const passedOver = /^(?:\..*|node_modules|_build|dist|deps)$/;

/**
 * What lies in the folders `_checkouts` of a workspace, in which rebar3 looks for dependencies before anywhere else. They
 * are mostly links to other places and ignored by git, and both makes them invisible to Nx. All of them count for each project:
 * it costs a build too many when one changes, and a look at the folders of the workspace.
 * @returns a hash of paths and content; undefined where there are none
 */
export function checkoutsFingerprint(workspaceRoot: string): string | undefined {
  const hash = createHash('sha256');
  const found = checkoutsBelow(workspaceRoot, '');
  for (const folder of found.sort()) hashFiles(hash, join(workspaceRoot, folder), folder, []);
  return found.length === 0 ? undefined : hash.digest('hex').slice(0, 16);
}

function checkoutsBelow(workspaceRoot: string, folder: string): string[] {
  return readdirSync(join(workspaceRoot, folder), { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory() || passedOver.test(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.name === '_checkouts' ? [path] : checkoutsBelow(workspaceRoot, path);
  });
}

/** @param around the real folders on the way here, for links that lead in a circle */
function hashFiles(hash: Hash, folder: string, name: string, around: readonly string[]): void {
  const real = realpathSync(folder);
  if (around.includes(real)) return;
  for (const entry of readdirSync(folder).sort()) {
    const path = join(folder, entry);
    // A link that leads nowhere, or a folder that rebar3 makes itself.
    if (!existsSync(path) || passedOver.test(entry)) continue;
    const stats = statSync(path);
    const inTree = `${name}/${entry}`;
    if (stats.isDirectory()) hashFiles(hash, path, inTree, [...around, real]);
    else if (stats.isFile()) hash.update(`${inTree}\0${stats.size}\0`).update(readFileSync(path));
  }
}
