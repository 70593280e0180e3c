import { posix } from 'node:path';
import type { FileTree } from './file-tree';
import type { Application, Release } from './model';

/** An application of a base, and what the base's `releases/RELEASES` says of the place where it lies. */
export interface RecordedLibrary<A = Application> {
  readonly application: A;
  /** As it is written; undefined where `RELEASES` does not list the application. */
  readonly recorded: string | undefined;
  /**
   * - `found`: it lies there, in a folder, or in an archive that the path names;
   * - `suppliable`: nothing lies there, and a package can bring it: it is `lib/NAME-VSN`, and the base has the
   *   application in an archive or in a folder without a version;
   * - `absolute`: it is right as long as the installation lies where it was made; a copy can't tell;
   * - `missing`: nothing lies there, and release_handler can't go back to the base.
   */
  readonly state: 'found' | 'suppliable' | 'absolute' | 'missing';
}

/** A release, or an installation that may lack some of its applications. */
export interface RecordedRelease<A> extends Pick<Release, 'name' | 'version' | 'tree' | 'installed'> {
  readonly applications: readonly A[];
}

/** @returns undefined where `RELEASES` does not list the base at all, or is not there */
export function recordedLibraries<A extends Pick<Application, 'name' | 'version' | 'libPath'>>(
  base: RecordedRelease<A>,
): RecordedLibrary<A>[] | undefined {
  const entry = base.installed?.find(({ name, version }) => name === base.name && version === base.version);
  if (entry === undefined) return undefined;
  return base.applications.map((application) => {
    const { name, version } = application;
    const recorded = entry.libraries.find(
      (library) => library.name === name && library.version === version,
    )?.path;
    return { application, recorded, state: stateOf(application, recorded, base.tree) };
  });
}

function stateOf(
  { name, version, libPath }: Pick<Application, 'name' | 'version' | 'libPath'>,
  recorded: string | undefined,
  tree: FileTree,
): RecordedLibrary['state'] {
  if (recorded === undefined) return 'missing';
  if (posix.isAbsolute(recorded) || /^[A-Za-z]:/.test(recorded)) return 'absolute';
  // relx writes ./lib/NAME-VSN.
  const path = posix.normalize(recorded);
  const folder = `${name}-${version}`;
  if (path === libPath || (libPath.endsWith('.ez') && path === `${libPath}/${folder}`)) return 'found';
  if (path === `lib/${folder}`) return 'suppliable';
  return tree.files.some((file) => file.path === `${path}/ebin/${name}.app`) ? 'found' : 'missing';
}
