import { dirname, posix } from 'node:path';
import {
  applicationOf,
  checkVersion,
  describeComputed,
  manifestNames,
  nextPatch,
  OtpError,
  projectVersion,
  readProjectManifests,
  requirementFor,
  withProjectVersion,
  withThreeNumbers,
  writtenLike,
  type PlacedManifest,
  type ProjectManifests,
  type RequirementOperator,
  type VersionRequirement,
} from '@nx-otp/core';
import type { ProjectGraph, Tree } from '@nx/devkit';
import { VersionActions } from 'nx/release';
import { filesInTree, writeManifests } from '../versions/tree-files';

/** By which `nx release` raises a version; everything else is a version itself. */
const keywords = ['major', 'minor', 'patch', 'premajor', 'preminor', 'prepatch', 'prerelease'];

/**
 * What `nx release` does to a project with an Erlang or Elixir application or release: reads its version from
 * `rel/reltool.config`, `mix.exs`, `rebar.config` or `src/NAME.app.src`, writes a new one to exactly that place, and updates
 * the requirements of those that depend on it.
 */
export default class OtpVersionActions extends VersionActions {
  override validManifestFilenames: string[] = manifestNames.map((name) => name);
  /** Nothing but the version may change. */
  override excludeManifestsFromFormatting = true;

  /** Where the manifests are that get a new version, relative to the workspace root. */
  private roots: readonly string[] = [];

  override async init(tree: Tree): Promise<void> {
    const { root } = this.projectGraphNode.data;
    const { manifestRootsToUpdate, preserveLocalDependencyProtocols } = this.finalConfigForProject;
    if (manifestRootsToUpdate.length === 0) {
      manifestRootsToUpdate.push({ path: root, preserveLocalDependencyProtocols });
    }
    // Nx fills in {projectRoot} and the like, and puts the first of the names behind it.
    this.validManifestFilenames = ['mix.exs'];
    await super.init(tree);
    this.validManifestFilenames = manifestNames.map((name) => name);
    const placed = this.manifestsToUpdate.map(({ manifestPath, preserveLocalDependencyProtocols }) => ({
      root: dirname(manifestPath),
      preserveLocalDependencyProtocols,
    }));
    this.roots = placed.map(({ root }) => root);
    // By their names: a broken file is no reason to stop before it is known whether the project is released.
    this.manifestsToUpdate = placed.flatMap(({ root, preserveLocalDependencyProtocols }) =>
      [root, ...applicationFolders(tree, root)]
        .flatMap((folder) => manifestsIn(tree, folder))
        .map((manifestPath) => ({ manifestPath, preserveLocalDependencyProtocols })),
    );
  }

  override validate(tree: Tree): Promise<void> {
    const empty = this.roots.find((root) => manifestsIn(tree, root).length === 0);
    if (empty === undefined) return Promise.resolve();
    return Promise.reject(
      new Error(
        `the project ${this.projectGraphNode.name} has none of ${manifestNames.join(', ')} in ${empty}, so there is no version to write. Leave it out of the projects in "release" of nx.json, or set its release.version.manifestRootsToUpdate to the folder that has one.`,
      ),
    );
  }

  override readCurrentVersionFromSourceManifest(
    tree: Tree,
  ): Promise<{ currentVersion: string; manifestPath: string } | null> {
    const { name, data } = this.projectGraphNode;
    try {
      const decisive = projectVersion(this.manifestsOf(tree, data.root));
      if (decisive === undefined)
        throw new OtpError(`nothing says a version of ${name}.`, {
          code: 'version-missing',
          file: data.root,
        });
      const { manifest, statement } = decisive;
      if (statement.kind === 'computed') {
        throw new OtpError(`${describeComputed(statement)}.`, {
          code: 'version-computed',
          file: manifest.file,
          ...(statement.position !== undefined && { position: statement.position }),
          fix: 'Write it out, or set currentVersionResolver to git-tag in release.version of nx.json.',
        });
      }
      return Promise.resolve({ currentVersion: statement.version, manifestPath: manifest.file });
    } catch (error) {
      // Nx shows a text of its own in the place of the error.
      if (error instanceof OtpError) console.error(error.message);
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** No registry is asked: Nx falls back on the disk, or says so. */
  override readCurrentVersionFromRegistry(): Promise<null> {
    return Promise.resolve(null);
  }

  override readCurrentVersionOfDependency(
    tree: Tree,
    projectGraph: ProjectGraph,
    dependencyProjectName: string,
  ): Promise<{ currentVersion: string | null; dependencyCollection: string | null }> {
    const application = this.applicationOfProject(tree, projectGraph, dependencyProjectName);
    const [first] = this.requirementsIn(this.manifestsOf(tree, this.projectGraphNode.data.root), application);
    return Promise.resolve({
      currentVersion: first?.requirement.requirement ?? null,
      dependencyCollection: first === undefined ? null : 'deps',
    });
  }

  /** Semantic versioning where a version has the form for it, and what is sensible for the others that Erlang knows. */
  override async calculateNewVersion(
    currentVersion: string | null,
    newVersionInput: string,
    reason: string,
    reasonData: Record<string, unknown>,
    preid: string,
  ): Promise<{ newVersion: string; logText: string }> {
    if (!keywords.includes(newVersionInput)) {
      checkVersion(newVersionInput);
      return {
        newVersion: newVersionInput,
        logText: `❓ Applied the version ${newVersionInput} as it was given`,
      };
    }
    const calculate = (current: string | null): Promise<{ newVersion: string; logText: string }> =>
      super.calculateNewVersion(current, newVersionInput, reason, reasonData, preid);
    if (currentVersion === null || isSemantic(currentVersion)) return calculate(currentVersion);
    const padded = withThreeNumbers(currentVersion);
    if (padded !== undefined) {
      const newVersion = writtenLike((await calculate(padded)).newVersion, currentVersion);
      return {
        newVersion,
        logText: `❓ Applied ${newVersionInput} to ${currentVersion} to get new version ${newVersion}`,
      };
    }
    const next = newVersionInput === 'patch' ? nextPatch(currentVersion) : undefined;
    if (next === undefined) {
      throw new OtpError(
        `${this.projectGraphNode.name} has the version ${currentVersion}, and nobody can say what ${newVersionInput} makes of it.`,
        {
          code: 'version',
          fix: `Say which version is meant: nx release version VERSION --projects=${this.projectGraphNode.name}`,
        },
      );
    }
    return {
      newVersion: next,
      logText: `❓ Raised the last number of ${currentVersion} to get new version ${next}`,
    };
  }

  override updateProjectVersion(tree: Tree, newVersion: string): Promise<string[]> {
    const applications = whichApplications(
      this.finalConfigForProject.versionActionsOptions?.['applications'],
    );
    return Promise.resolve(
      this.roots.flatMap((root) => {
        const manifests = this.manifestsOf(tree, root);
        const decisive = projectVersion(manifests);
        if (decisive?.statement.kind === 'computed') {
          return `⏩ ${decisive.manifest.file} stays as it is: ${describeComputed(decisive.statement)}`;
        }
        const changed = withProjectVersion(manifests, newVersion, { applications });
        return writeManifests(tree, root, changed).map(
          (file) => `✍️  New version ${newVersion} written to manifest: ${file}`,
        );
      }),
    );
  }

  override updateProjectDependencies(
    tree: Tree,
    projectGraph: ProjectGraph,
    dependenciesToUpdate: Record<string, string>,
  ): Promise<string[]> {
    return Promise.resolve(
      this.roots.flatMap((root) => this.updateRequirements(tree, root, projectGraph, dependenciesToUpdate)),
    );
  }

  private updateRequirements(
    tree: Tree,
    root: string,
    projectGraph: ProjectGraph,
    dependenciesToUpdate: Record<string, string>,
  ): string[] {
    const manifests = this.manifestsOf(tree, root);
    const logs: string[] = [];
    const edits = new Map<PlacedManifest, Map<VersionRequirement, string>>();
    for (const [project, wanted] of Object.entries(dependenciesToUpdate)) {
      const application = this.applicationOfProject(tree, projectGraph, project);
      // Nx puts a prefix of npm before it.
      const version = wanted.replace(/^[~^=]/, '');
      for (const { manifest, requirement } of this.requirementsIn(manifests, application)) {
        const text = requirement.exact ? version : this.newRequirement(requirement.requirement, version);
        if (text === undefined) {
          logs.push(
            `⚠️  ${manifest.file} requires ${application} ${requirement.requirement}, which leaves ${version} out: change it by hand`,
          );
        } else if (text !== requirement.requirement) {
          edits.set(
            manifest,
            (edits.get(manifest) ?? new Map<VersionRequirement, string>()).set(requirement, text),
          );
          logs.push(`✍️  ${application} ${text} written to manifest: ${manifest.file}`);
        }
      }
    }
    writeManifests(
      tree,
      root,
      [...edits].map(([manifest, ofManifest]) => ({
        path: manifest.path,
        bytes: manifest.replace(ofManifest),
      })),
    );
    return logs;
  }

  private newRequirement(requirement: string, version: string): string | undefined {
    const { versionPrefix, preserveMatchingDependencyRanges } = this.finalConfigForProject;
    return requirementFor(requirement, version, {
      operator: operators[versionPrefix ?? 'auto'],
      keepMatching: preserveMatchingDependencyRanges !== false,
    });
  }

  private requirementsIn(
    { own, inner }: ProjectManifests,
    application: string,
  ): { manifest: PlacedManifest; requirement: VersionRequirement }[] {
    return [...own, ...inner].flatMap((manifest) =>
      manifest.requirements
        .filter((requirement) => requirement.application === application)
        .map((requirement) => ({ manifest, requirement })),
    );
  }

  /** What a project is called by those that depend on it. */
  private applicationOfProject(tree: Tree, { nodes }: ProjectGraph, project: string): string {
    const root = nodes[project]?.data.root;
    return (root === undefined ? undefined : applicationOf(this.manifestsOf(tree, root))) ?? project;
  }

  private manifestsOf(tree: Tree, root: string): ProjectManifests {
    return readProjectManifests(filesInTree(tree, root));
  }
}

/** @throws OtpError `version-option` */
function whichApplications(option: unknown): 'own' | 'same' {
  if (option === undefined || option === 'own') return 'own';
  if (option === 'same') return 'same';
  throw new OtpError(
    `applications is ${JSON.stringify(option)} in the versionActionsOptions of release.version.`,
    {
      code: 'version-option',
      file: 'nx.json',
      fix: 'It is "own", where the applications within a release keep their versions, or "same", where those that have the version of the release are raised with it.',
    },
  );
}

/** Where the applications within a release lie. */
function applicationFolders(tree: Tree, root: string): string[] {
  return ['apps', 'lib'].flatMap((folder) => {
    const within = posix.join(root, folder);
    return tree.children(within).map((name) => posix.join(within, name));
  });
}

/** The manifests in a folder, relative to the workspace root. */
function manifestsIn(tree: Tree, folder: string): string[] {
  const resources = tree.children(posix.join(folder, 'src')).filter((name) => name.endsWith('.app.src'));
  return [...manifestNames.filter((name) => !name.includes('*')), ...resources.map((name) => `src/${name}`)]
    .map((name) => posix.join(folder, name))
    .filter((file) => tree.isFile(file));
}

const operators: Readonly<Record<'auto' | '' | '~' | '^' | '=', RequirementOperator>> = {
  auto: 'as written',
  '': 'none',
  '~': '~>',
  '^': '~>',
  '=': '==',
};

function isSemantic(version: string): boolean {
  return /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(version);
}
