import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, realpath, stat, symlink } from 'node:fs/promises';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { OtpError } from '../error';
import {
  compileApplications,
  compileWorkspace,
  generateMixRelease,
  generateRelease,
  generateRelxRelease,
  releaseToolOf,
  type GeneratedRelease,
  type ReleaseTool,
  type WorkspaceApplication,
} from '../build';
import { fetchMixDependencies } from '../build/generate-mix-release';
import { contentHash } from '../release';
import { openFolder } from '../release/folder-tree';
import { describedRelease, type DescribedReleaseOptions } from './described-release';
import { gitOutput, runGit } from './git';
import type { Repository } from './git-revision';
import { inWorktree } from './worktree';

export interface BuildBaseOptions {
  readonly repository: Repository;
  /** A full hash. */
  readonly commit: string;
  /** What the target that makes the release is configured with now. */
  readonly release: DescribedReleaseOptions & { readonly environment?: string; readonly profile?: string };
  /** The name of the release as it is described now, by which it is found where the project has moved since. */
  readonly releaseName: string | undefined;
  /** The applications of other projects that the release is made of now, with what each of them needs. */
  readonly libraries?: readonly WorkspaceApplication[];
  /** What the folders of `libraries` are relative to; in the repository. */
  readonly workspaceRoot?: string;
  /** The folder of the release; it is replaced. */
  readonly outputPath: string;
}

export interface BuiltBase extends GeneratedRelease {
  /** The project's folder in that revision, relative to the root of the repository. */
  readonly project: string;
  /** What compilers and tools said. */
  readonly output: string;
}

/**
 * Builds the release of a revision with the present tools, in a checkout of its own. That revision need not know
 * anything of Nx: its sources are all that is taken from it.
 * @throws OtpError `base-project` where the revision has no such release; those of git, of compiling and of generating
 */
export async function buildBase(options: BuildBaseOptions): Promise<BuiltBase> {
  const { repository, commit } = options;
  const project = await projectIn(options);
  return inWorktree(repository, commit, async (root) => {
    const projectRoot = join(root, project);
    const tool = options.release.tool ?? releaseToolOf(projectRoot);
    const notes = await bringDependencies(tool, root, projectRoot, options);
    const { output, made } = await build(tool, root, projectRoot, options).catch((error: unknown) => {
      throw ofRevision(error, root, commit);
    });
    return { ...made, project, output: [...notes, output].filter((text) => text !== '').join('\n') };
  });
}

async function build(
  tool: ReleaseTool,
  root: string,
  projectRoot: string,
  options: BuildBaseOptions,
): Promise<{ output: string; made: GeneratedRelease }> {
  const { release, outputPath } = options;
  const { environment, profile, releaseName: name } = release;
  switch (tool) {
    case 'reltool': {
      const libraries = await compileLibraries(root, options);
      const warnings = await compileOwn(projectRoot, libraries);
      return {
        output: warnings.trimEnd(),
        made: await generateRelease({
          projectRoot,
          outputPath,
          ...(release.config !== undefined && { config: release.config }),
        }),
      };
    }
    case 'mix': {
      const { output, ...made } = await generateMixRelease({
        projectRoot,
        outputPath,
        ...(name !== undefined && { name }),
        ...(environment !== undefined && { environment }),
      });
      return { output, made };
    }
    case 'rebar3': {
      const { output, ...made } = await generateRelxRelease({
        projectRoot,
        outputPath,
        ...(name !== undefined && { name }),
        ...(profile !== undefined && { profile }),
      });
      return { output, made };
    }
  }
}

/**
 * Compiles the applications of other projects, as far as they were there then.
 * @returns their folders, absolute
 */
async function compileLibraries(root: string, options: BuildBaseOptions): Promise<string[]> {
  const { repository, workspaceRoot = repository.root, libraries = [] } = options;
  const workspace = join(root, relative(repository.root, await realpath(workspaceRoot)));
  const isThere = (folder: string): boolean => existsSync(join(workspace, folder, 'src'));
  const applications = libraries
    .filter(({ folder }) => isThere(folder))
    .map(({ folder, libraries }) => ({ folder, libraries: libraries.filter(isThere) }));
  if (applications.length === 0) return [];
  for (const result of await compileWorkspace({ workspaceRoot: workspace, applications })) {
    if (result.kind === 'failed') throw result.error;
  }
  return applications.map(({ folder }) => join(workspace, folder));
}

/**
 * Compiles the applications in the project. It need not have any where it is made of those of other projects.
 * @returns warnings
 */
async function compileOwn(projectRoot: string, libraries: readonly string[]): Promise<string> {
  try {
    return (await compileApplications({ projectRoot, libraries })).warnings;
  } catch (error) {
    if (libraries.length > 0 && error instanceof OtpError && error.code === 'no-application') return '';
    throw error;
  }
}

/** The checkout is gone when the message is read: its files are named as those of the revision. */
function ofRevision(error: unknown, root: string, commit: string): unknown {
  if (!(error instanceof OtpError)) return error;
  const revision = commit.slice(0, 12);
  const renamed = (text: string): string => text.replaceAll(`${root}/`, '').replaceAll(root, '.');
  return new OtpError(
    `the release of revision ${revision} cannot be built: ${[
      error.file === undefined ? '' : `${renamed(error.file)}: `,
      renamed(error.problem),
    ].join('')}`,
    {
      code: error.code,
      fix: `${error.fix === undefined ? '' : `${renamed(error.fix)} `}What was released then can be given as a folder or a tarball instead.`,
      cause: error,
    },
  );
}

/**
 * Where the project lies in that revision: where it lies now, else where a release of the same name is described.
 */
async function projectIn(options: BuildBaseOptions): Promise<string> {
  const { repository, commit, release, releaseName } = options;
  const { root, prefix } = repository;
  const textAt = (folder: string) => async (file: string) => {
    const path = posix.join(folder, file);
    const { succeeded, output } = await runGit(root, ['show', `${commit}:${path}`]);
    return succeeded ? output : undefined;
  };
  if ((await describedRelease(textAt(prefix), release)) !== undefined) return prefix;
  const files = await gitOutput(root, ['ls-tree', '-r', '-z', '--name-only', '--full-tree', commit]);
  const config = release.config ?? 'rel/reltool.config';
  const folders = new Set(
    files
      .split('\0')
      .flatMap((file) =>
        [config, 'mix.exs', 'rebar.config']
          .filter((name) => file === name || file.endsWith(`/${name}`))
          .map((name) => file.slice(0, -name.length).replace(/\/$/, '')),
      ),
  );
  const found: string[] = [];
  for (const folder of [...folders].sort()) {
    const described = await describedRelease(textAt(folder), release);
    if (releaseName !== undefined && described?.name === releaseName) found.push(folder);
  }
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new OtpError(
    `revision ${commit.slice(0, 12)} has no release in ${prefix === '' ? 'its root' : prefix}${
      found.length > 1 ? `, and ${releaseName ?? ''} in several places: ${found.join(', ')}` : ''
    }.`,
    {
      code: 'base-project',
      fix: 'Give what was released then as a folder or a tarball.',
    },
  );
}

/**
 * Fetched dependencies are in no revision. Those that lie here are the right ones as long as the files are equal that
 * name them; otherwise mix and rebar3 fetch what that revision names.
 */
async function bringDependencies(
  tool: ReleaseTool,
  checkout: string,
  projectRoot: string,
  { repository: { root, prefix }, release }: BuildBaseOptions,
): Promise<string[]> {
  if (tool === 'rebar3') {
    const checkouts = join(root, prefix, '_checkouts');
    const theirs = join(projectRoot, '_checkouts');
    if ((await isFolder(checkouts)) && !(await isFolder(theirs))) {
      await bringCheckouts({ from: checkouts, to: theirs, root, checkout });
    }
    return [];
  }
  const here = join(root, prefix);
  const named = tool === 'mix' ? ['mix.lock'] : ['rebar.config'];
  const isSame = (
    await Promise.all(named.map(async (file) => sameText(join(here, file), join(projectRoot, file))))
  ).every(Boolean);
  const deps = join(projectRoot, 'deps');
  if ((await isFolder(join(here, 'deps'))) && !(await isFolder(deps)) && (isSame || tool === 'mix')) {
    await mkdir(projectRoot, { recursive: true });
    await cp(join(here, 'deps'), deps, { recursive: true, verbatimSymlinks: true });
  }
  if (tool !== 'mix' || isSame) return [];
  return [
    await fetchMixDependencies({
      projectRoot,
      ...(release.environment !== undefined && { environment: release.environment }),
    }),
  ];
}

/**
 * Where rebar3 looks before anywhere else: mostly ignored by git, and links. What such a link leads to in the repository
 * is as that revision has it.
 */
async function bringCheckouts(folders: {
  readonly from: string;
  readonly to: string;
  readonly root: string;
  readonly checkout: string;
}): Promise<void> {
  const { from, to, root, checkout } = folders;
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from)) {
    const target = await realpath(join(from, entry)).catch(() => undefined);
    // A link that leads nowhere.
    if (target === undefined) continue;
    const way = relative(root, target);
    const then = join(checkout, way);
    const isInside = way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
    if (isInside && existsSync(then)) await symlink(then, join(to, entry), 'junction');
    else await cp(target, join(to, entry), { recursive: true, dereference: true });
  }
}

/**
 * What of `deps` in a project of rebar 2 a base may be built with: no lock file names it, so its content counts.
 * @returns SHA-256 in hex; undefined where there is none, or the tool has locks
 */
export async function unlockedDependencies(
  projectRoot: string,
  tool: ReleaseTool | undefined,
): Promise<string | undefined> {
  const deps = join(projectRoot, 'deps');
  if ((tool ?? releaseToolOf(projectRoot)) !== 'reltool' || !(await isFolder(deps))) return undefined;
  return contentHash(await openFolder(deps));
}

async function sameText(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((file) => readFile(file, 'utf8').catch(() => '')));
  return left === right;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
