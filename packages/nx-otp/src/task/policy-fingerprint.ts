import { createHash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { policyInputs, probeInputs } from '@nx-otp/core';

/** Where a project's policy lies unless its target says otherwise, relative to the project. */
export const usualPolicy = 'rel/upgrade.json';

/**
 * The content of a policy, of its transforms and of what they import, as one hash: transforms may lie anywhere, so no
 * pattern of inputs could name them. Paths are taken relative to the workspace, so that another checkout has the same.
 */
export async function policyFingerprint(workspace: string, file: string): Promise<string> {
  const own = await policyInputs(resolve(workspace, file));
  return fingerprint(workspace, [...own, ...(await packagesOf(workspace, own))]);
}

const lockFiles = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
];

/**
 * Where a transform imports packages: their manifests, which name their versions, and the lock files of the workspace, which
 * name those of the packages that they need in turn.
 */
async function packagesOf(workspace: string, files: readonly string[]): Promise<string[]> {
  const manifests = new Set<string>();
  for (const file of files) {
    if (!/\.[mc]?[jt]s$/.test(file)) continue;
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const [, specifier = ''] of text.matchAll(bareSpecifier)) {
      const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
      if (isBuiltin(name)) continue;
      for (const folder of createRequire(file).resolve.paths(name) ?? []) {
        manifests.add(join(folder, name, 'package.json'));
      }
    }
  }
  if (manifests.size === 0) return [];
  const present = [...manifests].filter((manifest) => existsSync(manifest)).sort();
  const linked: string[] = [];
  for (const manifest of present) {
    // A package of the workspace has no version to go by.
    const folder = realpathSync(dirname(manifest));
    if (folder.split(sep).includes('node_modules')) continue;
    const names = await readdir(folder, { recursive: true });
    linked.push(
      ...names.filter((name) => !name.split(sep).includes('node_modules')).map((name) => join(folder, name)),
    );
  }
  return [...present, ...linked.sort(), ...lockFiles.map((name) => join(workspace, name))];
}

const bareSpecifier = /\b(?:from|import|require)\b\s*\(?\s*['"]([^./'"][^'"]*)['"]/g;

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
