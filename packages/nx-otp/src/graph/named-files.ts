import { readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { applicationsOfReltool } from './erlang-files';
import { readText, withoutElixirComments, withoutErlangComments } from './project-files';

/** What the texts of a project say of inputs that its own folders do not show. */
export interface NamedFiles {
  /**
   * Files and folders (as patterns) that sources and what is said about building them name elsewhere, relative to the
   * workspace root, with slashes; sorted.
   */
  readonly forSources: readonly string[];
  /** The same for `rel/reltool.config`, without its `lib_dirs`. */
  readonly forRelease: readonly string[];
  /** Those, with applications that were built already, which git may ignore. */
  readonly libraries: readonly string[];
  /** Whether one of them reads documentation, such as `File.read!("README.md")` for a `@moduledoc`. */
  readonly docs: boolean;
  /** Variables of the environment that modules of Elixir are compiled with; sorted. */
  readonly environment: readonly string[];
}

/** The texts of one kind of project. */
export interface Texts {
  /** Folders below those of applications that hold sources. */
  readonly folders: readonly string[];
  readonly extension: RegExp;
  /** Files in the folders of applications, by their names. */
  readonly buildFiles: RegExp;
  readonly withoutComments: (text: string) => string;
}

export const erlangTexts: Texts = {
  folders: ['src', 'include'],
  extension: /\.(?:erl|hrl|yrl|xrl)$/,
  buildFiles: /^(?:rebar\.config(?:\.script)?|relx\.config)$/,
  withoutComments: withoutErlangComments,
};

export const elixirTexts: Texts = {
  folders: ['lib', 'config', 'src', 'include'],
  extension: /\.(?:exs?|eex|erl|hrl|yrl|xrl)$/,
  buildFiles: /^mix\.exs$/,
  withoutComments: withoutElixirComments,
};

/**
 * Looks through the texts of a project. A string that is a path upwards (`"../x"`) counts where there is such a file,
 * relative to the file, to its application or to the project: one too many costs a cache miss, and one missed would be a
 * wrong cache hit. What is computed is not seen.
 * @param root of the project, relative to the workspace root
 */
export function namedFiles(workspaceRoot: string, root: string, texts: Texts): NamedFiles {
  const forSources = new Set<string>();
  const forRelease = new Set<string>();
  const environment = new Set<string>();
  let docs = false;
  const waiting = textsOf(workspaceRoot, root, texts);
  const seen = new Set(waiting.map(({ file }) => file));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { file, application } = next;
    const isOfRelease = posix.dirname(file) === posix.join(root, 'rel');
    const written = texts.withoutComments(readText(join(workspaceRoot, file)));
    const text = isOfRelease ? written.replace(libraryFolders, '') : written;
    docs ||= readsDocs(text, file);
    for (const name of environmentOf(text, file)) environment.add(name);
    const bases = new Set([posix.dirname(file), application, root]);
    const isOutside = posix.relative(root, file).startsWith('..');
    for (const path of [...pathsOf(text), ...(isOutside ? includesOf(text) : [])]) {
      for (const base of bases) {
        const pattern = existing(workspaceRoot, posix.join(base, path), root);
        if (pattern === undefined) continue;
        (isOfRelease ? forRelease : forSources).add(pattern);
        // A header of others includes further ones.
        if (!texts.extension.test(pattern) || seen.has(pattern)) continue;
        seen.add(pattern);
        waiting.push({ file: pattern, application });
      }
    }
  }
  return {
    forSources: [...forSources].sort(),
    forRelease: [...forRelease].sort(),
    libraries: librariesOf(workspaceRoot, root),
    docs,
    environment: [...environment].sort(),
  };
}

interface Text {
  readonly file: string;
  /** The folder of its application. */
  readonly application: string;
}

function textsOf(workspaceRoot: string, root: string, texts: Texts): Text[] {
  const found: Text[] = [];
  for (const application of applicationsOf(workspaceRoot, root)) {
    for (const name of entriesOf(join(workspaceRoot, application))) {
      if (texts.buildFiles.test(name)) found.push({ file: posix.join(application, name), application });
    }
    for (const folder of texts.folders) {
      for (const name of entriesOf(join(workspaceRoot, application, folder), true)) {
        if (!texts.extension.test(name)) continue;
        found.push({ file: posix.join(application, folder, name), application });
      }
    }
  }
  for (const file of releaseConfigs(workspaceRoot, root)) found.push({ file, application: root });
  return found;
}

export function applicationsOf(workspaceRoot: string, root: string): string[] {
  const inFolders = ['apps', 'lib'].flatMap((folder) =>
    entriesOf(join(workspaceRoot, root, folder)).map((name) => posix.join(root, folder, name)),
  );
  return [root, ...inFolders];
}

/** `rel/reltool.config`, and others that may be named in its place. */
export function releaseConfigs(workspaceRoot: string, root: string): string[] {
  return entriesOf(join(workspaceRoot, root, 'rel'))
    .filter((name) => name.endsWith('.config'))
    .map((name) => posix.join(root, 'rel', name));
}

/** Empty for what is no folder. */
export function entriesOf(folder: string, recursive = false): string[] {
  try {
    const entries = readdirSync(folder, { recursive, encoding: 'utf8' });
    return entries.map((entry) => entry.split('\\').join('/')).sort();
  } catch {
    return [];
  }
}

/** With `*` for what is filled in. */
function pathsOf(text: string): string[] {
  const upwards = [...text.matchAll(/["'](\.\.\/[^"'\n]*)["']/g)].map(([, path = '']) => path);
  const includes = [...text.matchAll(/\{\s*i\s*,\s*"([^"]+)"\s*\}/g)].map(([, path = '']) => path);
  return [...upwards, ...includes].map((path) => path.replace(/\{\{.*?\}\}|#\{.*?\}/g, '*'));
}

function includesOf(text: string): string[] {
  return [...text.matchAll(/-\s*include(?:_lib)?\(\s*"([^"]+)"/g)].map(([, path = '']) => path);
}

/** The pattern for a path, where it leads to something in the workspace that does not hold the project itself. */
function existing(workspaceRoot: string, path: string, root: string): string | undefined {
  if (path.startsWith('..') || posix.isAbsolute(path)) return undefined;
  if (/[*?[]/.test(path)) {
    const folder = path.slice(0, path.search(/[^/]*[*?[]/));
    const isThere = folder !== '' && statOf(join(workspaceRoot, folder)) !== undefined;
    return isThere && !holds(folder, root) ? path : undefined;
  }
  const stats = statOf(join(workspaceRoot, path));
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) return path;
  return holds(path, root) ? undefined : posix.join(path, '**/*');
}

function statOf(path: string): ReturnType<typeof statSync> {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    // A link to itself, or a name that no file can have.
    return undefined;
  }
}

function holds(folder: string, root: string): boolean {
  const way = posix.relative(folder, root);
  return way === '' || !way.startsWith('..');
}

/** What mix.exs says of files is for documentation and packages, unless it reads them. */
function readsDocs(text: string, file: string): boolean {
  const named = posix.basename(file) === 'mix.exs' ? /(?:read|cp|copy|stream)\w*!?\W[^\n]*/ : /["'][^"'\n]*/;
  return new RegExp(`${named.source}(?:\\.(?:md|markdown)|\\bdocs?/?)["']`).test(text);
}

/** What a module of Elixir reads while it is compiled, in an attribute; what build files read is told by `readByBuild`. */
function environmentOf(text: string, file: string): string[] {
  if (!/\.(?:ex|eex)$/.test(file)) return [];
  const inAttribute = /^\s*@\w+[ (].*?System\.(?:get_env|fetch_env!?)\(\s*"(\w+)"/gm;
  return [...text.matchAll(inAttribute)].map(([, name = '']) => name);
}

const libraryFolders = /\{\s*lib_dirs\s*,\s*\[([^\]]*)\]|\{\s*lib_dir\s*,\s*"([^"]*)"/g;

/** `lib_dirs` and `lib_dir` of reltool.config, where they name other places than those of the project's applications. */
function librariesOf(workspaceRoot: string, root: string): string[] {
  const found = new Set<string>();
  for (const file of releaseConfigs(workspaceRoot, root)) {
    const text = withoutErlangComments(readText(join(workspaceRoot, file)));
    const built = keepsSources(text) ? '{ebin,include,priv,src}/**/*' : '{ebin,include,priv}/**/*';
    const add = (path: string, inside: string): void => {
      const folder = posix.join(posix.dirname(file), path).replace(/\/$/, '');
      const way = posix.relative(root, folder);
      if (folder.startsWith('..') || posix.isAbsolute(path) || /^(?:apps|lib|deps)$/.test(way)) return;
      found.add(posix.join(folder, inside));
    };
    // With this only what the configuration names is taken.
    const ofRelease = text.replace(/\{\s*app\s*,[^\]]*\]\s*\}/g, '');
    const takesAll = !/\{\s*incl_cond\s*,\s*exclude\s*\}/.test(ofRelease);
    const named = takesAll ? ['*'] : applicationsOfReltool(join(workspaceRoot, file));
    for (const [, several, one] of text.matchAll(libraryFolders)) {
      if (one !== undefined) add(one, built);
      for (const [, path = ''] of (several ?? '').matchAll(/"([^"]*)"/g)) {
        // Folders of applications may have their versions.
        for (const name of named) add(path, takesAll ? `*/${built}` : `{${name},${name}-*}/${built}`);
      }
    }
  }
  return [...found].sort();
}

/** Whether reltool copies more of an application than an installation needs: `development` is its usual profile. */
export function keepsSources(reltoolConfig: string): boolean {
  return (
    !/\{\s*profile\s*,\s*(?:embedded|standalone)\s*\}/.test(reltoolConfig) ||
    /\bincl_app_filters\b/.test(reltoolConfig)
  );
}
