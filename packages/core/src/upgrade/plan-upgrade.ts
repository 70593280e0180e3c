import { assembleAppup, type Appup, type PlannedAppup } from '../appup';
import { diffReleases, type ApplicationDiff, type ReleaseDiff } from '../diff';
import { readReleasePair, type ReleasePair } from '../diff/module-index';
import { OtpError } from '../error';
import type { Release } from '../release';
import { makeRelup, type Relup, type RelupOptions } from '../relup';
import { runRules, type Diagnostic } from '../rules';
import { relupProblems } from './relup-problems';

/** What an upgrade will do, and what was found while planning it. Plain data. */
export interface UpgradePlan {
  readonly next: Release;
  /** One for each base, in the order they were given. */
  readonly differences: readonly ReleaseDiff[];
  /** One for each application whose version differs from that in a base, sorted by name. */
  readonly appups: readonly PlannedAppup[];
  /** Absent where something is in its way; the diagnostics say what. */
  readonly relup: Relup | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlanUpgradeInput {
  /** The releases the package can upgrade from and go back to. */
  readonly previous: readonly Release[];
  readonly next: Release;
  /** Appups written by hand or shipped, by application, in the order they count. */
  readonly keptAppups?: ReadonlyMap<string, readonly Appup[]>;
  readonly relup?: RelupOptions;
}

/**
 * Reads what differs and plans the upgrade from each base and the way back to it. Writes nothing. What stands in the
 * way is in the plan's diagnostics, all of it.
 *
 * @throws OtpError when the releases do not make a pair (`same-version`, `other-release`, `missing-sasl`) or cannot be read
 */
export async function planUpgrade(input: PlanUpgradeInput): Promise<UpgradePlan> {
  const { previous, next, keptAppups = new Map<string, readonly Appup[]>(), relup } = input;
  checkBases(previous, next);
  const pairs: ReleasePair[] = [];
  for (const base of previous) pairs.push(await readReleasePair(await diffReleases(base, next)));
  return planFromPairs(next, pairs, keptAppups, relup);
}

/** The pure part of `planUpgrade`. */
export function planFromPairs(
  next: Release,
  pairs: readonly ReleasePair[],
  keptAppups: ReadonlyMap<string, readonly Appup[]>,
  options: RelupOptions = {},
): UpgradePlan {
  const differences = pairs.map(({ difference }) => difference);
  const changed = changedApplications(differences);
  const appups = Array.from(changed, ([name, versions]) =>
    assembleAppup(
      // Bases may share a version of the application: a section serves them all.
      versions.flatMap(([first]) => (first === undefined ? [] : [first])),
      keptAppups.get(name) ?? [],
    ),
  );
  const byName = new Map(appups.map(({ application, appup }) => [application, appup]));
  const { relup, problems } = makeRelup({
    next,
    previous: differences.map((difference) => ({ release: difference.previous })),
    appups: (application) => byName.get(application),
    options,
  });
  const diagnostics = [...runRules(pairs, appups), ...relupProblems(problems)];
  return { next, differences, appups, relup, diagnostics };
}

/** The applications that need an appup: for each old version, its differences to the bases that have it. */
function changedApplications(differences: readonly ReleaseDiff[]): Map<string, ApplicationDiff[][]> {
  const changed = new Map<string, ApplicationDiff[][]>();
  for (const application of differences.flatMap(({ kept }) => kept)) {
    const { name, previous, next } = application;
    if (previous.version === next.version) continue;
    const versions = changed.get(name) ?? [];
    const same = versions.find(([first]) => first?.previous.version === previous.version);
    if (same === undefined) versions.push([application]);
    else same.push(application);
    changed.set(name, versions);
  }
  return new Map([...changed].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function checkBases(previous: readonly Release[], next: Release): void {
  const seen = new Map<string, string>();
  if (previous.length === 0) {
    throw new OtpError('no previous release was given, so there is nothing to upgrade from.', {
      code: 'no-previous-release',
      fix: 'Give the folder or tarball of the release that runs in production as previousRelease.',
    });
  }
  for (const release of [next, ...previous]) {
    if (!release.applications.some((application) => application.name === 'sasl')) {
      throw new OtpError(
        `the release ${release.name} ${release.version} does not have sasl, and sasl holds OTP's release_handler, which installs upgrades.`,
        {
          code: 'missing-sasl',
          file: release.relFile,
          fix: "Add sasl to the release's applications.",
        },
      );
    }
  }
  for (const base of previous) {
    if (base.name !== next.name) {
      throw new OtpError(`this is the release ${base.name}, and the new one is ${next.name}.`, {
        code: 'other-release',
        file: base.path,
        fix: `Give a previous release of ${next.name}.`,
      });
    }
    if (base.version === next.version) {
      throw new OtpError(`the previous release has version ${base.version}, and so has the new one.`, {
        code: 'same-version',
        file: base.path,
        fix: 'Give the new release another version, or another previous release.',
      });
    }
    const twin = seen.get(base.version);
    if (twin !== undefined) {
      throw new OtpError(
        `the previous releases ${twin} and ${base.path} have the same version, ${base.version}.`,
        {
          code: 'same-version',
          fix: 'Give each previous version once.',
        },
      );
    }
    seen.set(base.version, base.path);
  }
}
