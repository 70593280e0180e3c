import type { Application, Release } from '../release';
import type { ReleaseDiff } from '../diff';

/** Which applications a package holds, and which it relies on finding on the node. */
export interface PackageContents {
  readonly included: readonly Application[];
  /** In every base already, in the same version, with the same content and where release_handler looks for it. */
  readonly assumed: readonly Application[];
  /** Whether `erts-VSN` is in it: the node can't have it when a base ran another one. */
  readonly includesErts: boolean;
}

/**
 * Decides by application, never by module: an application whose folder holds only its changed modules passes the
 * upgrade and fails at the next boot.
 *
 * @param full include every application all the same
 */
export function packageContents(
  next: Release,
  differences: readonly ReleaseDiff[],
  full: boolean,
): PackageContents {
  const includesErts = differences.some(({ previous }) => previous.ertsVersion !== next.ertsVersion);
  const included: Application[] = [];
  const assumed: Application[] = [];
  for (const application of next.applications) {
    const everywhere = differences.every((difference) => isThere(application, difference));
    (everywhere && !full ? assumed : included).push(application);
  }
  return { included, assumed, includesErts };
}

/**
 * Content that differs under one version is refused earlier (`code-changed-same-version`), so the version tells. It
 * must lie in a folder of that version, because that is where release_handler looks for each application of the new
 * release, changed or not (`check_file(LibDir, directory)`): an archive or a folder without a version won't do.
 */
function isThere({ name, version }: Application, { kept }: ReleaseDiff): boolean {
  const found = kept.find((application) => application.name === name);
  return found?.previous.version === version && found.previous.libPath === `lib/${name}-${version}`;
}
