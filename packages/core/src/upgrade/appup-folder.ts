import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  appupToTerm,
  instructionToTerm,
  parseAppup,
  type Allowance,
  type Appup,
  type PlannedAppup,
} from '../appup';
import { OtpError } from '../error';
import { printTerm, printTermFile, readFirstTerm } from '../erlang';
import { errorCode } from '../error-code';
import { writeFolder } from '../output/replace-folder';

/** Which release a file was made for: its version, and its content. */
export interface ReleaseIdentity {
  readonly name: string;
  readonly version: string;
  /** As `contentHash` gives it. */
  readonly contentHash: string;
}

/**
 * `appups.json` in a folder of generated appups: what they were made for, and why each instruction is there.
 * The appups themselves lie beside it as `APPLICATION.appup`.
 */
export interface AppupFolderIndex {
  readonly release: ReleaseIdentity;
  readonly previousReleases: readonly ReleaseIdentity[];
  /** The findings that the project lives with: the package is made by the same judgement. */
  readonly allow: readonly Allowance[];
  readonly applications: readonly {
    readonly name: string;
    readonly version: string;
    readonly file: string;
    readonly sections: readonly {
      readonly direction: 'up' | 'down';
      readonly version: string;
      readonly origin: 'generated' | 'kept';
      readonly instructions: readonly { readonly instruction: string; readonly reason?: string }[];
    }[];
  }[];
}

export const appupIndexFile = 'appups.json';

/** Writes a folder of appups in the place of the one that is there, whole or not at all. */
export async function writeAppupFolder(
  outputPath: string,
  made: Pick<AppupFolderIndex, 'release' | 'previousReleases' | 'allow'>,
  appups: readonly PlannedAppup[],
): Promise<void> {
  const index: AppupFolderIndex = { ...made, applications: appups.map(indexEntry) };
  await writeFolder(outputPath, async (folder) => {
    await writeFile(join(folder, appupIndexFile), `${JSON.stringify(index, undefined, 2)}\n`);
    for (const { application, appup } of appups) {
      await writeFile(join(folder, `${application}.appup`), printTermFile([appupToTerm(appup)]));
    }
  });
}

function indexEntry({
  application,
  version,
  sections,
}: PlannedAppup): AppupFolderIndex['applications'][number] {
  return {
    name: application,
    version,
    file: `${application}.appup`,
    sections: sections.map((section) => ({
      direction: section.direction,
      version: section.version,
      origin: section.origin.kind,
      instructions:
        section.origin.kind === 'generated'
          ? section.origin.instructions.map(({ instruction, reason }) => ({
              instruction: printTerm(instructionToTerm(instruction, { shortest: true })),
              reason,
            }))
          : section.origin.instructions.map((instruction) => ({
              instruction: printTerm(instructionToTerm(instruction, { shortest: true })),
            })),
    })),
  };
}

/** What a folder of generated appups holds for a package. */
export interface AppupFolder {
  /** By application. */
  readonly appups: ReadonlyMap<string, readonly Appup[]>;
  readonly allow: readonly Allowance[];
}

/**
 * Reads a folder of generated appups.
 * @throws OtpError (`appups-for-another-base`) when they were made for other releases than these; (`appups-missing`)
 */
export async function readAppupFolder(
  path: string,
  release: ReleaseIdentity,
  previousReleases: readonly ReleaseIdentity[],
): Promise<AppupFolder> {
  const index = await readIndex(path);
  const wanted = [release, ...previousReleases].map(describeIdentity);
  const found = [index.release, ...index.previousReleases].map(describeIdentity);
  if (wanted.length !== found.length || !wanted.every((identity) => found.includes(identity))) {
    throw new OtpError(
      `these appups were made for other releases: they lead to ${found[0] ?? ''} from ${found.slice(1).join(', ')}; wanted are appups to ${wanted[0] ?? ''} from ${wanted.slice(1).join(', ')}.`,
      { code: 'appups-for-another-base', file: path, fix: 'Run generate-appups again for these releases.' },
    );
  }
  const appups = new Map<string, readonly Appup[]>();
  for (const { name, file } of index.applications) {
    if (file !== `${name}.appup` || basename(file) !== file || appups.has(name)) {
      throw new OtpError(
        `expected each application once, with its NAME.appup, found ${JSON.stringify({ name, file })}.`,
        { code: 'appups-missing', file: join(path, appupIndexFile), fix: 'Run generate-appups again.' },
      );
    }
    const appupFile = join(path, file);
    appups.set(name, [parseAppup(readFirstTerm(await readOrExplain(appupFile), appupFile), appupFile)]);
  }
  return { appups, allow: index.allow };
}

function describeIdentity({ name, version, contentHash }: ReleaseIdentity): string {
  return `${name} ${version} (content ${contentHash.slice(0, 12)})`;
}

/** What reading a folder of appups relies on: its index may have been written by another version, or by hand. */
type ReadIndex = Pick<AppupFolderIndex, 'release' | 'previousReleases' | 'allow'> & {
  readonly applications: readonly { readonly name: string; readonly file: string }[];
};

async function readIndex(path: string): Promise<ReadIndex> {
  const file = join(path, appupIndexFile);
  const index = parseJson((await readOrExplain(file)).toString('utf8'));
  if (isIndex(index)) return index;
  throw new OtpError('this is not the index of a folder of generated appups.', {
    code: 'appups-missing',
    file,
    fix: 'Run generate-appups again.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isIndex(value: unknown): value is ReadIndex {
  return (
    isObject(value) &&
    isIdentity(value['release']) &&
    Array.isArray(value['previousReleases']) &&
    value['previousReleases'].every(isIdentity) &&
    Array.isArray(value['allow']) &&
    value['allow'].every(isAllowance) &&
    Array.isArray(value['applications']) &&
    value['applications'].every((entry: unknown) => hasStrings(entry, ['name', 'file']))
  );
}

function isIdentity(value: unknown): value is ReleaseIdentity {
  return hasStrings(value, ['name', 'version', 'contentHash']);
}

function isAllowance(value: unknown): value is Allowance {
  return (
    hasStrings(value, ['rule', 'reason']) &&
    ['application', 'module'].every(
      (name) => isObject(value) && ['undefined', 'string'].includes(typeof value[name]),
    )
  );
}

function hasStrings(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

async function readOrExplain(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const isMissing = errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR';
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OtpError(isMissing ? 'there is no such file.' : `it cannot be read: ${reason}.`, {
      code: 'appups-missing',
      file,
      fix: 'Run generate-appups first.',
      cause,
    });
  }
}
