import { posix } from 'node:path';
import { OtpError } from '@nx-otp/core';

/**
 * A folder of the workspace, as an option names it.
 * @param given relative to the root of the workspace
 * @param option it comes from
 * @returns relative to the root, with slashes; `.` for the root itself
 * @throws OtpError `workspace-folder` for one that lies elsewhere
 */
export function workspaceFolder(given: string, option: string): string {
  const slashes = given.replaceAll('\\', '/');
  const folder = posix.join('.', slashes).replace(/(.)\/$/, '$1');
  const isAbsolute = posix.isAbsolute(slashes) || /^[a-z]:/i.test(slashes);
  if (!isAbsolute && folder !== '..' && !folder.startsWith('../')) return folder;
  throw new OtpError(`${given} lies outside of the workspace.`, {
    code: 'workspace-folder',
    fix: `Give ${option} relative to the root of the workspace, such as apps/dummy.`,
  });
}
