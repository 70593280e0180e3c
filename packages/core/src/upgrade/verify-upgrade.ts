import { formatDiagnostic, type Diagnostic } from '../rules';
import { openInstallation } from './open-installation';
import { openPackage } from './read-package';
import { verifyBase } from './verify-base';
import { verifyInstallation } from './verify-installation';
import { verifyPackage } from './verify-package';

export interface VerifyUpgradeOptions {
  /** The `NAME_VSN.tar.gz` that `generateUpgrade` wrote. Its manifest beside it is read too, where it is there. */
  readonly upgradePackage: string;
  /** The installation that it is meant for: the folder of a running or previous release, or a tarball of it. */
  readonly release: string;
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
}: VerifyUpgradeOptions): Promise<VerifiedUpgrade> {
  const opened = await openPackage(upgradePackage);
  const installation = await openInstallation(release);
  const findings = [
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

/** `PACKAGE fits dummy 0.1 at PATH.` or that it does not, with all findings. */
export function formatVerifiedUpgrade(
  { upgradePackage, release }: VerifyUpgradeOptions,
  { fits, findings, base }: VerifiedUpgrade,
): string {
  const verdict = `${upgradePackage} ${fits ? 'fits' : 'does not fit'} ${base.name} ${base.version} at ${release}`;
  return [fits ? verdict : `${verdict}:`, ...findings.map(formatDiagnostic)].join('\n');
}
