import { noPolicy, readKeptAppups, type Appup, type PlannedAppup, type UpgradePolicy } from '../appup';
import { refuseForeignFolder, refuseOutputPath } from '../output/output-path';
import { readRelease, releaseContentHash, type Release } from '../release';
import type { RelupOrder } from '../relup';
import { throwIfBlocked, type Diagnostic } from '../rules';
import { allowedFindings } from './allowed-findings';
import { appupIndexFile, writeAppupFolder, type ReleaseIdentity } from './appup-folder';
import { planUpgrade } from './plan-upgrade';

export interface GenerateAppupsOptions {
  /** Folders or tarballs of the releases to upgrade from. */
  readonly previousReleases: readonly string[];
  /** The folder or tarball of the new release. */
  readonly release: string;
  /** Becomes a folder that holds `APPLICATION.appup` for each changed application, and `appups.json`. */
  readonly outputPath: string;
  /** The project's folder of reviewed appups (`APP/FROM_to_TO.appup`, `APP.appup`); they win. It need not exist. */
  readonly appupsPath?: string;
  /** What the project wants otherwise, and what it lives with. */
  readonly policy?: UpgradePolicy | undefined;
  /** In which order the applications will stand in the relup; what they need of each other is planned for it. */
  readonly order?: RelupOrder | undefined;
}

export interface GeneratedAppups {
  /** The folder that was written. */
  readonly path: string;
  readonly appups: readonly PlannedAppup[];
  /** What is worth a look; nothing here blocks. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compares the releases and writes the appup of each application whose version changed, with the way up from and the
 * way down to each previous release. Appups that people wrote are used where they have a section for the pair.
 *
 * @throws BlockedUpgradeError with all findings, OtpError for what cannot be read; then nothing is written
 */
export async function generateAppups(options: GenerateAppupsOptions): Promise<GeneratedAppups> {
  const {
    release,
    previousReleases,
    outputPath,
    appupsPath,
    policy = noPolicy,
    order = 'dependencies',
  } = options;
  refuseOutputPath(outputPath, [
    release,
    ...previousReleases,
    ...(appupsPath === undefined ? [] : [appupsPath]),
  ]);
  await refuseForeignFolder(outputPath, (entries) => entries.includes(appupIndexFile));
  const next = await readRelease(release);
  const previous: Release[] = [];
  for (const path of previousReleases) previous.push(await readRelease(path));
  const keptAppups = new Map<string, readonly Appup[]>();
  for (const application of next.applications) {
    keptAppups.set(application.name, await readKeptAppups(application, appupsPath));
  }
  const plan = await planUpgrade({ previous, next, keptAppups, policy, relup: { order } });
  const diagnostics = allowedFindings(plan.diagnostics, policy.allow, 'planning');
  throwIfBlocked(`No appups for ${next.name} ${next.version}`, diagnostics);
  const identities: ReleaseIdentity[] = [];
  for (const base of previous) identities.push(await identityOf(base));
  await writeAppupFolder(
    outputPath,
    { release: await identityOf(next), previousReleases: identities, order, allow: policy.allow },
    plan.appups,
    appupsPath,
  );
  return { path: outputPath, appups: plan.appups, diagnostics };
}

export async function identityOf(release: Release): Promise<ReleaseIdentity> {
  return {
    name: release.name,
    version: release.version,
    contentHash: await releaseContentHash(release.tree),
  };
}
