import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { parseAppup } from '../appup';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import { readTerms, type TermFile } from '../erlang';
import { fillInVersion } from './appup-source';
import { moduleName, type ApplicationSources } from './application-sources';
import { resourceFile } from './resource-source';
import type { Compiling } from './run-compiler';

/** Adds the `.app`, the hand-written appup, and what the present `ebin` holds that nobody generates. */
export async function completeEbin(
  projectRoot: string,
  { application, ebin, made }: Compiling,
): Promise<void> {
  const present = await readdir(ebin).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  for (const entry of present) {
    if (extname(entry) === '.beam' || (await isCopiedAppup(join(ebin, entry)))) continue;
    await cp(join(ebin, entry), join(made, entry), { recursive: true });
  }
  const modules = application.sources.map(moduleName);
  await writeFile(join(made, `${application.name}.app`), resourceFile(application.resource, modules));
  if (application.appup !== undefined) {
    await copyAppup(join(projectRoot, application.appup), application, made);
  }
}

/** The last line of an appup that was copied to `ebin`: one that a person keeps there does not end like that. */
const copiedFrom = '%% Copied from ';

/** @throws OtpError naming the source, where the mistake can be mended, when it is no appup. */
async function copyAppup(source: string, application: ApplicationSources, made: string): Promise<void> {
  const name = application.appup ?? source;
  const written = await readFile(source);
  const content = name.endsWith('.src')
    ? Buffer.from(fillInVersion(written.toString('utf8'), application.resource.version))
    : written;
  const { version } = parseAppup(readAppupSource(content, name), name);
  if (name.endsWith('.src') && version !== application.resource.version) {
    throw new OtpError(
      `it is for version ${version}, and the application has version ${application.resource.version}.`,
      {
        code: 'appup-src',
        file: name,
        fix: 'Begin it with {"{{vsn}}", so that it has the version of the application.',
      },
    );
  }
  const note = `\n${copiedFrom}${name}\n`;
  await writeFile(join(made, `${application.name}.appup`), Buffer.concat([content, Buffer.from(note)]));
}

function readAppupSource(content: Buffer, name: string): TermFile {
  try {
    return readTerms(content, name);
  } catch (error) {
    if (!(error instanceof OtpError) || !name.endsWith('.src')) throw error;
    throw new OtpError(error.problem, {
      code: error.code,
      file: name,
      position: error.position,
      fix: 'It is read as one term, with {{vsn}} for the version; expressions are not evaluated.',
      cause: error,
    });
  }
}

async function isCopiedAppup(file: string): Promise<boolean> {
  if (extname(file) !== '.appup') return false;
  const lines = (await readFile(file, 'latin1')).trimEnd().split('\n');
  return lines.at(-1)?.startsWith(copiedFrom) === true;
}
