import { BlockedUpgradeError, type OtpError } from '@nx-otp/core';
import type { ExecutorContext } from '@nx/devkit';

/** After an upgrade that lacks a new version: the generator that gives it. */
export function commandForVersions(
  error: OtpError,
  { projectName = 'PROJECT' }: ExecutorContext,
): string | undefined {
  const lacksVersion =
    // Two previous releases of one version are another mistake, and no file.
    (error.code === 'same-version' && error.file !== undefined) ||
    (error instanceof BlockedUpgradeError &&
      error.diagnostics.some(
        ({ code, severity }) => code === 'code-changed-same-version' && severity === 'error',
      ));
  return lacksVersion
    ? `To give new versions to what changed: nx g nx-otp:bump-versions ${projectName}`
    : undefined;
}
