import { diffReleases, type ReleaseDiff } from '../diff';
import { readRelease } from '../release';
import { codeChangedSameVersion } from '../rules/code-changed-same-version';

/** What has to have a new version before a release can be upgraded to. */
export interface NeededVersions {
  /** Where the release has the version of a previous one, and is another. */
  readonly release: NeededVersion | undefined;
  /** Applications whose code or files differ from a previous release under the same version, sorted by name. */
  readonly applications: readonly NeededVersion[];
}

export interface NeededVersion {
  readonly name: string;
  /** What it was built with. */
  readonly version: string;
  /** As a sentence, what differs. */
  readonly because: string;
  /** The versions that the previous releases have: a new one is none of these. */
  readonly taken: ReadonlySet<string>;
}

/**
 * Compares a release with previous ones: what planning would refuse because it has no new version. A change of comments
 * or of line numbers needs none.
 *
 * @param release folder or tarball of the release as it was built; so are `previousReleases`
 * @throws OtpError of `readRelease` and `diffReleases`
 */
export async function neededVersions(
  release: string,
  previousReleases: readonly string[],
): Promise<NeededVersions> {
  const next = await readRelease(release);
  const applications = new Map<string, NeededVersion>();
  const taken = new Map<string, Set<string>>();
  const releases = new Set<string>();
  let differs = false;
  for (const path of previousReleases) {
    const previous = await readRelease(path);
    const diff = await diffReleases(previous, next);
    releases.add(previous.version);
    if (previous.version === next.version) differs ||= isAnotherRelease(diff);
    for (const { name, version } of previous.applications) {
      taken.set(name, (taken.get(name) ?? new Set()).add(version));
    }
    for (const difference of diff.kept) {
      const [finding] = codeChangedSameVersion(difference);
      if (finding === undefined) continue;
      const { name, version } = difference.next;
      const because = finding.message;
      applications.set(name, { name, version, because, taken: taken.get(name) ?? new Set() });
    }
  }
  return {
    release: differs
      ? {
          name: next.name,
          version: next.version,
          because: `The release ${next.name} differs from the previous one, and both are ${next.version}.`,
          taken: releases,
        }
      : undefined,
    applications: [...applications.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Whether an upgrade from one to the other would have something to do. */
function isAnotherRelease({ added, removed, kept, configuration, erts }: ReleaseDiff): boolean {
  return (
    added.length + removed.length + configuration.length > 0 ||
    erts !== undefined ||
    kept.some(
      (difference) =>
        difference.previous.version !== difference.next.version ||
        codeChangedSameVersion(difference).length > 0,
    )
  );
}
