import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readFirstTerm } from '../erlang';
import { OtpError } from '../error';
import { loadGlob } from '../load-glob';
import type { Application } from '../release';
import { findSection, parseAppup, type Appup, type AppupSection } from './appup-file';

/**
 * The appups that people wrote for one application, in the order they count: reviewed ones of the project
 * (`FOLDER/APP/FROM_to_TO.appup`, which stands for exactly that pair, then others in `FOLDER/APP`, then
 * `FOLDER/APP.appup`), then the one that lies in the application itself (`ebin/APP.appup`: from its `src`, or
 * shipped with a library).
 *
 * @param appupsPath the project's folder of reviewed appups; it need not exist
 * @throws OtpError with file and line, when one of them cannot be read; `reviewed-appup` when one that is named for a
 *   pair has no section for it
 */
export async function readKeptAppups(
  application: Application,
  appupsPath: string | undefined,
): Promise<Appup[]> {
  const appups: Appup[] = [];
  for (const file of await reviewedFiles(application, appupsPath)) {
    const appup = parseAppup(readFirstTerm(await readReviewed(file), file), file);
    const from = pairOf(file)?.from;
    appups.push(from === undefined || appup.version !== application.version ? appup : onlyFor(from, appup));
  }
  const shipped = `ebin/${application.name}.appup`;
  if (application.tree.files.some((file) => file.path === shipped)) {
    const file = `${application.tree.origin}/${shipped}`;
    appups.push(parseAppup(readFirstTerm(await application.tree.read(shipped), file), file));
  }
  return appups;
}

/** Files named for a pair that ends in another version are the project's history, and no business of this release. */
async function reviewedFiles(
  { name, version }: Application,
  appupsPath: string | undefined,
): Promise<string[]> {
  if (appupsPath === undefined) return [];
  const glob = await loadGlob();
  const folder = glob.escapePath(name);
  const options = { cwd: appupsPath, onlyFiles: true };
  const inFolder = (await glob(`${folder}/*.appup`, options)).sort();
  return [
    ...inFolder.filter((file) => pairOf(file)?.to === version),
    ...inFolder.filter((file) => pairOf(file) === undefined),
    ...(await glob(`${folder}.appup`, options)),
  ].map((file) => join(appupsPath, file));
}

function pairOf(file: string): { readonly from: string; readonly to: string } | undefined {
  const [, from, to] = /^(.+)_to_(.+)\.appup$/.exec(basename(file)) ?? [];
  return from === undefined || to === undefined ? undefined : { from, to };
}

async function readReviewed(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtpError(`it cannot be read: ${reason}.`, { code: 'reviewed-appup', file, cause: error });
  }
}

/** What was reviewed for one pair must not decide about another, as a pattern in it could. */
function onlyFor(from: string, appup: Appup): Appup {
  const section = (sections: readonly AppupSection[]): AppupSection[] => {
    const found = findSection(sections, from);
    return found === undefined ? [] : [{ ...found, version: { kind: 'exact', version: from } }];
  };
  const up = section(appup.up);
  const down = section(appup.down);
  if (up.length === 0 && down.length === 0) {
    throw new OtpError(
      `it is named for the upgrade from ${from}, and none of its sections is for that version.`,
      {
        code: 'reviewed-appup',
        file: appup.file,
        fix: `Write {"${from}", [INSTRUCTION]} into it, or name it for the version that it is for.`,
      },
    );
  }
  return { ...appup, up, down };
}
