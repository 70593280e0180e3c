import { existsSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { inApplicationFolders } from '@nx-otp/core/workspace';
import { readRebarConfig } from './erlang-files';
import {
  appsPathOf,
  isMixRelease,
  isRelx,
  mixApplication,
  pathDependencies,
  pathsIn,
  readText,
  rebarPathsIn,
  remembering,
} from './project-files';

/** An OTP application of the workspace. Folders and files are relative to the workspace root, with `/`. */
export interface FoundApplication {
  readonly name: string;
  readonly root: string;
  /** Its `src/NAME.app.src` or its `mix.exs`. */
  readonly file: string;
}

/** What is a project of Nx by what lies on disk. */
export type FoundProject = FoundRelease | FoundLibrary;

export interface FoundRelease {
  readonly kind: 'release';
  readonly root: string;
  readonly name: string;
  /** What describes it. */
  readonly file: string;
  readonly tool: 'reltool' | 'mix' | 'rebar3';
  /** Those that are built along with it and lie in it, sorted by folder. */
  readonly applications: readonly FoundApplication[];
  /** Those of them that are projects, too. */
  readonly nested: readonly FoundApplication[];
  /** Folders elsewhere that its build files name by a path, `**` where they compute one (`pathDependencies`). */
  readonly outside: readonly string[];
  /** The folder itself and those in it with build files, for mix and rebar3. */
  readonly buildFolders: readonly string[];
}

/** An application on its own. */
export interface FoundLibrary extends FoundApplication {
  readonly kind: 'application';
  readonly projectName: string;
  readonly tool: 'erlc' | 'mix' | 'rebar3';
  /** As for a release. */
  readonly outside: readonly string[];
  readonly buildFolders: readonly string[];
  /** The release that it lies in and that builds it. */
  readonly release: FoundRelease | undefined;
  /** The folder above it whose `rebar.config` counts for it, too. */
  readonly umbrella: string | undefined;
}

/** The files by which projects are found. */
export const projectFiles =
  '**/{rel/reltool.config,mix.exs,rebar.config,rebar.config.script,relx.config,rebar.lock,mix.lock,src/*.app.src}';

/** Whether a file is one of those. */
export function isProjectFile(file: string): boolean {
  return /(?:^|\/)(?:rel\/reltool\.config|mix\.exs|rebar\.config(?:\.script)?|relx\.config|(?:rebar|mix)\.lock|src\/[^/]+\.app\.src)$/.test(
    file,
  );
}

const rebarFiles = ['rebar.config', 'rebar.config.script', 'relx.config'];

const buildFiles: ReadonlySet<string> = new Set(['mix.exs', ...rebarFiles]);

/** Where tools put the sources of others, when git does not ignore them. */
const ofOthers = /(?:^|\/)(?:_build|_checkouts|deps|dist|node_modules)\//;

/** Folders of an application in which no other one lies that people mean to build: fixtures, templates. */
const inApplication = /^(?:test|tests|priv|src|c_src|doc|docs|examples|[^/]*_SUITE_data)(?:\/|$)/;

/**
 * The projects of a workspace. An application in a release, or in the umbrella that a release is made of, belongs to it:
 * who builds the release builds it. Any other application is a project of its own.
 * @param files all that `projectFiles` stands for
 * @param nestAll whether the applications in releases are projects, too; otherwise those that have a `project.json`
 * @returns sorted by folder
 */
export function findProjects(
  files: readonly string[],
  workspaceRoot: string,
  { nestAll = false }: { readonly nestAll?: boolean } = {},
): FoundProject[] {
  const reading = new Reading(files, workspaceRoot);
  const releases = findReleases(reading);
  const applications = findApplications(reading, new Set(releases.keys()));
  const owned = new Map<string, FoundApplication[]>();
  const free: FoundApplication[] = [];
  for (const application of applications) {
    const owner = above(application.root).find((folder) => {
      const release = releases.get(folder);
      return release !== undefined && owns(release, application, reading);
    });
    if (owner === undefined) free.push(application);
    else owned.set(owner, [...(owned.get(owner) ?? []), application]);
  }
  const found: FoundProject[] = [];
  for (const release of releases.values()) {
    const own = owned.get(release.root) ?? [];
    const nested = own.filter(
      ({ root }) => root !== release.root && (nestAll || reading.has(`${root}/project.json`)),
    );
    const complete = { ...release, applications: own, nested };
    found.push(complete, ...nested.map((application) => library(application, complete, reading)));
  }
  found.push(...free.map((application) => library(application, undefined, reading)));
  return withNames(found.sort((a, b) => compare(a.root, b.root)));
}

/** What the files of a workspace say, each read once. */
class Reading {
  readonly rebarConfig = remembering((folder: string) =>
    readRebarConfig(join(this.workspaceRoot, folder, 'rebar.config')),
  );
  readonly mixExs = remembering((folder: string) => readText(join(this.workspaceRoot, folder, 'mix.exs')));
  /** The paths that the build files of a folder name. */
  readonly paths = {
    mix: remembering((folder: string) => pathsIn(this.mixExs(folder))),
    rebar3: remembering((folder: string) =>
      rebarFiles.flatMap((file) => rebarPathsIn(this.text(posix.join(folder, file)))),
    ),
  };
  /** The names of all applications with an `.app.src`. */
  readonly applicationNames: ReadonlySet<string>;
  private readonly known: ReadonlySet<string>;

  constructor(
    readonly files: readonly string[],
    private readonly workspaceRoot: string,
  ) {
    this.known = new Set(files);
    this.applicationNames = new Set(
      files
        .filter((file) => file.endsWith('.app.src') && !ofOthers.test(file))
        .map((file) => basename(file, '.app.src')),
    );
  }

  has(file: string): boolean {
    return this.known.has(posix.normalize(file)) || existsSync(join(this.workspaceRoot, file));
  }

  text(file: string): string {
    return readText(join(this.workspaceRoot, file));
  }

  folderName(root: string): string {
    return basename(resolve(this.workspaceRoot, root));
  }

  /** `root`, and the folders in it with build files. */
  buildFoldersIn(root: string): string[] {
    const within = root === '.' ? '' : `${root}/`;
    const folders = this.files
      .filter((file) => buildFiles.has(basename(file)) && file.startsWith(within) && !ofOthers.test(file))
      .map((file) => posix.dirname(file));
    return [...new Set([root, ...folders])];
  }
}

/**
 * By a `rel/reltool.config`, by a `mix.exs` with releases or of an umbrella, or by a `rebar.config` with relx. Of several
 * the first decides, as it does for `generate`.
 */
function findReleases(reading: Reading): Map<string, FoundRelease> {
  const releases = new Map<string, FoundRelease>();
  for (const file of [...reading.files].sort()) {
    const folder = dirname(file);
    const root = basename(file) === 'reltool.config' ? dirname(folder) : folder;
    const tool = toolOfRelease(file, root, reading);
    if (tool === undefined || releases.has(root)) continue;
    releases.set(root, {
      kind: 'release',
      root,
      name: reading.folderName(root),
      file,
      tool,
      applications: [],
      nested: [],
      ...builtOf(root, tool, tool === 'reltool' ? [] : reading.buildFoldersIn(root), reading),
    });
  }
  return releases;
}

function toolOfRelease(file: string, root: string, reading: Reading): FoundRelease['tool'] | undefined {
  const has = (name: string): boolean => reading.has(posix.join(root, name));
  switch (basename(file)) {
    case 'reltool.config':
      return 'reltool';
    case 'mix.exs':
      if (ofOthers.test(file) || has('rel/reltool.config')) return undefined;
      return isMixRelease(reading.mixExs(root)) ? 'mix' : undefined;
    case 'rebar.config':
    case 'rebar.config.script':
      if (ofOthers.test(file) || has('rel/reltool.config') || has('mix.exs')) return undefined;
      return isRelx(reading.text(file)) ? 'rebar3' : undefined;
    case 'relx.config':
      if (ofOthers.test(file) || has('rel/reltool.config') || has('mix.exs')) return undefined;
      return 'rebar3';
    default:
      return undefined;
  }
}

function findApplications(reading: Reading, releases: ReadonlySet<string>): FoundApplication[] {
  const found = new Map<string, FoundApplication>();
  for (const file of [...reading.files].sort()) {
    if (ofOthers.test(file)) continue;
    if (file.endsWith('.app.src')) {
      const root = dirname(dirname(file));
      if (!found.has(root)) found.set(root, { name: basename(file, '.app.src'), root, file });
    }
  }
  for (const file of [...reading.files].sort()) {
    if (ofOthers.test(file) || basename(file) !== 'mix.exs') continue;
    const root = dirname(file);
    // An umbrella is no application; Erlang libraries often have a mix.exs for those who use them from Elixir.
    const name = mixApplication(reading.mixExs(root), reading.folderName(root));
    if (name !== undefined && !found.has(root)) found.set(root, { name, root, file });
  }
  return [...found.values()]
    .filter(({ root }) => {
      const outer = above(root)
        .slice(1)
        .find((folder) => found.has(folder) || releases.has(folder));
      return outer === undefined || !inApplication.test(posix.relative(outer, root));
    })
    .sort((a, b) => compare(a.root, b.root));
}

function owns(release: FoundRelease, { root }: FoundApplication, reading: Reading): boolean {
  if (root === release.root) return true;
  const parts = posix.relative(release.root, root).split('/');
  const prefixes = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  return prefixes.some((prefix) => inApplicationFolders(prefix, ownFolders(release, reading)));
}

function ownFolders({ tool, root }: FoundRelease, reading: Reading): readonly string[] {
  switch (tool) {
    case 'mix': {
      const apps = appsPathOf(reading.mixExs(root));
      return apps === undefined ? [] : [posix.join(apps, '*')];
    }
    case 'reltool':
    case 'rebar3':
      return reading.rebarConfig(root).applicationFolders;
  }
}

function library(
  application: FoundApplication,
  release: FoundRelease | undefined,
  reading: Reading,
): FoundLibrary {
  const { root } = application;
  const tool = release === undefined ? toolOfLibrary(application, reading) : testedBy(release.tool);
  return {
    ...application,
    kind: 'application',
    projectName: application.name,
    tool,
    ...builtOf(root, tool, tool === 'erlc' ? [] : [root], reading),
    release,
    umbrella: release === undefined ? umbrellaOf(root, reading) : release.root,
  };
}

function builtOf(
  root: string,
  tool: FoundProject['tool'],
  buildFolders: readonly string[],
  reading: Reading,
): Pick<FoundRelease, 'outside' | 'buildFolders'> {
  switch (tool) {
    case 'mix':
    case 'rebar3':
      return { outside: pathDependencies(reading.paths[tool], root, buildFolders), buildFolders };
    case 'erlc':
    case 'reltool':
      return { outside: [], buildFolders };
  }
}

function testedBy(tool: FoundRelease['tool']): FoundLibrary['tool'] {
  return tool === 'reltool' ? 'erlc' : tool;
}

/** erlc, but where only rebar3 knows what else it takes. */
function toolOfLibrary({ root, file }: FoundApplication, reading: Reading): FoundLibrary['tool'] {
  if (basename(file) === 'mix.exs') return 'mix';
  if (reading.has(`${root}/rebar.config.script`) || reading.has(`${root}/rebar.lock`)) return 'rebar3';
  const { dependencies, needsRebar3 } = reading.rebarConfig(root);
  const inWorkspace = dependencies.every((name) => reading.applicationNames.has(name));
  return needsRebar3 || !inWorkspace ? 'rebar3' : 'erlc';
}

function umbrellaOf(root: string, reading: Reading): string | undefined {
  return above(root)
    .slice(1)
    .find(
      (folder) =>
        reading.has(posix.join(folder, 'rebar.config')) &&
        inApplicationFolders(posix.relative(folder, root), reading.rebarConfig(folder).applicationFolders),
    );
}

/** The folder itself and those above it, up to the root of the workspace. */
export function above(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; at !== '.';) {
    at = posix.dirname(at);
    folders.push(at);
  }
  return folders;
}

/**
 * Nx wants names that nobody else has. A release is called like its folder. An application is called as OTP calls it,
 * unless that is the name of a release or of a second application: then like the way to its folder.
 */
function withNames(projects: readonly FoundProject[]): FoundProject[] {
  const count = new Map<string, number>();
  for (const project of projects) {
    const name = project.kind === 'release' ? project.name : project.projectName;
    count.set(name, (count.get(name) ?? 0) + 1);
  }
  return projects.map((project) => {
    if (project.kind === 'release' || count.get(project.projectName) === 1) return project;
    return {
      ...project,
      projectName: project.root === '.' ? project.name : project.root.replaceAll('/', '-'),
    };
  });
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
