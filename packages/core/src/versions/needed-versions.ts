import { diffReleases } from '../diff';
import { readRelease } from '../release';
import { codeChangedSameVersion } from '../rules/code-changed-same-version';

/** What has to have a new version before a release can be upgraded to. */
export interface NeededVersions {
  /** Where the release has the version of a previous one. */
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
  for (const path of previousReleases) {
    const previous = await readRelease(path);
    releases.add(previous.version);
    for (const { name, version } of previous.applications) {
      taken.set(name, (taken.get(name) ?? new Set()).add(version));
    }
    for (const difference of (await diffReleases(previous, next)).kept) {
      const [finding] = codeChangedSameVersion(difference);
      if (finding === undefined) continue;
      const { name, version } = difference.next;
      applications.set(name, {
        name,
        version,
        because: finding.message,
        taken: taken.get(name) ?? new Set(),
      });
    }
  }
  return {
    release: releases.has(next.version)
      ? {
          name: next.name,
          version: next.version,
          because: `the release ${next.name} has the version of a previous one, ${next.version}.`,
          taken: releases,
        }
      : undefined,
    applications: [...applications.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
