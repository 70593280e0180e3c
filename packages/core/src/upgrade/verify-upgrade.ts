import { OtpError } from '../error';
import { releaseContentHash, type FileTree } from '../release';
import { formatDiagnostic, type Diagnostic } from '../rules';
import { patched } from '../snapshot/compare-with-snapshot';
import { isSnapshot, readSnapshot, type Snapshot } from '../snapshot/snapshot';
import { openInstallation, openReleaseFiles, openSnapshot } from './open-installation';
import { openPackage, type OpenPackage } from './read-package';
import { verifyBase } from './verify-base';
import { verifyInstallation } from './verify-installation';
import { verifyPackage } from './verify-package';

export interface VerifyUpgradeOptions {
  /** The `NAME_VSN.tar.gz` that `generateUpgrade` wrote. Its manifest beside it is read too, where it is there. */
  readonly upgradePackage: string;
  /**
   * The installation that it is meant for: the folder of a running or previous release, a tarball of it, or the snapshot of a
   * running node.
   */
  readonly release: string;
  /**
   * For the snapshot of a node without crypto, which has MD5s: releases, one of which is what the package was planned for. The
   * package names content by SHA-256.
   */
  readonly witnesses?: readonly string[];
  /** That the folder is a copy, made elsewhere: absolute paths in it say nothing about this machine. So is a tarball. */
  readonly isCopy?: boolean;
}

export interface VerifiedUpgrade {
  /** Whether no finding is an error. */
  readonly fits: boolean;
  readonly findings: readonly Diagnostic[];
  /** What is installed: the version that starts at boot. */
  readonly base: { readonly name: string; readonly version: string; readonly ertsVersion: string };
  /** What the package leads to. */
  readonly next: { readonly name: string; readonly version: string };
}

/**
 * Whether OTP's release_handler can install this package on this installation, and go back. Only reads, and unpacks
 * nothing to disk. What stands in the way is in the findings, all of it. Whether the disk has room for
 * the package cannot be known here.
 *
 * @throws OtpError when the package or the installation can't be read as one
 */
export async function verifyUpgrade({
  upgradePackage,
  release,
  isCopy = false,
  witnesses = [],
}: VerifyUpgradeOptions): Promise<VerifiedUpgrade> {
  const opened = await openPackage(upgradePackage);
  const snapshot = (await isSnapshot(release)) ? await readSnapshot(release) : undefined;
  const installation =
    snapshot === undefined
      ? await openInstallation(release)
      : await openSnapshot(snapshot, await witnessesOf(snapshot, opened, witnesses));
  const findings = [
    ...(snapshot === undefined ? [] : runningCode(snapshot)),
    ...(await verifyPackage(opened)),
    ...(await verifyBase(opened, installation)),
    ...(await verifyInstallation(opened, installation, isCopy)),
  ];
  const { name, version, ertsVersion } = installation;
  return {
    fits: !findings.some(({ severity }) => severity === 'error'),
    findings,
    base: { name, version, ertsVersion },
    next: { name: opened.manifest.name, version: opened.manifest.version },
  };
}

/**
 * What tells the SHA-256 of files that a snapshot names by their MD5: the package itself, and the release that it was planned
 * for. Another one would make equal content look different.
 * @throws OtpError `snapshot-md5` where there is none
 */
async function witnessesOf(
  snapshot: Snapshot,
  { manifest, tree, path }: OpenPackage,
  candidates: readonly string[],
): Promise<FileTree[]> {
  if (snapshot.algorithm === 'sha256') return [];
  const hashes = new Set(manifest.bases.map(({ releaseContentHash }) => releaseContentHash));
  const witnesses: FileTree[] = [];
  for (const candidate of candidates) {
    const release = await openReleaseFiles(candidate);
    if (hashes.has(await releaseContentHash(release))) witnesses.push(release);
  }
  if (witnesses.length > 0) return [...witnesses, tree];
  throw new OtpError(
    `the node does not run crypto, so its snapshot has MD5s, and ${path} names content by SHA-256: the release that it was planned for would tell which belong together.`,
    {
      code: 'snapshot-md5',
      file: snapshot.file,
      fix: 'Run verify-upgrade together with the targets it needs, or give the installation itself.',
    },
  );
}

function runningCode(snapshot: Snapshot): Diagnostic[] {
  return patched(snapshot).map(({ application, what }) => ({
    code: 'running-code-differs',
    severity: 'error',
    application,
    message: `${snapshot.node} ${what}: the upgrade was planned for what lies on the disk.`,
    fix: 'Restart the node, or load what lies on its disk, and take the snapshot again.',
  }));
}

/** `PACKAGE fits dummy 0.1 at PATH.` or that it does not, with all findings. */
export function formatVerifiedUpgrade(
  { upgradePackage, release }: VerifyUpgradeOptions,
  { fits, findings, base }: VerifiedUpgrade,
): string {
  const verdict = `${upgradePackage} ${fits ? 'fits' : 'does not fit'} ${base.name} ${base.version} at ${release}`;
  return [fits ? verdict : `${verdict}:`, ...findings.map(formatDiagnostic)].join('\n');
}
