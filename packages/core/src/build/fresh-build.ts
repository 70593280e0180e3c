import { lstat, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode } from '../error-code';

/**
 * Takes out of the build folder of mix what is compiled from the project, and leaves the dependencies it has fetched: mix
 * goes by the time stamps of files in whole seconds, and overlooks a version that changed in the second of the last build,
 * or that came with an older time stamp. What a release is made of must not depend on that.
 */
export async function forgetMixProject(buildPath: string, projectRoot: string): Promise<void> {
  const fetched = new Set(await entriesOf(resolve(projectRoot, process.env['MIX_DEPS_PATH'] ?? 'deps')));
  for (const entry of await entriesOf(buildPath)) if (entry !== 'lib') await remove(buildPath, entry);
  const lib = join(buildPath, 'lib');
  for (const entry of await entriesOf(lib)) if (!fetched.has(entry)) await remove(lib, entry);
}

/** The same for rebar3, which keeps fetched dependencies as a whole and links to the sources of all others. */
export async function forgetRebar3Project(buildPath: string): Promise<void> {
  for (const profile of await entriesOf(buildPath)) {
    for (const kind of ['lib', 'checkouts']) {
      const folder = join(buildPath, profile, kind);
      for (const entry of await entriesOf(folder)) {
        if (!(await isFetched(join(folder, entry)))) await remove(folder, entry);
      }
    }
  }
}

async function isFetched(application: string): Promise<boolean> {
  const source = await lstat(join(application, 'src')).catch(() => undefined);
  return source?.isDirectory() === true;
}

async function entriesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return [];
    throw error;
  });
}

async function remove(folder: string, entry: string): Promise<void> {
  await rm(join(folder, entry), { recursive: true, force: true });
}
