import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { policyInputs } from '@nx-otp/core';

/** Where a project's policy lies unless its target says otherwise, relative to the project. */
export const usualPolicy = 'rel/upgrade.json';

/**
 * The content of a policy, of its transforms and of what they import, as one hash: transforms may lie anywhere, so no
 * pattern of inputs could name them. Paths are taken relative to the workspace, so that another checkout has the same.
 */
export async function policyFingerprint(workspace: string, file: string): Promise<string> {
  const hash = createHash('sha256');
  for (const input of await policyInputs(resolve(workspace, file))) {
    const content = await readFile(input).catch(() => undefined);
    hash.update(`${relative(workspace, input)}\0${content?.length ?? 'missing'}\0`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('hex');
}

export function policyFile(projectRoot: string, policyPath: unknown): string {
  return typeof policyPath === 'string' ? policyPath : join(projectRoot, usualPolicy);
}
