import { existsSync } from 'node:fs';
import { join, posix, resolve, sep } from 'node:path';
import {
  applicationVersions,
  describeComputed,
  importedReleases,
  neededVersions,
  nextPatch,
  OtpError,
  projectVersion,
  readPolicy,
  readProjectManifests,
  withApplicationVersion,
  withProjectVersion,
  type NeededVersion,
  type NeededVersions,
  type ProjectManifests,
} from '@nx-otp/core';
import { visitNotIgnoredFiles, type ProjectConfiguration, type ProjectGraph, type Tree } from '@nx/devkit';
import { configuredOptions } from '../task/own-options';
import { usualPolicy } from '../task/policy-fingerprint';
import { filesInTree, writeManifests } from './tree-files';

export interface BumpedVersions {
  /** A sentence for each new version. */
  readonly bumped: readonly string[];
  /** A sentence for each version that a person has to give. */
  readonly left: readonly string[];
}

/** What was built last of a project, and of what it is compared with; absolute. */
export interface BuiltReleases {
  readonly release: string;
  readonly previous: string;
}

/** Where the targets of a project put them; undefined for a project without a release. */
export function builtReleases(
  { root, targets = {} }: ProjectConfiguration,
  workspaceRoot: string,
): BuiltReleases | undefined {
  const outputOf = (executor: string, folder: string): string | undefined => {
    const target = Object.values(targets).find((each) => each.executor === executor);
    if (target === undefined) return undefined;
    const { outputPath } = configuredOptions(target, undefined);
    const path = typeof outputPath === 'string' ? outputPath : posix.join(root, 'dist', folder);
    // The graph knows the options as they are written.
    return resolve(workspaceRoot, path.replace('{workspaceRoot}/', '').replace('{projectRoot}', root));
  };
  const release = outputOf('nx-otp:generate', 'release');
  const previous = outputOf('nx-otp:previous-release', 'previous-release');
  return release === undefined || previous === undefined ? undefined : { release, previous };
}

/**
 * Gives new versions to the applications of a project whose built code differs from a previous release under the same
 * version, and to the release where it has the version of one. What the policy of the project allows stays.
 *
 * @param isCurrent as for `writeNeededVersions`
 * @throws OtpError of reading the releases, the policy and the manifests
 */
export async function bumpVersions(
  tree: Tree,
  graph: ProjectGraph,
  project: ProjectConfiguration,
  { release, previous }: BuiltReleases,
  isCurrent?: (folder: string) => boolean,
): Promise<BumpedVersions> {
  const needed = await neededVersions(release, await importedReleases(previous));
  const allowed = await allowedApplications(tree, project);
  const applications = needed.applications.filter(({ name }) => !allowed.has(name));
  return writeNeededVersions(tree, graph, project, { ...needed, applications }, isCurrent);
}

/**
 * Writes a next version for each that is needed and that the sources still say.
 * @param isCurrent whether what was built is of the sources in this folder as they are now; of others nothing is bumped
 * @throws OtpError of reading the manifests
 */
export function writeNeededVersions(
  tree: Tree,
  graph: ProjectGraph,
  project: ProjectConfiguration,
  needed: NeededVersions,
  isCurrent: (folder: string) => boolean = () => true,
): BumpedVersions {
  const bumped: string[] = [];
  const left: string[] = [];
  const roots = [
    project.root,
    ...Object.values(graph.nodes)
      .map(({ data }) => data.root)
      .filter((root) => root !== project.root),
  ];
  for (const application of needed.applications) {
    const has = (root: string): boolean =>
      applicationVersions(manifestsIn(tree, root), application.name).length > 0;
    const root = roots.find(has) ?? foldersWithManifests(tree, project.root).find(has);
    if (root === undefined) {
      left.push(
        `${application.because} It is no source of a project here: build both releases from the same ${application.name}.`,
      );
      continue;
    }
    const result = bumpApplication(tree, root, application, isCurrent);
    if (result === undefined) continue;
    if ('left' in result) left.push(result.left);
    else {
      // A release may ask for the old version, also when the application lies in another project.
      const { from, to } = result;
      const others = withApplicationVersion(manifestsIn(tree, project.root), application.name, { from, to });
      writeManifests(tree, project.root, others);
      bumped.push(`${application.name} ${from} -> ${to}: ${application.because}`);
    }
  }
  if (needed.release !== undefined && isCurrent(project.root)) {
    const result = bumpRelease(tree, project.root, needed.release);
    if (result !== undefined) (result.isLeft ? left : bumped).push(result.sentence);
  }
  return { bumped, left };
}

type BumpedApplication = { readonly from: string; readonly to: string } | { readonly left: string };

/** Undefined where the sources have another version than what was built, or are newer. */
function bumpApplication(
  tree: Tree,
  root: string,
  { name, version, because, taken }: NeededVersion,
  isCurrent: (folder: string) => boolean,
): BumpedApplication | undefined {
  const manifests = manifestsIn(tree, root);
  const stated = applicationVersions(manifests, name);
  if (!stated.every(({ manifest }) => isCurrent(posix.join(root, folderOf(manifest.path))))) return undefined;
  const computed = stated.find(({ statement }) => statement.kind === 'computed');
  if (computed?.statement.kind === 'computed') {
    return { left: `${because} ${computed.manifest.file}: ${describeComputed(computed.statement)}.` };
  }
  if (!stated.some(({ statement }) => statement.kind === 'written' && statement.version === version)) {
    return undefined;
  }
  const to = freeVersion(version, taken);
  if (to === undefined) return { left: `${because} Nobody can say what comes after ${version}.` };
  writeManifests(tree, root, withApplicationVersion(manifests, name, { from: version, to }));
  return { from: version, to };
}

function bumpRelease(
  tree: Tree,
  root: string,
  { name, version, because, taken }: NeededVersion,
): { readonly isLeft: boolean; readonly sentence: string } | undefined {
  const manifests = manifestsIn(tree, root);
  const decisive = projectVersion(manifests);
  if (decisive?.statement.kind === 'computed') {
    return {
      isLeft: true,
      sentence: `${because} ${decisive.manifest.file}: ${describeComputed(decisive.statement)}.`,
    };
  }
  if (decisive?.statement.version !== version) return undefined;
  const to = freeVersion(version, taken);
  if (to === undefined)
    return { isLeft: true, sentence: `${because} Nobody can say what comes after ${version}.` };
  writeManifests(tree, root, withProjectVersion(manifests, to));
  return { isLeft: false, sentence: `release ${name} ${version} -> ${to}: ${because}` };
}

function freeVersion(version: string, taken: ReadonlySet<string>): string | undefined {
  let next = nextPatch(version);
  while (next !== undefined && taken.has(next)) next = nextPatch(next);
  return next;
}

/** The folder of the application whose manifest this is. */
function folderOf(manifest: string): string {
  return manifest.endsWith('.app.src') ? posix.dirname(posix.dirname(manifest)) : posix.dirname(manifest);
}

/** All folders of a project in which an application may lie, for those that lie elsewhere than in `apps` and `lib`. */
function foldersWithManifests(tree: Tree, root: string): string[] {
  const folders = new Set<string>();
  visitNotIgnoredFiles(tree, root, (file) => {
    const path = file.split(sep).join(posix.sep);
    if (path.endsWith('.app.src') || posix.basename(path) === 'mix.exs') folders.add(folderOf(path));
  });
  return [...folders].sort();
}

function manifestsIn(tree: Tree, root: string): ProjectManifests {
  return readProjectManifests(filesInTree(tree, root));
}

async function allowedApplications(
  tree: Tree,
  { root, targets = {} }: ProjectConfiguration,
): Promise<Set<string>> {
  const planning = Object.values(targets).find(({ executor }) => executor === 'nx-otp:generate-appups');
  const { policyPath } = configuredOptions(planning, undefined);
  const file = resolve(tree.root, typeof policyPath === 'string' ? policyPath : join(root, usualPolicy));
  if (!existsSync(file)) return new Set();
  const { allow } = await readPolicy(file);
  return new Set(
    allow.flatMap(({ rule, application }) => {
      return rule === 'code-changed-same-version' && application !== undefined ? [application] : [];
    }),
  );
}

/** @throws OtpError `project-missing` */
export function projectCalled(graph: ProjectGraph, name: string): ProjectConfiguration {
  const data = graph.nodes[name]?.data;
  if (data !== undefined) return data;
  throw new OtpError(`there is no project ${name}.`, {
    code: 'project-missing',
    fix: 'List the projects: nx show projects',
  });
}
