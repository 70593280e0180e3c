import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import { refuseForeignFolder, refuseOutputPath } from '../output/output-path';
import { writeFolder } from '../output/replace-folder';
import { openInstallation } from '../upgrade/open-installation';
import { rehearsalFormatVersion, type Rehearsal } from './model';
import { rehearsalFile, rehearseUpgrade, type RehearseUpgradeOptions } from './rehearse-upgrade';

export interface RehearseUpgradesOptions extends Omit<RehearseUpgradeOptions, 'previousRelease'> {
  /** Folders or tarballs. */
  readonly previousReleases: readonly string[];
  /** Rehearsals of other bases that were made already, to be written with the others. */
  readonly rehearsed?: readonly Rehearsal[];
}

/** Beside the rehearsal of each base, in a folder named by its version. */
export interface RehearsalsIndex {
  readonly formatVersion: typeof rehearsalFormatVersion;
  readonly passed: boolean;
  readonly rehearsals: readonly { readonly base: string; readonly passed: boolean; readonly file: string }[];
}

export const rehearsalsFile = 'rehearsals.json';

/**
 * Rehearses the upgrade from each of several previous releases, one after the other, all of them also when one fails.
 * `outputPath` then holds `BASE/rehearsal.json` for each and `rehearsals.json`; for a single one it is that of
 * `rehearseUpgrade`.
 * @returns those that were made now
 * @throws what `rehearseUpgrade` throws
 */
export async function rehearseUpgrades(options: RehearseUpgradesOptions): Promise<readonly Rehearsal[]> {
  const { previousReleases, rehearsed = [], outputPath, ...rest } = options;
  const [only, ...others] = previousReleases;
  if (only !== undefined && others.length === 0 && rehearsed.length === 0) {
    const whole = outputPath === undefined ? {} : { outputPath };
    return [await rehearseUpgrade({ ...rest, ...whole, previousRelease: only })];
  }
  if (outputPath !== undefined) {
    refuseOutputPath(outputPath, [...previousReleases, rest.upgradePackage]);
    await refuseForeignFolder(outputPath, isRehearsalOutput);
  }
  const made: Rehearsal[] = [];
  for (const previousRelease of previousReleases)
    made.push(await rehearseUpgrade({ ...rest, previousRelease }));
  if (outputPath !== undefined) {
    await writeFolder(outputPath, (folder) => writeRehearsals(folder, [...rehearsed, ...made]));
  }
  return made;
}

export function isRehearsalOutput(entries: readonly string[]): boolean {
  return entries.includes(rehearsalFile) || entries.includes(rehearsalsFile);
}

async function writeRehearsals(folder: string, rehearsals: readonly Rehearsal[]): Promise<void> {
  const index: RehearsalsIndex = {
    formatVersion: rehearsalFormatVersion,
    passed: rehearsals.every(({ passed }) => passed),
    rehearsals: rehearsals.map(({ base, passed }) => ({ base, passed, file: `${base}/${rehearsalFile}` })),
  };
  for (const rehearsal of rehearsals) {
    await mkdir(join(folder, rehearsal.base), { recursive: true });
    await writeFile(join(folder, rehearsal.base, rehearsalFile), json(rehearsal));
  }
  await writeFile(join(folder, rehearsalsFile), json(index));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The rehearsal that was written into a folder; undefined where there is none of this format. */
export async function readRehearsal(outputPath: string): Promise<Rehearsal | undefined> {
  const text = await readFile(join(outputPath, rehearsalFile), 'utf8').catch(() => '{}');
  const rehearsal = JSON.parse(text) as Partial<Rehearsal>;
  return rehearsal.formatVersion === rehearsalFormatVersion ? (rehearsal as Rehearsal) : undefined;
}

/**
 * Which of several previous releases is meant.
 * @param base its version, or a path of it; a number stands for the only version that is written so, `0.1` or `0.10`
 * @returns undefined where it is none of them
 * @throws OtpError what opening a release throws
 */
export async function releaseOfBase(
  previousReleases: readonly string[],
  base: string | number,
  pathOf: (base: string) => string | Promise<string>,
): Promise<string | undefined> {
  const versions = new Map<string, string>();
  for (const path of previousReleases) versions.set((await openInstallation(path)).version, path);
  const byVersion = versions.get(String(base));
  if (byVersion !== undefined) return byVersion;
  if (typeof base === 'number') {
    const [same, ...others] = [...versions].filter(([version]) => Number(version) === base);
    if (same !== undefined && others.length === 0) return same[1];
  }
  try {
    return versions.get((await openInstallation(await pathOf(String(base)))).version);
  } catch (error) {
    if (error instanceof OtpError && error.code === 'release-missing') return undefined;
    throw error;
  }
}
