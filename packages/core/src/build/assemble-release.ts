import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import glob from 'fast-glob';
import { OtpError } from '../error';
import { collectReleaseFacts, writeReleaseFacts } from '../facts';
import { refuseForeignFolder } from '../output/output-path';
import { folderBeside, removeLeftovers, replaceFolder } from '../output/replace-folder';
import { readRelease, type FileTree, type Release } from '../release';
import { openFolder } from '../release/folder-tree';
import { completeTargetSystem } from './complete-target-system';
import { refuseReplacing, type GeneratedRelease } from './generate-release';
import type { BuildTool } from './run-tool';
import { resolveLinks } from './resolve-links';

export interface AssembledRelease extends GeneratedRelease {
  /** What the tool printed. */
  readonly output: string;
}

export interface Assembly {
  readonly tool: BuildTool;
  readonly projectRoot: string;
  /** The folder of the release; it is replaced. */
  readonly outputPath: string;
  /** Where the tool keeps what it has compiled, from one run to the next; a folder that is gone afterwards where absent. */
  readonly buildPath?: string;
  /** The file that describes the release, for messages; relative to the project. */
  readonly config: string;
  /** Folders of compiled applications in the build folder: a pattern of their `.app` files. */
  readonly compiled: string;
  /** Has the tool make the release somewhere in the folder `made`, and says where. */
  readonly assemble: (place: {
    readonly made: string;
    readonly buildPath: string;
    /** Of the release, when all is done. */
    readonly path: string;
  }) => Promise<{ readonly root: string; readonly output: string }>;
}

/**
 * Has a tool make a release, and adds what release_handler needs from the first release on (`completeTargetSystem`) and
 * what planning will want to know of it. A failure or a killed process leaves the old release or none.
 * @throws OtpError `output-path`, `target-system`, `release-without-erlang`; those of `assemble`
 */
export async function assembleRelease(assembly: Assembly): Promise<AssembledRelease> {
  const projectRoot = resolve(assembly.projectRoot);
  const path = resolve(assembly.outputPath);
  refuseReplacing(path, [
    projectRoot,
    ...(assembly.buildPath === undefined ? [] : [resolve(assembly.buildPath)]),
  ]);
  await refuseForeignFolder(path, (entries) => entries.includes('releases'));
  await removeLeftovers(path);
  return inBuildFolder(assembly.buildPath, async (buildPath) => {
    const made = await folderBeside(path);
    try {
      const { root, output } = await assembly.assemble({ made, buildPath, path });
      await resolveLinks(root);
      const release = await readMade(root, join(projectRoot, assembly.config));
      const { name, version, ertsVersion } = release;
      const sentences = await completeTargetSystem(root, {
        tool: assembly.tool,
        name,
        version,
        ertsVersion,
        config: join(projectRoot, assembly.config),
      });
      await keepFacts(root, buildPath, assembly.compiled);
      const warnings = [...sentences, ...willBeMissed(release)];
      await replaceFolder(root, path);
      return { path, name, version, warnings, output };
    } finally {
      await rm(made, { recursive: true, force: true });
    }
  });
}

async function inBuildFolder<T>(given: string | undefined, build: (path: string) => Promise<T>): Promise<T> {
  if (given !== undefined) return build(resolve(given));
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nx-otp-build-')));
  try {
    return await build(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Both tools strip the beams of a release; those in the build folder, of which it was made, still tell. */
async function keepFacts(root: string, buildPath: string, compiled: string): Promise<void> {
  const unstripped = new Map<string, FileTree>();
  for (const file of (await glob(compiled, { cwd: buildPath, dot: true })).sort()) {
    unstripped.set(basename(file, '.app'), await openFolder(join(buildPath, dirname(file))));
  }
  const release = await readRelease(root);
  await writeReleaseFacts(release, await collectReleaseFacts(release, { unstripped }));
}

/** The files of a release that cannot be used are gone when somebody reads about it. */
async function readMade(root: string, config: string): Promise<Release> {
  try {
    return await readRelease(root);
  } catch (error) {
    if (!(error instanceof OtpError) || error.code !== 'release-without-erlang') throw error;
    const { problem, code, fix } = error;
    throw new OtpError(problem, { code, file: config, cause: error, ...(fix !== undefined && { fix }) });
  }
}

/** What keeps a node of this release from being upgraded, and can only be mended before it is installed. */
function willBeMissed({ name, version, applications }: Release): string[] {
  const sentences: string[] = [];
  // mix puts it into every release.
  if (!applications.some((application) => application.name === 'sasl')) {
    sentences.push(
      `${name} ${version} has no sasl, which release_handler belongs to: its node can't be upgraded hot. ` +
        `Add sasl to the applications of {release, {${name}, ...}, [...]}.`,
    );
  }
  return sentences;
}
