import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OtpError } from '../error';
import type { Release } from '../release';
import { isObject, keptFactsProblem } from './facts-shape';
import type { ReleaseFacts } from './release-facts';

/**
 * Raised when the meaning of the file changes. A release that runs may have been made by an earlier version of this
 * project: what that kept says less, and is left aside as if nothing had been kept. A later one is refused.
 */
const formatVersion = 2;

/** Where the facts of a release lie in it, such as `releases/0.2/facts.json`: they travel with it when it is archived. */
export function factsPath(release: Release): string {
  return `${release.versionPath}/facts.json`;
}

/**
 * Writes the facts into a release that lies in a folder. The same facts give the same bytes.
 * @throws OtpError `facts-file` when it is an archive.
 */
export async function writeReleaseFacts(release: Release, facts: ReleaseFacts): Promise<void> {
  if (release.tree.kind !== 'folder') {
    throw new OtpError('expected the folder of a release to keep its facts in, found an archive.', {
      code: 'facts-file',
      file: release.path,
      fix: 'Give the folder that the release was generated into.',
    });
  }
  const file = join(release.path, factsPath(release));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, printReleaseFacts(facts));
}

/**
 * The facts that were kept in a release, in a folder or in a tarball; undefined when there are none, or only such as an
 * earlier version of this project kept.
 * @throws OtpError `facts-file` when the file is corrupt, or of a later version of the format.
 */
export async function readReleaseFacts(release: Release): Promise<ReleaseFacts | undefined> {
  const path = factsPath(release);
  if (!release.tree.files.some((file) => file.path === path)) return undefined;
  return parseReleaseFacts(
    (await release.tree.read(path)).toString('utf8'),
    `${release.tree.origin}/${path}`,
  );
}

/** One line for each module, so that two versions can be compared by eye. Keys are sorted. */
export function printReleaseFacts({ applications }: ReleaseFacts): string {
  const printed = sortedEntries(applications).map(([name, { version, modules }]) => {
    const lines = sortedEntries(modules).map(
      ([module, entry]) => `\n   ${JSON.stringify(module)}:${JSON.stringify(withSortedKeys(entry))}`,
    );
    return `\n  ${JSON.stringify(name)}:{"modules":{${lines.join(',')}},"version":${JSON.stringify(version)}}`;
  });
  return `{"applications":{${printed.join(',')}},\n"version":${formatVersion}}\n`;
}

/**
 * @param file the file, for messages
 * @throws OtpError as `readReleaseFacts`.
 */
export function parseReleaseFacts(text: string, file: string): ReleaseFacts | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw unreadable(`expected JSON, found something else (${(cause as Error).message})`, file, cause);
  }
  if (!isObject(content)) throw unreadable('expected an object', file);
  const { version } = content;
  if (Number.isInteger(version) && Number(version) >= 1 && Number(version) < formatVersion) return undefined;
  if (version !== formatVersion) {
    throw unreadable(`expected version ${formatVersion}, found ${JSON.stringify(version)}`, file);
  }
  const { applications } = content;
  if (!isObject(applications)) throw unreadable('expected an object "applications"', file);
  for (const [name, application] of Object.entries(applications)) {
    const problem = problemOfApplication(application, `applications.${name}`);
    if (problem !== undefined) throw unreadable(`${problem} is missing or not of its kind`, file);
  }
  return { applications: applications as ReleaseFacts['applications'] };
}

function problemOfApplication(application: unknown, at: string): string | undefined {
  if (!isObject(application)) return at;
  if (typeof application['version'] !== 'string') return `${at}.version`;
  const { modules } = application;
  if (!isObject(modules)) return `${at}.modules`;
  for (const [name, entry] of Object.entries(modules)) {
    const place = `${at}.modules.${name}`;
    if (!isObject(entry)) return place;
    if (typeof entry['md5'] !== 'string') return `${place}.md5`;
    const problem = keptFactsProblem(entry['facts'], `${place}.facts`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function unreadable(problem: string, file: string, cause?: unknown): OtpError {
  return new OtpError(`the facts kept with this release cannot be read: ${problem}.`, {
    code: 'facts-file',
    file,
    fix: 'Generate the release again with this version of nx-otp, or delete the file: what only it knew is then reported as unknown.',
    cause,
  });
}

function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(sortedEntries(value).map(([key, entry]) => [key, withSortedKeys(entry)]));
}

function sortedEntries<Entry>(object: Readonly<Record<string, Entry>>): [string, Entry][] {
  return Object.entries(object).sort(([left], [right]) => (left < right ? -1 : 1));
}
