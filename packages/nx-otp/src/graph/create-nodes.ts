import { join, posix } from 'node:path';
import {
  createNodesFromFiles,
  type CreateNodes,
  type CreateNodesContext,
  type CreateNodesResult,
  type ProjectConfiguration,
} from '@nx/devkit';
import { applicationTargets } from './application-targets';
import { readByBuild } from './build-variables';
import { configuredBases } from './configured-bases';
import { readResource } from './erlang-files';
import {
  findProjects,
  projectFiles,
  type FoundApplication,
  type FoundLibrary,
  type FoundProject,
  type FoundRelease,
} from './find-projects';
import { hasErlangTests, hasMixTests } from './find-tests';
import { externalNodes, lockFileFor, lockFilesIn } from './external-nodes';
import { renamed, targetNames, type PluginOptions, type Targets, type TargetNames } from './plugin-options';
import { readText } from './project-files';
import { rehearsalGroup } from './rehearsal-targets';
import { releaseTargets, releaseTargetsOf } from './release-targets';
import { inFolder, throughProjects, type TaskInputs } from './task-inputs';

/**
 * A folder that describes a release gets the targets from its sources to the upgrade package; an application that no
 * release builds is a project that is compiled and tested by itself (`findProjects`). What lock files pin are external
 * nodes.
 */
export const createNodes: CreateNodes<PluginOptions> = [
  projectFiles,
  (files, options, context) => {
    const names = targetNames(options, [...Object.keys(releaseTargets()), 'test']);
    const projects = findProjects(files, context.workspaceRoot, {
      nestAll: options?.projectsInReleases === true,
    });
    const byFile = new Map<string, CreateNodesResult>();
    const locks = lockFilesIn(files);
    for (const project of projects) {
      const targets = targetsOf(project, locks, names, context);
      byFile.set(
        project.file,
        withProject(byFile.get(project.file), project, targets, context.workspaceRoot),
      );
    }
    const nodes = externalNodes(locks, context.workspaceRoot);
    return createNodesFromFiles(
      (file) => {
        const found = byFile.get(file) ?? {};
        const pinned = nodes.filter((node) => node.lockFile === file);
        if (pinned.length === 0) return found;
        return { ...found, externalNodes: Object.fromEntries(pinned.map(({ node }) => [node.name, node])) };
      },
      files,
      options,
      context,
    );
  },
];

function withProject(
  result: CreateNodesResult | undefined,
  project: FoundProject,
  targets: Targets,
  workspaceRoot: string,
): CreateNodesResult {
  const rehearsals = rehearsalGroup(targets);
  const configuration: Omit<ProjectConfiguration, 'root'> = {
    // A project.json beside it may name it otherwise.
    name: project.kind === 'release' ? project.name : project.projectName,
    projectType: project.kind === 'release' ? 'application' : 'library',
    targets,
    metadata: {
      technologies: [technologyOf(project)],
      ...(rehearsals.length > 0 && { targetGroups: { Rehearsals: rehearsals } }),
      ...(project.kind === 'application' && descriptionOf(project, workspaceRoot)),
    },
  };
  return { projects: { ...result?.projects, [project.root]: configuration } };
}

function technologyOf({ tool }: FoundProject): string {
  return tool === 'mix' ? 'elixir' : 'erlang';
}

function descriptionOf({ file }: FoundApplication, workspaceRoot: string): { description?: string } {
  if (!file.endsWith('.app.src')) return {};
  const { description } = readResource(join(workspaceRoot, file));
  return description === undefined ? {} : { description };
}

function targetsOf(
  project: FoundProject,
  locks: readonly string[],
  names: TargetNames,
  context: CreateNodesContext,
): Targets {
  const { workspaceRoot } = context;
  const lockFile = lockFileFor(project, locks);
  const reads: TaskInputs = [
    ...(project.kind === 'application' && project.umbrella !== undefined && project.tool !== 'mix'
      ? [inFolder(project.umbrella, 'rebar.config')]
      : []),
    // That of its own folder is a file of the project.
    ...(lockFile === undefined || posix.dirname(lockFile) === project.root
      ? []
      : [`{workspaceRoot}/${lockFile}`]),
    ...(project.tool === 'mix' || project.tool === 'rebar3'
      ? readByBuild(
          project.tool,
          project.buildFolders.map((folder) => join(workspaceRoot, folder)),
        )
      : []),
  ];
  const targets =
    project.kind === 'release'
      ? releaseTargetsOf(project, {
          reads,
          hasTests: releaseHasTests(project, workspaceRoot),
          bases: basesOf(project, names, context),
        })
      : applicationTargets(project, reads, hasTests(project, workspaceRoot));
  const { root } = project;
  const isSplit = project.kind === 'release' && project.nested.length > 0;
  return renamed(isSplit ? withInputs(targets, (inputs) => throughProjects(inputs, root)) : targets, names);
}

/** The previous releases that a release is configured with, under the names that its targets have. */
function basesOf({ root }: FoundRelease, names: TargetNames, context: CreateNodesContext): string[] {
  return configuredBases(
    (file) => readText(join(context.workspaceRoot, root, file)),
    context.nxJsonConfiguration,
    [...names.values()],
  );
}

function withInputs(targets: Targets, change: (inputs: TaskInputs) => TaskInputs): Targets {
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => [
      name,
      target.inputs === undefined ? target : { ...target, inputs: change(target.inputs) },
    ]),
  );
}

function hasTests({ root, tool }: FoundLibrary, workspaceRoot: string): boolean {
  const folder = join(workspaceRoot, root);
  return tool === 'mix' ? hasMixTests(folder) : hasErlangTests(folder);
}

function releaseHasTests(release: FoundRelease, workspaceRoot: string): boolean {
  const folders = new Set([release.root, ...release.applications.map(({ root }) => root)]);
  return [...folders].some((folder) => {
    const path = join(workspaceRoot, folder);
    return release.tool === 'mix' ? hasMixTests(path) : hasErlangTests(path);
  });
}
