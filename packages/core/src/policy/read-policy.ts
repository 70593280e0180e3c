import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { UpgradePolicy } from '../appup';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import { allowableRules } from '../rules';
import { loadTransforms } from './load-transforms';
import { repeatedKeys } from './repeated-keys';
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
  const wrong = (problem: string, cause?: unknown): OtpError =>
    new OtpError(problem, {
      code: 'policy',
      file,
      fix: 'Correct it; see docs/control.md for what it may hold.',
      cause,
    });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw wrong(
      errorCode(error) === 'EISDIR' ? 'this is a folder.' : `it cannot be read: ${messageOf(error)}.`,
      error,
    );
  }
  // Some editors put a mark of the encoding there.
  text = text.replace(/^\uFEFF/, '');
  if (text.trim() === '') throw wrong('the file is empty; {} is a policy that says nothing.');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is no JSON, which has no comments and no trailing commas: ${messageOf(error)}.`, error);
  }
  const [first, ...others] = repeatedKeys(text);
  if (first !== undefined) {
    const all = [first, ...others].join(', ');
    throw wrong(
      `${all} ${others.length === 0 ? 'is' : 'are'} there more than once, and only the last would count.`,
    );
  }
  return parsePolicy(json, file, allowableRules);
}

/** What was found wrong with JSON may quote lines of it. */
function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
}
