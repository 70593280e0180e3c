import { readFile, writeFile } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import {
  appupToTerm,
  findSection,
  instructionToTerm,
  parseAppup,
  parseInstruction,
  type Allowance,
  type Appup,
  type Instruction,
  type PlannedAppup,
  type PlannedSection,
} from '../appup';
import { OtpError } from '../error';
import { listElements, printTerm, printTermFile, readFirstTerm } from '../erlang';
import { errorCode } from '../error-code';
import { writeFolder } from '../output/replace-folder';
import type { RelupOrder } from '../relup';

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
  /** In which order the applications stand in the relup that the appups were planned for. */
  readonly order: RelupOrder;
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
      /** Of what people wrote: the file, below the folder of reviewed appups or in the application. */
      readonly file?: string;
      readonly instructions: readonly IndexedInstruction[];
    }[];
  }[];
}

interface IndexedInstruction {
  readonly instruction: string;
  readonly reason?: string;
}

export const appupIndexFile = 'appups.json';

/** Writes a folder of appups in the place of the one that is there, whole or not at all. */
export async function writeAppupFolder(
  outputPath: string,
  made: Pick<AppupFolderIndex, 'release' | 'previousReleases' | 'order' | 'allow'>,
  appups: readonly PlannedAppup[],
  appupsPath: string | undefined,
): Promise<void> {
  const applications = appups.map((appup) => indexEntry(appup, appupsPath));
  const index: AppupFolderIndex = { ...made, applications };
  await writeFolder(outputPath, async (folder) => {
    await writeFile(join(folder, appupIndexFile), `${JSON.stringify(index, undefined, 2)}\n`);
    for (const { application, appup } of appups) {
      await writeFile(join(folder, `${application}.appup`), printTermFile([appupToTerm(appup)]));
    }
  });
}

function indexEntry(
  { application, version, sections }: PlannedAppup,
  appupsPath: string | undefined,
): AppupFolderIndex['applications'][number] {
  return {
    name: application,
    version,
    file: `${application}.appup`,
    sections: sections.map(({ direction, version: other, origin }) => ({
      direction,
      version: other,
      origin: origin.kind,
      ...(origin.kind === 'kept' && { file: placeOf(origin.file, application, appupsPath) }),
      instructions: origin.instructions.map((planned) =>
        'reason' in planned
          ? { instruction: instructionText(planned.instruction), reason: planned.reason }
          : { instruction: instructionText(planned) },
      ),
    })),
  };
}

function instructionText(instruction: Instruction): string {
  return printTerm(instructionToTerm(instruction, { shortest: true }));
}

/** The folder of appups is the same on every machine. */
function placeOf(file: string, application: string, appupsPath: string | undefined): string {
  const reviewed = appupsPath === undefined ? undefined : relative(appupsPath, file);
  if (reviewed !== undefined && !reviewed.startsWith('..') && !isAbsolute(reviewed)) {
    return reviewed.split(sep).join('/');
  }
  return `ebin/${application}.appup`;
}

/** What a folder of generated appups holds for a package. */
export interface AppupFolder {
  readonly appups: readonly PlannedAppup[];
  readonly order: RelupOrder;
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
  const appups: PlannedAppup[] = [];
  const names = new Set<string>();
  for (const { name, file } of index.applications) {
    if (file !== `${name}.appup` || basename(file) !== file || names.has(name)) {
      throw new OtpError(
        `expected each application once, with its NAME.appup, found ${JSON.stringify({ name, file })}.`,
        { code: 'appups-missing', file: join(path, appupIndexFile), fix: 'Run generate-appups again.' },
      );
    }
    names.add(name);
  }
  for (const { name, version, file, sections } of index.applications) {
    const appupFile = join(path, file);
    const appup = parseAppup(readFirstTerm(await readOrExplain(appupFile), appupFile), appupFile);
    const planned = sections.map((section) => plannedSection(section, join(path, appupIndexFile)));
    for (const section of planned) checkSection(appup, section);
    checkWhole(appup, version, planned);
    appups.push({ application: name, version, appup, sections: planned, stale: [] });
  }
  return { appups, order: index.order, allow: index.allow };
}

function plannedSection(
  { direction, version, origin, file = '', instructions }: IndexedSection,
  index: string,
): PlannedSection {
  const read = ({ instruction }: IndexedInstruction): Instruction =>
    parseInstruction(readFirstTerm(`${instruction}.`, index).term);
  return {
    direction,
    version,
    origin:
      origin === 'kept'
        ? { kind: 'kept', file, instructions: instructions.map(read) }
        : {
            kind: 'generated',
            instructions: instructions.map((one) => ({ instruction: read(one), reason: one.reason ?? '' })),
          },
  };
}

/** The index says why, the appup says what: they must say the same. */
function checkSection(appup: Appup, { direction, version, origin }: PlannedSection): void {
  const section = findSection(appup[direction], version);
  const found = section?.instructions
    .flatMap(({ term }) => listElements(term) ?? [term])
    .map((term) => instructionText(parseInstruction(term)));
  const wanted = origin.instructions.map((one) => instructionText('reason' in one ? one.instruction : one));
  if (found?.join(' ') === wanted.join(' ')) return;
  throw new OtpError(
    `its section ${direction === 'up' ? 'up from' : 'down to'} ${version} is not the one that ${appupIndexFile} beside it tells of.`,
    {
      code: 'appups-missing',
      file: appup.file,
      fix: 'Run generate-appups again; appups that you write yourself belong into rel/appups of the project.',
    },
  );
}

/** A section that the index does not tell of would be carried out all the same, and no rule would have seen it. */
function checkWhole(appup: Appup, version: string, sections: readonly PlannedSection[]): void {
  const versionsOf = (direction: 'up' | 'down'): string =>
    sections
      .filter((section) => section.direction === direction)
      .map((section) => section.version)
      .sort()
      .join(' ');
  if (appup.version === version && sections.length > 0 && versionsOf('up') === versionsOf('down')) return;
  throw new OtpError(
    `it is not the whole appup of version ${version} that ${appupIndexFile} beside it tells of.`,
    { code: 'appups-missing', file: appup.file, fix: 'Run generate-appups again.' },
  );
}

function describeIdentity({ name, version, contentHash }: ReleaseIdentity): string {
  return `${name} ${version} (content ${contentHash.slice(0, 12)})`;
}

/** What reading a folder of appups relies on: its index may have been written by another version, or by hand. */
type ReadIndex = AppupFolderIndex;
type IndexedSection = AppupFolderIndex['applications'][number]['sections'][number];

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
    ['dependencies', 'otp'].includes(String(value['order'])) &&
    Array.isArray(value['allow']) &&
    value['allow'].every(isAllowance) &&
    Array.isArray(value['applications']) &&
    value['applications'].every(
      (entry: unknown) =>
        hasStrings(entry, ['name', 'version', 'file']) &&
        isObject(entry) &&
        Array.isArray(entry['sections']) &&
        entry['sections'].every(isSection),
    )
  );
}

function isSection(value: unknown): boolean {
  return (
    hasStrings(value, ['direction', 'version', 'origin']) &&
    isObject(value) &&
    ['up', 'down'].includes(String(value['direction'])) &&
    ['generated', 'kept'].includes(String(value['origin'])) &&
    ['undefined', 'string'].includes(typeof value['file']) &&
    Array.isArray(value['instructions']) &&
    value['instructions'].every((one: unknown) => hasStrings(one, ['instruction']))
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
