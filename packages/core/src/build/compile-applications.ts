import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { parseAppup } from '../appup';
import { OtpError } from '../error';
import {
  atom,
  atomName,
  list,
  listElements,
  map,
  readTerms,
  string,
  stringValue,
  tupleOf,
  type Term,
  type TermFile,
} from '../erlang';
import { fillInVersion } from './appup-source';
import { inOrderOfDependencies } from './application-order';
import { moduleName, readProjectSources, type ApplicationSources } from './application-sources';
import { errorCode } from '../error-code';
import { loadGlob } from '../load-glob';
import { folderBeside, removeLeftovers, replaceFolder } from '../output/replace-folder';
import { resourceFile } from './resource-source';
import { runErlang } from './run-erlang';

export interface CompileOptions {
  /** The folder of the project. */
  readonly projectRoot: string;
  readonly signal?: AbortSignal;
}

export interface CompiledApplications {
  /** Each after those that it needs. */
  readonly applications: readonly CompiledApplication[];
  /** The compiler's warnings as it prints them, and ours; empty when there are none. */
  readonly warnings: string;
}

export interface CompiledApplication {
  readonly name: string;
  readonly version: string;
  /** The absolute path of its `ebin`. */
  readonly ebin: string;
  /** Sorted. */
  readonly modules: readonly string[];
}

interface Compiling {
  readonly application: ApplicationSources;
  readonly ebin: string;
  /** What becomes `ebin` when everything has compiled. */
  readonly made: string;
}

/**
 * Compiles every OTP application of a project to its `ebin`, in one Erlang VM. The same sources give the same bytes,
 * wherever they lie. Files in `ebin` that are neither beams nor the `.app` stay. Nothing is changed unless everything
 * compiles.
 * @throws OtpError `compile-failed`, whose message is what the compiler prints; those of `readProjectSources`; those of
 * `runErlang`.
 */
export async function compileApplications(options: CompileOptions): Promise<CompiledApplications> {
  const projectRoot = resolve(options.projectRoot);
  const { applications, warnings } = await readProjectSources(projectRoot);
  const compiling: Compiling[] = [];
  try {
    for (const application of inOrderOfDependencies(applications)) {
      const ebin = join(projectRoot, application.folder, 'ebin');
      await removeLeftovers(ebin);
      compiling.push({ application, ebin, made: await folderBeside(ebin) });
    }
    const said = await compile(projectRoot, compiling, options.signal);
    for (const each of compiling) await completeEbin(projectRoot, each);
    for (const { made, ebin } of compiling) await replaceFolder(made, ebin);
    return {
      applications: compiling.map(({ application, ebin }) => ({
        name: application.name,
        version: application.resource.version,
        ebin,
        modules: application.sources.map(moduleName).sort(),
      })),
      warnings: [...warnings.map((warning) => `${warning}\n`), said].join(''),
    };
  } finally {
    for (const { made } of compiling) await rm(made, { recursive: true, force: true });
  }
}

/** Returns the compiler's warnings. */
async function compile(
  projectRoot: string,
  compiling: readonly Compiling[],
  signal: AbortSignal | undefined,
): Promise<string> {
  const { term } = await runErlang({
    module: 'nx_otp_compile',
    folder: projectRoot,
    request: async (scratch) => compileRequest(projectRoot, compiling, scratch),
    ...(signal !== undefined && { signal }),
  });
  const results = (listElements(term) ?? []).map((result) => {
    const [path, status, text] = tupleOf(result, undefined, 3)?.elements ?? [];
    const failed = status === undefined || atomName(status) !== 'ok';
    const printed = text?.kind === 'binary' ? new TextDecoder().decode(text.bytes) : '';
    const silent = `${(path && stringValue(path)) ?? 'a source'}: the compiler failed and printed nothing.\n`;
    return { failed, text: failed && printed === '' ? silent : printed };
  });
  const said = results.map(({ text }) => text).join('');
  const failed = results.filter((result) => result.failed).length;
  if (failed > 0) {
    throw new OtpError(`${said}${failed === 1 ? '1 file' : `${failed} files`} did not compile.`, {
      code: 'compile-failed',
    });
  }
  return said;
}

async function compileRequest(
  projectRoot: string,
  compiling: readonly Compiling[],
  scratch: string,
): Promise<Term> {
  const libraries = join(scratch, 'libraries');
  await mkdir(libraries);
  for (const { application } of compiling) {
    await symlink(join(projectRoot, application.folder), join(libraries, application.name));
  }
  const glob = await loadGlob();
  const dependencies = await glob('deps/*/ebin', { cwd: projectRoot, onlyDirectories: true });
  return record({
    applications: list(
      compiling.map(({ application, made }) =>
        record({
          name: atom(application.name),
          folder: string(application.folder),
          output: string(made),
          sources: list(application.sources.map(string)),
          options: list(application.compilerOptions),
          first: list(application.firstModules.map(atom)),
        }),
      ),
    ),
    libraries: string(libraries),
    scratch: string(join(scratch, 'generated')),
    code_paths: list(dependencies.sort().map((folder) => string(join(projectRoot, folder)))),
  });
}

/** A map whose keys are atoms. */
function record(entries: Readonly<Record<string, Term>>): Term {
  return map(Object.entries(entries).map(([key, value]) => [atom(key), value] as const));
}

/** Adds the `.app`, the hand-written appup, and what the present `ebin` holds that nobody generates. */
async function completeEbin(projectRoot: string, { application, ebin, made }: Compiling): Promise<void> {
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
