import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';
import { policyInputs, probeInputs } from '@nx-otp/core';

/** Where a project's policy lies unless its target says otherwise, relative to the project. */
export const usualPolicy = 'rel/upgrade.json';

/**
 * The content of a policy, of its transforms and of what they import, as one hash: transforms may lie anywhere, so no
 * pattern of inputs could name them. Paths are taken relative to the workspace, so that another checkout has the same.
 */
export async function policyFingerprint(workspace: string, file: string): Promise<string> {
  return fingerprint(workspace, await policyInputs(resolve(workspace, file)));
}

/** The content of a folder of reviewed appups that was asked for, and so is not among the inputs of the target. */
export async function appupsFingerprint(workspace: string, folder: string): Promise<string> {
  const root = resolve(workspace, folder);
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const files = names.filter((name) => extname(name) === '.appup').sort();
  return fingerprint(workspace, [root, ...files.map((name) => join(root, name))]);
}

/** The content of a file of probes and of the modules that it names. */
export async function probesFingerprint(workspace: string, file: string): Promise<string> {
  return fingerprint(workspace, await probeInputs(file));
}

async function fingerprint(workspace: string, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const input of files) {
    const content = await readFile(input).catch(() => undefined);
    hash.update(`${relative(workspace, input)}\0${content?.length ?? 'missing'}\0`);
    if (content !== undefined) hash.update(content);
  }
  return hash.digest('hex');
}

export function policyFile(projectRoot: string, policyPath: unknown): string {
  return typeof policyPath === 'string' ? policyPath : join(projectRoot, usualPolicy);
}
