import { readFileSync, statSync } from 'node:fs';
import { posix } from 'node:path';

/**
 * What the text of a build file says about its project. It is looked at, not evaluated: a workspace is read often, and
 * an Erlang VM for each project would make that slow. What the file really says is found out by its own tool when a
 * target runs.
 */

/** Whether a `mix.exs` describes releases, or an umbrella, of which releases are made. */
export function isMixRelease(mixExs: string): boolean {
  return /\b(?:releases|apps_path):/.test(withoutElixirComments(mixExs));
}

/** Whether a `rebar.config` or its `.script` speaks of relx. */
export function isRelx(rebarConfig: string): boolean {
  return /\{\s*'?relx'?\s*,/.test(withoutErlangComments(rebarConfig));
}

/** A path that only the tool itself can compute: it may lead anywhere in the workspace. */
const anywhere = '**';

/**
 * The folders, outside of a project, that its build files and those of its umbrella name by a path, and theirs.
 * @param pathsOf what `pathsIn` or `rebarPathsIn` finds in the build files of a folder
 * @param root of the project; like the results relative to the workspace root, with slashes
 * @returns sorted; `**` alone where a path is computed
 */
export function pathDependencies(
  pathsOf: (folder: string) => readonly string[],
  root: string,
  umbrella: readonly string[],
): string[] {
  const found = new Set<string>();
  const waiting = [root, ...umbrella];
  const seen = new Set(waiting);
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const dependency of pathsOf(folder)) {
      if (dependency === anywhere) return [anywhere];
      const path = posix.join(folder, dependency);
      if (path.startsWith('..') || posix.isAbsolute(dependency) || seen.has(path)) continue;
      seen.add(path);
      waiting.push(path);
      if (posix.relative(root, path).startsWith('..')) found.add(path);
    }
  }
  return [...found].sort();
}

/** The paths of dependencies that are written out in a `mix.exs`, relative to its folder; `**` for one that is computed. */
export function pathsIn(mixExs: string): string[] {
  const text = withoutElixirComments(mixExs);
  const written = [...text.matchAll(/\bpath:\s*"([^"#]+)"(?!\s*(?:<>|\|>))/g)].map(([, path]) => path ?? '');
  const all = [...text.matchAll(/\bpath:\s*(?!\s)/g)].length;
  // Options put together elsewhere, and files that are taken in.
  const isComputed = written.length < all || /:path\b|\bCode\.(?:eval|require|compile)_file/.test(text);
  return isComputed ? [...written, anywhere] : written;
}

/**
 * The paths out of its folder that are written out in a `rebar.config` or its `.script`, such as those of
 * `project_app_dirs`, relative to that folder; `**` for a script that goes there by itself.
 */
export function rebarPathsIn(rebarConfig: string): string[] {
  const text = withoutErlangComments(rebarConfig);
  const strings = [...text.matchAll(/"((?:\\[^]|[^"\\])*)"/g)].map(([, content]) => content ?? '');
  const isComputed = /\bdirname\s*\(\s*filename:dirname\b|\bget_cwd\b/.test(text);
  return [
    ...strings.filter((one) => /^(?:[^/]+\/)*\.\.(?:\/|$)/.test(one)),
    ...(isComputed ? [anywhere] : []),
  ];
}

/** Where the applications of an umbrella lie; undefined for a `mix.exs` that is not that of an umbrella. */
export function appsPathOf(mixExs: string): string | undefined {
  const found = /\bapps_path:\s*(?:"([^"#]+)")?/.exec(withoutElixirComments(mixExs));
  return found === null ? undefined : (found[1] ?? 'apps');
}

/**
 * The application of a `mix.exs`; an umbrella has none.
 * @param folder is what it is taken to be called where its name is computed
 */
export function mixApplication(mixExs: string, folder: string): string | undefined {
  const found = /\bapp:\s*(?::([a-z_]\w*))?/.exec(withoutElixirComments(mixExs));
  return found === null ? undefined : (found[1] ?? folder);
}

/** The names of the dependencies that are written out in a `mix.exs`, `{:name, ...}`. */
export function dependenciesIn(mixExs: string): string[] {
  const names = [...withoutElixirComments(mixExs).matchAll(/\{\s*:([a-z_]\w*)\s*,\s*(?:"|\w+:)/g)];
  return [...new Set(names.map(([, name]) => name ?? ''))];
}

/** Asks for each key once, as long as a workspace is read. */
export function remembering<T>(ask: (key: string) => T): (key: string) => T {
  const answers = new Map<string, T>();
  return (key) => {
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = ask(key);
    answers.set(key, answer);
    return answer;
  };
}

/** The empty text for a file that is not there, or cannot be read: the target that needs it says so. */
export function readText(file: string): string {
  return new TextDecoder().decode(readOrNothing(file, 8 << 20));
}

/**
 * Empty for what is no file or cannot be read, and for one that no person has written: everybody in the workspace waits
 * for the graph.
 * @param longest in bytes
 */
export function readOrNothing(file: string, longest: number): Uint8Array {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= longest ? readFileSync(file) : new Uint8Array();
  } catch {
    return new Uint8Array();
  }
}

/** A `#` in a string begins none. */
export function withoutElixirComments(text: string): string {
  return text.replace(/"""[^]*?"""|"(?:\\[^]|[^"\\])*"|\?\\?.|#[^\n]*/g, (token) =>
    token.startsWith('#') ? '' : token,
  );
}

/** A `%` in a string, a quoted atom or a character begins none. */
export function withoutErlangComments(text: string): string {
  return text.replace(/"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|\$\\?[^]|%[^\n]*/g, (token) =>
    token.startsWith('%') ? '' : token,
  );
}
