import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { UpgradePolicy } from '../appup';
import { OtpError } from '../error';
import { allowableRules } from '../rules';
import { loadTransforms } from './load-transforms';
import { parsePolicy, type WrittenPolicy } from './parse-policy';
import { transformImports } from './transform-imports';

/**
 * Reads a project's policy (`rel/upgrade.json`) and its transforms, whose paths are relative to the file.
 * @throws OtpError (`policy`) with all mistakes, also when there is no such file; (`transform`)
 */
export async function readPolicy(file: string): Promise<UpgradePolicy> {
  const { transformPaths, ...policy } = await readWritten(file);
  return { ...policy, transforms: loadTransforms(transformPaths.map((path) => join(dirname(file), path))) };
}

/**
 * The files that a policy consists of: itself, its transforms and what they import. Sorted. Only itself when it cannot
 * be read: then there is a mistake to be told, by `readPolicy`.
 */
export async function policyInputs(file: string): Promise<string[]> {
  const paths = await readWritten(file).then(
    ({ transformPaths }) => transformPaths,
    (error: unknown) => {
      if (error instanceof OtpError) return [];
      throw error;
    },
  );
  return [file, ...(await transformImports(paths.map((path) => join(dirname(file), path))))].sort();
}

async function readWritten(file: string): Promise<WrittenPolicy> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtpError(`it cannot be read as JSON: ${reason}.`, {
      code: 'policy',
      file,
      fix: 'Correct it; see docs/control.md for what it may hold.',
      cause: error,
    });
  }
  return parsePolicy(json, file, allowableRules);
}
