import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { hostname } from 'node:os';
import { basename, delimiter, dirname, extname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/**
 * What results depend on and Nx cannot hash as a file: it knows no executable bits, no empty folders and no files behind a
 * link to a folder, and nothing outside of the workspace. Only what the project really has costs time here.
 */
export type UnseenInputs = Readonly<Record<string, string>>;

/** The tasks that look at more of a project than its files. */
export type Purpose = 'compile' | 'release';

/** Made by others, or by us. */
const notSources = new Set(['_build', '_checkouts', 'deps', 'dist', 'ebin', 'node_modules']);

/**
 * @param workspace absolute
 * @param root of the project, relative to it
 */
export function unseenInputs(
  workspace: string,
  root: string,
  tool: 'reltool' | 'mix' | 'rebar3',
  purpose: Purpose,
): UnseenInputs {
  const project = join(workspace, root);
  const hash = createHash('sha256');
  // The other tools know no difference.
  const onlyCompiles = tool === 'reltool' && purpose === 'compile';
  const executables: string[] = [];
  const emptyFolders: string[] = [];
  walk(project, {
    file: (path, { mode }) => {
      if ((mode & 0o111) !== 0) executables.push(relative(project, path));
    },
    emptyFolder: (path) => emptyFolders.push(relative(project, path)),
    linkedFolder: (path) => {
      if (!isInside(project, realpathSync(path))) hashContent(hash, path, relative(project, path));
    },
    // Files beneath need no look where only links matter.
    looksAtFiles: purpose === 'release',
    passesOver: (name) => notSources.has(name) || (onlyCompiles && (name === 'priv' || name === 'rel')),
  });
  for (const path of outsideOf(workspace, project, onlyCompiles ? ['.'] : ['.', 'rel']))
    hashContent(hash, path, basename(path));
  if (purpose === 'release') {
    for (const path of [...executables, '', ...emptyFolders]) hash.update(`${path}\0`);
  }
  if (onlyCompiles) hashKeptFiles(hash, project);
  return {
    files: hash.digest('hex').slice(0, 16),
    ...(tool === 'reltool' && purpose === 'release' && machineInTemplates(project)),
  };
}

/** The content of the libraries that ERL_LIBS names, wherever they lie: reltool and the compiler find them there. */
export function librariesOfEnvironment(erlLibs = process.env['ERL_LIBS'] ?? ''): string | undefined {
  const folders = erlLibs.split(delimiter).filter((folder) => folder !== '');
  if (folders.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const folder of folders) {
    hash.update('ERL_LIBS\0');
    for (const library of entriesOf(folder)) {
      for (const part of ['ebin', 'include', 'priv', 'src']) {
        hashContent(hash, join(folder, library.name, part), `${library.name}/${part}`);
      }
    }
  }
  return hash.digest('hex').slice(0, 16);
}

interface Visit {
  readonly file: (path: string, stats: { readonly mode: number }) => void;
  readonly emptyFolder: (path: string) => void;
  readonly linkedFolder: (path: string) => void;
  readonly looksAtFiles: boolean;
  /** Of a folder, by its name. */
  readonly passesOver: (name: string) => boolean;
}

function walk(folder: string, visit: Visit): void {
  const entries = entriesOf(folder);
  if (entries.length === 0) visit.emptyFolder(folder);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!visit.passesOver(entry.name) && !entry.name.startsWith('.')) walk(path, visit);
    } else if (entry.isSymbolicLink()) {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats?.isDirectory() === true) {
        if (!visit.passesOver(entry.name)) visit.linkedFolder(path);
      } else if (stats !== undefined && visit.looksAtFiles) visit.file(path, stats);
    } else if (entry.isFile() && visit.looksAtFiles) {
      visit.file(path, statSync(path));
    }
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/** Of a file or of all files below a folder, links followed; of an installation of OTP, its versions. */
function hashContent(hash: Hash, path: string, name: string, above: readonly string[] = []): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    hash.update(`${name}\0${(stats.mode & 0o111) === 0 ? '' : 'x'}\0${stats.size}\0`).update(contentOf(path));
    return;
  }
  const real = realpathSync(path);
  // In a circle, or out of all that belongs together.
  if (above.some((folder) => isInside(real, folder))) return;
  const entries = entriesOf(path);
  hash.update(`${name}/\0`);
  const versions = join(path, 'releases', 'start_erl.data');
  if (existsSync(versions)) {
    hash.update(contentOf(versions));
    for (const { name: library } of entriesOf(join(path, 'lib'))) hash.update(`${library}\0`);
    return;
  }
  for (const entry of entries) {
    if (['.git', '_build', 'deps', 'node_modules'].includes(entry.name)) continue;
    hashContent(hash, join(path, entry.name), `${name}/${entry.name}`, [...above, real]);
  }
}

/** Whoever needs a file that nobody may read says so. */
function contentOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/** What build files name outside of the workspace, such as `{copy, "/etc/dummy", "etc"}`. Sorted. */
function outsideOf(workspace: string, project: string, folders: readonly string[]): string[] {
  const found = new Set<string>();
  for (const folder of folders) {
    const isBuildFile =
      folder === 'rel' ? /\.(?:config|exs)$/ : /^(?:mix\.exs|rebar\.config(?:\.script)?|relx\.config)$/;
    for (const { name } of entriesOf(join(project, folder))) {
      const file = join(project, folder, name);
      if (!isBuildFile.test(name)) continue;
      for (const [, path = ''] of contentOf(file)
        .toString('utf8')
        .matchAll(/"((?:\.\.)?\/[^"\n{#]*)"/g)) {
        const absolute = resolve(dirname(file), path);
        // A folder such as /etc or /tmp is no input, and neither is one that holds the workspace.
        const isDeep = absolute.split(sep).length > 2;
        if (
          isDeep &&
          !isInside(workspace, absolute) &&
          !isInside(absolute, workspace) &&
          existsSync(absolute)
        ) {
          found.add(absolute);
        }
      }
    }
  }
  return [...found].sort();
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** Compiling leaves in `ebin` what nobody generates, an appup that was written there for one. */
function hashKeptFiles(hash: Hash, project: string): void {
  const applications = ['apps', 'lib'].flatMap((folder) =>
    entriesOf(join(project, folder)).map(({ name }) => join(folder, name)),
  );
  for (const application of ['.', ...applications]) {
    for (const { name } of entriesOf(join(project, application, 'ebin'))) {
      const file = join(project, application, 'ebin', name);
      if (['.beam', '.app'].includes(extname(name)) || isCopied(file)) continue;
      hashContent(hash, file, join(application, name));
    }
  }
}

/** By `compile`, from `src`. */
function isCopied(file: string): boolean {
  if (extname(file) !== '.appup') return false;
  return (
    contentOf(file).toString('latin1').trimEnd().split('\n').at(-1)?.startsWith('%% Copied from ') === true
  );
}

/** Templates may say what differs from one machine, and from one folder, to the next. */
function machineInTemplates(project: string): { hostname?: string; folder?: string } {
  const names = (variable: string, text: string): boolean =>
    new RegExp(`\\{\\{[{#&]?\\s*${variable}\\s*\\}\\}`).test(text);
  const named = { hostname: false, folder: false };
  const look = (path: string): void => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile() || stats.size > 1 << 20) return;
    const text = contentOf(path).toString('latin1');
    named.hostname ||= names('hostname', text);
    // In reltool.config it is the folder that overlays are copied from; only a replacement writes it.
    const writes = !path.endsWith('.config') || !/\{\s*overlay\b/.test(text) || /\{\s*replace\b/.test(text);
    named.folder ||= writes && names('target_dir', text);
  };
  for (const file of filesOfOverlays(join(project, 'rel'))) look(file);
  return {
    ...(named.hostname && { hostname: hostname() }),
    ...(named.folder && { folder: project }),
  };
}

/** Files of `rel`, and those that its configurations name elsewhere. */
function filesOfOverlays(folder: string): string[] {
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
    : [];
  const named = files
    .filter((file) => dirname(file) === folder && file.endsWith('.config') && statSync(file).isFile())
    .flatMap((file) => [
      ...contentOf(file)
        .toString('utf8')
        .matchAll(/"((?:\.\.)?\/[^"\n{]*)"/g),
    ])
    .map(([, path = '']) => resolve(folder, path));
  return [...files, ...named];
}
