import { join } from 'node:path';
import {
  chooseRelease,
  describedRelease,
  findReleaseTag,
  isReleaseArchive,
  isSnapshot,
  OtpError,
  parseBaseSpecification,
  readRelease,
  readSnapshot,
  releaseTagOfVersion,
  repositoryOf,
  resolveRevision,
  snapshotRelease,
  versionInFolder,
  type Repository,
} from '@nx-otp/core';
import type { NxJsonConfiguration, ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { configuredOptions } from './own-options';
import { resolveGivenPath } from './project-paths';

/** The project whose previous releases are meant, and the workspace it lies in. */
export interface ReleasedProject {
  readonly workspace: string;
  readonly name: string;
  readonly configuration: Pick<ProjectConfiguration, 'root' | 'targets'>;
  readonly nxJson: NxJsonConfiguration;
  /** Of the target that runs: that of the release has one of the same name. */
  readonly targetConfiguration: string | undefined;
  /** The applications of other projects that it is made of: folders relative to the workspace. */
  readonly libraries: readonly { readonly folder: string; readonly libraries: readonly string[] }[];
}

/** A base, as it was given or found. */
export type ChosenBase =
  /** A folder or tarball of a release. */
  | { readonly kind: 'release'; readonly path: string; readonly note?: string }
  /** The release of a commit, which has to be built. */
  | {
      readonly kind: 'revision';
      readonly repository: Repository;
      /** In full. */
      readonly commit: string;
      /** What was asked for, or found, and why. */
      readonly note: string;
      /** The snapshot that asked for it: what is built has to be what it tells of. */
      readonly snapshot?: string;
    };

/** The options of the target that makes the release: what is built of a revision is made with them, too. */
export function generateOptions(project: ReleasedProject): GenerateOptions {
  const target = generateTarget(project);
  return configuredOptions(target, project.targetConfiguration);
}

export interface GenerateOptions {
  readonly tool?: 'reltool' | 'mix' | 'rebar3';
  readonly config?: string;
  readonly releaseName?: string;
  readonly environment?: string;
  readonly profile?: string;
  readonly outputPath?: string;
}

export function generateTarget({ configuration }: ReleasedProject): TargetConfiguration | undefined {
  return Object.values(configuration.targets ?? {}).find(({ executor }) => executor === 'nx-otp:generate');
}

interface NamedRelease {
  readonly name?: string;
  readonly version?: string;
}

/** The release as it is now, as far as the text of its files tells: the same before and after anything is built. */
async function describedNow(project: ReleasedProject): Promise<NamedRelease> {
  const folder = join(project.workspace, project.configuration.root);
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(folder, file), 'utf8').catch(() => undefined);
  return (await describedRelease(read, generateOptions(project))) ?? {};
}

/** The release as it is now: where its text does not tell the version, what `generate` has made of it last. */
export async function currentRelease(project: ReleasedProject): Promise<NamedRelease> {
  const described = await describedNow(project);
  if (described.version !== undefined) return described;
  const made = join(project.workspace, project.configuration.root, 'dist', 'release');
  return (existsSync(made) ? await readRelease(made).catch(orNothing) : undefined) ?? described;
}

/**
 * What the given texts name: paths, or `git:REVISION`. Where none was given, the last release tag.
 * @throws OtpError that says what to do
 */
export async function chosenBases(given: readonly string[], project: ReleasedProject): Promise<ChosenBase[]> {
  if (given.length === 0) return [await lastRelease(project)];
  const bases: ChosenBase[] = [];
  for (const text of given) {
    const base = await chosenBase(text, project);
    const isThere = (other: ChosenBase): boolean =>
      base.kind === 'revision' && other.kind === 'revision' && other.commit === base.commit;
    // Two names of one commit are one release.
    if (!bases.some(isThere)) bases.push(base);
  }
  return bases;
}

async function chosenBase(text: string, project: ReleasedProject): Promise<ChosenBase> {
  const specification = parseBaseSpecification(text);
  if (specification.kind === 'revision') {
    const repository = await repositoryOf(join(project.workspace, project.configuration.root));
    const commit = await resolveRevision(repository, specification.revision);
    return { kind: 'revision', repository, commit, note: `${text} is ${commit.slice(0, 12)}` };
  }
  const path = resolveGivenPath(project.workspace, 'previousRelease', specification.path);
  if (await isSnapshot(path)) return ofSnapshot(path, project);
  const inFolder = existsSync(path) ? undefined : versionInFolder(path);
  if (inFolder !== undefined && existsSync(inFolder.path))
    return fromArchive(inFolder.path, project, inFolder.version);
  if (await isReleaseArchive(path)) return fromArchive(path, project);
  return { kind: 'release', path };
}

async function fromArchive(path: string, project: ReleasedProject, version?: string): Promise<ChosenBase> {
  const { name, version: currentVersion } = await currentRelease(project);
  const chosen = await chooseRelease(path, {
    ...(version !== undefined && { version }),
    ...(name !== undefined && { releaseName: name }),
    ...(currentVersion !== undefined && { currentVersion }),
  });
  const why =
    version === undefined
      ? `the newest of another version than ${currentVersion ?? 'the current one, which no text says'}`
      : 'the version that was asked for';
  return { kind: 'release', path: chosen.path, note: `${path}: ${chosen.version} is ${why}` };
}

/** A snapshot has no code: that is built from the tag of the version that the node runs, and compared with it. */
async function ofSnapshot(path: string, project: ReleasedProject): Promise<ChosenBase> {
  const { name, version } = snapshotRelease(await readSnapshot(path));
  const repository = await repositoryOf(join(project.workspace, project.configuration.root));
  const { tag } = await releaseTagOfVersion(repository, version, tagPatterns(project, name)).catch(
    (error: unknown) => {
      if (!(error instanceof OtpError) || error.code !== 'no-release-tag') throw error;
      throw new OtpError(
        `it says that ${name} ${version} runs, and has no code to plan an upgrade from; ${error.problem}`,
        {
          code: 'snapshot-without-release',
          file: path,
          fix: `Give that release, too: --previousRelease=PATH or git:REVISION, and --snapshot=${path}. ${error.fix ?? ''}`.trim(),
        },
      );
    },
  );
  const commit = await resolveRevision(repository, `refs/tags/${tag}`);
  return {
    kind: 'revision',
    repository,
    commit,
    note: `${path} is of ${name} ${version}, which is the tag ${tag} (${commit.slice(0, 12)})`,
    snapshot: path,
  };
}

async function lastRelease(project: ReleasedProject): Promise<ChosenBase> {
  const { name, version } = await describedNow(project);
  try {
    const repository = await repositoryOf(join(project.workspace, project.configuration.root));
    const found = await findReleaseTag(repository, {
      ...tagPatterns(project, name),
      release: generateOptions(project),
      currentVersion: version,
    });
    const commit = await resolveRevision(repository, `refs/tags/${found.tag}`);
    return {
      kind: 'revision',
      repository,
      commit,
      note: `no previous release was given: the tag ${found.tag} (${commit.slice(0, 12)}) is the last one that is reachable from HEAD and ${version === undefined ? 'before it (no text says which version this is)' : `of another version than ${version}`}`,
    };
  } catch (error) {
    throw error instanceof OtpError ? noPreviousRelease(project.name, error) : error;
  }
}

/** @param reason why there is no release tag */
function noPreviousRelease(project: string, reason: OtpError): OtpError {
  const ways = `ass --previousRelease=PATH (a folder or a .tar.gz of the release that runs in production) or --previousRelease=git:REVISION, or set previousRelease in the options of ${project}:previous-release.`;
  const problem = `no previous release of ${project} was given, so there is nothing to upgrade from`;
  const details = { code: 'no-previous-release', cause: reason };
  switch (reason.code) {
    case 'no-release-tag':
      return new OtpError(`${problem}: ${reason.problem}`, {
        ...details,
        fix: reason.fix === undefined ? `P${ways}` : `${reason.fix} Or p${ways}`,
      });
    case 'git-repository':
    case 'git-missing':
      return new OtpError(`${problem}.`, {
        ...details,
        fix: `P${ways} No release tag was looked for: ${reason.problem}`,
      });
    default:
      return reason;
  }
}

/** Tags as `nx release` makes them, where it is configured. */
function tagPatterns(
  { name, nxJson: { release } }: ReleasedProject,
  releaseName: string | undefined,
): { patterns?: string[]; names: string[] } {
  const ofGroups = Object.values(release?.groups ?? {})
    .filter(({ projects }) => [projects].flat().includes(name))
    .map(({ releaseTag }) => releaseTag?.pattern);
  const configured = [...ofGroups, release?.releaseTag?.pattern].find((pattern) => pattern !== undefined);
  return {
    ...(configured !== undefined && { patterns: [configured] }),
    names: [...new Set([name, ...(releaseName === undefined ? [] : [releaseName])])],
  };
}

function orNothing(error: unknown): undefined {
  if (error instanceof OtpError) return undefined;
  throw error;
}
