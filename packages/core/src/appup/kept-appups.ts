import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastGlob from 'fast-glob';
import { readTerms } from '../erlang';
import type { Application } from '../release';
import { parseAppup, type Appup } from './appup-file';

/**
 * The appups that people wrote for one application, in the order they count: reviewed ones of the project
 * (`FOLDER/APP/FROM_to_TO.appup`, `FOLDER/APP.appup`), then the one that lies in the application itself
 * (`ebin/APP.appup`: from its `src`, or shipped with a library).
 *
 * @param appupsPath the project's folder of reviewed appups; it need not exist
 * @throws OtpError with file and line, when one of them cannot be read
 */
export async function readKeptAppups(application: Application, appupsPath: string | undefined): Promise<Appup[]> {
  const appups: Appup[] = [];
  for (const file of await reviewedFiles(application, appupsPath)) {
    appups.push(parseAppup(readTerms(await readFile(file), file), file));
  }
  const shipped = `ebin/${application.name}.appup`;
  if (application.tree.files.some((file) => file.path === shipped)) {
    const file = `${application.tree.origin}/${shipped}`;
    appups.push(parseAppup(readTerms(await application.tree.read(shipped), file), file));
  }
  return appups;
}

/** Files named for a pair that ends in another version are the project's history, and no business of this release. */
async function reviewedFiles(
  { name, version }: Application,
  appupsPath: string | undefined,
): Promise<string[]> {
  if (appupsPath === undefined) return [];
  const pattern = fastGlob.escapePath(name);
  const files = await fastGlob([`${pattern}/*.appup`, `${pattern}.appup`], { cwd: appupsPath, onlyFiles: true });
  return files
    .filter((file) => !file.includes('_to_') || file.endsWith(`_to_${version}.appup`))
    .sort()
    .map((file) => join(appupsPath, file));
}
