import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import {
  atom,
  atomName,
  list,
  listElements,
  map,
  string,
  stringValue,
  tuple,
  tupleOf,
  type Term,
} from '../erlang';
import { loadGlob } from '../load-glob';
import { folderBeside, removeLeftovers } from '../output/replace-folder';
import type { ApplicationSources } from './application-sources';
import { runErlang } from './run-erlang';

/** An application that others include from by its name. */
export interface NamedFolder {
  readonly name: string;
  /** Absolute. */
  readonly folder: string;
}

export interface Compiling {
  readonly application: ApplicationSources;
  readonly ebin: string;
  /** What becomes `ebin` when everything has compiled. */
  readonly made: string;
  /** All that it may include from, itself among them. */
  readonly libraries: readonly NamedFolder[];
}

/** What became of one source. */
export interface SourceResult {
  /** Relative to the root. */
  readonly path: string;
  readonly failed: boolean;
  /** What the compiler printed. */
  readonly text: string;
}

/** Makes the folder that becomes the application's `ebin`; who calls removes it. */
export async function beginCompiling(
  root: string,
  application: ApplicationSources,
  libraries: readonly NamedFolder[],
): Promise<Compiling> {
  const ebin = join(root, application.folder, 'ebin');
  await removeLeftovers(ebin);
  return { application, ebin, made: await folderBeside(ebin), libraries };
}

/**
 * Compiles applications into the folders that were made for them, in one Erlang VM.
 * @param root what all paths are relative to
 * @param options `told` is given each result as soon as there is one
 * @returns in the order of the sources; those of `told` among them
 */
export async function runCompiler(
  root: string,
  compiling: readonly Compiling[],
  options: { readonly told?: (result: SourceResult) => void; readonly signal?: AbortSignal },
): Promise<SourceResult[]> {
  const { told, signal } = options;
  const { term } = await runErlang({
    module: 'nx_otp_compile',
    folder: root,
    request: async (scratch) => compileRequest(root, compiling, scratch, told !== undefined),
    ...(told !== undefined && {
      told: (result) => {
        told(sourceResult(result));
      },
    }),
    ...(signal !== undefined && { signal }),
  });
  return sourceResults(term);
}

export function sourceResults(term: Term): SourceResult[] {
  return (listElements(term) ?? []).map(sourceResult);
}

function sourceResult(result: Term): SourceResult {
  const [path, status, text] = tupleOf(result, undefined, 3)?.elements ?? [];
  const failed = status === undefined || atomName(status) !== 'ok';
  const printed = text?.kind === 'binary' ? new TextDecoder().decode(text.bytes) : '';
  const name = path && stringValue(path);
  const silent = `${name ?? 'a source'}: the compiler failed and printed nothing.\n`;
  return { path: name ?? '', failed, text: failed && printed === '' ? silent : printed };
}

export function didNotCompile(said: string, failed: number): OtpError {
  return new OtpError(`${said}${failed === 1 ? '1 file' : `${failed} files`} did not compile.`, {
    code: 'compile-failed',
  });
}

/** What `nx_otp_compile:answer/1` takes. */
export async function compileRequest(
  root: string,
  compiling: readonly Compiling[],
  scratch: string,
  tell: boolean,
): Promise<Term> {
  const links = new LinkFolders(join(scratch, 'libraries'));
  const applications: Term[] = [];
  for (const { application, made, libraries } of compiling) {
    applications.push(
      record({
        name: atom(application.name),
        folder: string(application.folder),
        output: string(made),
        sources: list(application.sources.map(string)),
        options: list(application.compilerOptions),
        first: list(application.firstModules.map(atom)),
        libraries: string(await links.of(libraries)),
      }),
    );
  }
  const compiled = new Set(compiling.map(({ application }) => join(root, application.folder)));
  // By their links, which are called like the applications: `code:lib_dir/1` goes by that.
  const others = new Map(
    links
      .all()
      .filter(([, folder]) => !compiled.has(folder))
      .map(([link, folder]) => [folder, join(link, 'ebin')]),
  );
  return record({
    applications: list(applications),
    links: list(links.all().map(([link, folder]) => tuple(string(link), string(shown(root, folder))))),
    scratch: string(join(scratch, 'generated')),
    code_paths: list([...others.values(), ...(await fetchedDependencies(root, compiling))].map(string)),
    tell: atom(String(tell)),
  });
}

/** As a message is to name it. */
function shown(root: string, folder: string): string {
  if (folder === root) return '.';
  return folder.startsWith(`${root}/`) ? folder.slice(root.length + 1) : folder;
}

/** What rebar 2 has put into `deps` of the root and of each application. */
async function fetchedDependencies(root: string, compiling: readonly Compiling[]): Promise<string[]> {
  const glob = await loadGlob();
  const folders = new Set([root, ...compiling.map(({ application }) => join(root, application.folder))]);
  const found: string[] = [];
  for (const folder of folders) {
    const ebins = await glob('deps/*/ebin', { cwd: folder, onlyDirectories: true });
    found.push(...ebins.sort().map((ebin) => join(folder, ebin)));
  }
  return found;
}

/** A folder of links for each set of libraries, so that an application sees those it may use and no others. */
class LinkFolders {
  private readonly made = new Map<string, string>();
  private readonly links: (readonly [link: string, folder: string])[] = [];

  constructor(private readonly parent: string) {}

  async of(libraries: readonly NamedFolder[]): Promise<string> {
    const key = JSON.stringify(libraries.map(({ name, folder }) => [name, folder]));
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const folder = join(this.parent, String(this.made.size));
    await mkdir(folder, { recursive: true });
    this.made.set(key, folder);
    for (const library of libraries) {
      const link = join(folder, library.name);
      // A junction needs no rights on Windows; elsewhere it is a link like any other.
      await symlink(library.folder, link, 'junction');
      this.links.push([link, library.folder]);
    }
    return folder;
  }

  all(): readonly (readonly [link: string, folder: string])[] {
    return this.links;
  }
}

/** A map whose keys are atoms. */
export function record(entries: Readonly<Record<string, Term>>): Term {
  return map(Object.entries(entries).map(([key, value]) => [atom(key), value] as const));
}
