import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appupToTerm, noPolicy, readKeptAppups, type Appup, type UpgradePolicy } from '../appup';
import { printTermFile } from '../erlang';
import { OtpError } from '../error';
import { pathInOutput, refuseForeignFolder, refuseOutputPath } from '../output/output-path';
import { writeFolder } from '../output/replace-folder';
import {
  findEmulatorRestarts,
  findFilesInTheWay,
  packageContents,
  packageEntries,
  packageManifest,
  readEmulators,
  writeTarball,
  type PackageManifest,
} from '../package';
import { layoutOf, readRelease, type Release, type ReleaseLayout } from '../release';
import { relupText, type RelupOptions } from '../relup';
import {
  applyAllowances,
  emulatorRestart,
  emulatorsDiffer,
  filesInTheWay,
  throwIfBlocked,
  type Diagnostic,
} from '../rules';
import { allowedFindings } from './allowed-findings';
import { readAppupFolder, type ReleaseIdentity } from './appup-folder';
import { identityOf } from './generate-appups';
import { planUpgrade, type PlanUpgradeInput, type UpgradePlan } from './plan-upgrade';

export interface GenerateUpgradeOptions {
  /** Folders or tarballs of the releases to upgrade from. */
  readonly previousReleases: readonly string[];
  /** The folder of the new release. */
  readonly release: string;
  /** The folder that `generateAppups` wrote for these releases; without it the appups are planned here. */
  readonly appups?: string;
  /** The project's folder of reviewed appups, where `appups` is not given. */
  readonly appupsPath?: string;
  /** What the project wants otherwise, and what it lives with, where `appups` is not given: that was made by one. */
  readonly policy?: UpgradePolicy;
  /** Becomes a folder that holds `NAME_VSN.tar.gz`, `NAME_VSN.json` (the manifest) and `relup`. */
  readonly outputPath: string;
  /** Put every application into the package, not only those that a base lacks. */
  readonly full?: boolean;
  /**
   * In which order the applications stand in the relup, and whether the emulator restarts at the end. The order is that
   * of `appups` where these are given.
   */
  readonly relup?: RelupOptions;
}

export interface UpgradePackage {
  /** `OUTPUT/NAME_VSN.tar.gz`. */
  readonly path: string;
  /** What `release_handler:unpack_release/1` is called with: `NAME_VSN`. */
  readonly packageName: string;
  /** Of the new release: it decides how the package is installed (`installationSteps`). */
  readonly layout: ReleaseLayout;
  /** In bytes. */
  readonly size: number;
  readonly manifest: PackageManifest & { readonly tarSha256: string };
  readonly plan: UpgradePlan;
  /** What is worth a look; nothing here blocks. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Writes the relup and the package that OTP's release_handler installs.
 *
 * @throws BlockedUpgradeError with all findings, OtpError for what cannot be read or does not fit together; then
 *   `outputPath` is as it was
 */
export async function generateUpgrade(options: GenerateUpgradeOptions): Promise<UpgradePackage> {
  const { release, previousReleases, outputPath, appups, appupsPath, full = false } = options;
  refuseOutputPath(
    outputPath,
    [release, ...previousReleases, appups, appupsPath].filter((path) => path !== undefined),
  );
  await refuseForeignFolder(outputPath, isUpgradeFolder);
  const next = await readRelease(release);
  const previous: Release[] = [];
  for (const path of previousReleases) previous.push(await readRelease(path));
  const { policy, ...decided } = await decisions(next, previous, options);
  const plan = await planUpgrade({ previous, next, ...decided, policy });
  const stage = appups === undefined ? 'both' : 'packaging';
  const blocked = `No upgrade to ${next.name} ${next.version}`;
  throwIfBlocked(blocked, applyAllowances(plan.diagnostics, policy.allow).diagnostics);
  const { relup } = plan;
  // Only problems leave it out, and each of them is a finding that blocks.
  if (relup === undefined) throw new Error('there is no relup, and nothing that explains it');

  const packageName = `${next.name}_${next.version}`;
  const text = relupText(relup);
  const contents = packageContents(next, plan.differences, full);
  const manifest = await packageManifest(next, previous, contents, relup);
  const entries = await packageEntries({
    next,
    previous,
    contents,
    packageName,
    relup: text,
    appups: new Map(
      plan.appups.map(({ application, appup }) => [application, printTermFile([appupToTerm(appup)])]),
    ),
    manifest: jsonText(manifest),
  });
  const inTheWay = await findFilesInTheWay(next, previous, entries);
  const restarts = await findEmulatorRestarts(next, previous, relup);
  const found = [
    ...plan.diagnostics,
    ...(await readEmulators(next, previous)).flatMap(emulatorsDiffer),
    ...restarts.flatMap(emulatorRestart),
    ...inTheWay.map(filesInTheWay),
  ];
  const diagnostics = allowedFindings(found, policy.allow, stage);
  throwIfBlocked(blocked, diagnostics);
  const { tarSha256, size } = await writeFolder(outputPath, async (folder) => {
    const written = await writeTarball(entries, pathInOutput(folder, `${packageName}.tar.gz`));
    await writeFile(
      pathInOutput(folder, `${packageName}.json`),
      jsonText({ ...manifest, tarSha256: written.tarSha256 }),
    );
    await writeFile(join(folder, 'relup'), text);
    return written;
  });
  return {
    path: join(outputPath, `${packageName}.tar.gz`),
    packageName,
    layout: layoutOf(next),
    size,
    manifest: { ...manifest, tarSha256 },
    plan,
    diagnostics,
  };
}

/** What an earlier run left: `relup`, one package and its manifest, and nothing of anybody else's. */
function isUpgradeFolder(entries: readonly string[]): boolean {
  const kinds = entries.map((entry) => (entry === 'relup' ? entry : /\.(tar\.gz|json)$/.exec(entry)?.[1]));
  return kinds.sort().join(' ') === 'json relup tar.gz';
}

/** What was decided before: the appups that were made, or those that people wrote, and the policy. */
async function decisions(
  next: Release,
  previous: readonly Release[],
  { appups, appupsPath, policy = noPolicy, relup = {} }: GenerateUpgradeOptions,
): Promise<Pick<PlanUpgradeInput, 'keptAppups' | 'appups' | 'relup'> & { readonly policy: UpgradePolicy }> {
  if (appups !== undefined) {
    const identities: ReleaseIdentity[] = [];
    for (const base of previous) identities.push(await identityOf(base));
    const folder = await readAppupFolder(appups, await identityOf(next), identities);
    const { order } = folder;
    if (relup.order !== undefined && relup.order !== order) {
      throw new OtpError(
        `these appups were planned for the order of applications "${order}", and the relup is to have "${relup.order}".`,
        {
          code: 'appups-for-another-order',
          file: appups,
          fix: 'Give generate-appups the same applicationOrder, or leave it out here.',
        },
      );
    }
    return {
      appups: folder.appups,
      policy: { ...noPolicy, allow: folder.allow },
      relup: { ...relup, order },
    };
  }
  const keptAppups = new Map<string, readonly Appup[]>();
  for (const application of next.applications) {
    keptAppups.set(application.name, await readKeptAppups(application, appupsPath));
  }
  return { keptAppups, policy, relup };
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
