import { readdirSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import {
  DependencyType,
  type CreateDependencies,
  type CreateDependenciesContext,
  type RawProjectGraphDependency,
} from '@nx/devkit';
import { applicationsOfReltool, applicationsOfRelx, readRebarConfig, readResource } from './erlang-files';
import { externalDependencies, externalNodes, lockFileFor, lockFilesIn, nodesByName } from './external-nodes';
import {
  compare,
  findProjects,
  isProjectFile,
  type FoundApplication,
  type FoundProject,
} from './find-projects';
import type { PluginOptions } from './plugin-options';
import { dependenciesIn, pathsIn, readText } from './project-files';
import { sourceMentions } from './source-mentions';

/**
 * What the projects of this plugin need of each other and of packages, by what their files say: the applications that an
 * `.app.src` or a release names, the dependencies in `rebar.config` and `mix.exs`, and the headers, behaviours and parse
 * transforms that sources are compiled with. Calls make no dependency: who calls says so in its `.app.src`.
 */
export const createDependencies: CreateDependencies<PluginOptions> = (options, context) => {
  const files = allFiles(context);
  const found = findProjects(files.filter(isProjectFile), context.workspaceRoot, {
    nestAll: options?.projectsInReleases === true,
  });
  const locks = lockFilesIn(files);
  const nodes = externalNodes(locks, context.workspaceRoot);
  const workspace = new Workspace(found, context);
  const packages = nodesByName(nodes);
  const edges = new Edges(context);
  for (const project of workspace.projects) {
    const pinned = packages.get(lockFileFor(project.found, locks) ?? '');
    for (const { name, file } of namedBy(project, context.workspaceRoot)) {
      edges.add(project.name, workspace.application(name, project.found.root) ?? pinned?.get(name), file);
    }
    for (const { path, file } of pathsNamedBy(project, context.workspaceRoot)) {
      edges.add(project.name, workspace.owner(path), file);
    }
    for (const { module, file } of transformsOf(project, context.workspaceRoot)) {
      edges.add(project.name, workspace.module(module, project.name, project.found.root), file);
    }
  }
  for (const project of workspace.projects) {
    for (const file of project.sources) {
      for (const target of workspace.mentionedIn(file, project)) edges.add(project.name, target, file);
    }
  }
  // Tests of an application may need one that needs the application; Nx has no order for that.
  for (const project of workspace.projects) {
    for (const file of project.tests) {
      for (const target of workspace.mentionedIn(file, project)) {
        if (!edges.lead(target, project.name)) edges.add(project.name, target, file);
      }
    }
  }
  return [...edges.all(), ...externalDependencies(nodes)];
};

interface Project {
  /** As Nx calls it. */
  readonly name: string;
  readonly found: FoundProject;
  /** Erlang sources, sorted; relative to the workspace root, as all paths here. */
  readonly sources: readonly string[];
  /** Those of tests. */
  readonly tests: readonly string[];
}

class Workspace {
  readonly projects: readonly Project[];
  private readonly byFile = new Map<string, string>();
  private readonly byApplication = new Map<string, { readonly root: string; readonly project: string }[]>();
  private readonly byModule = new Map<string, { readonly root: string; readonly project: string }[]>();

  constructor(
    found: readonly FoundProject[],
    private readonly context: CreateDependenciesContext,
  ) {
    const names = new Map(Object.entries(context.projects).map(([name, { root }]) => [root, name]));
    this.projects = found.flatMap((each) => {
      const name = names.get(each.root);
      return name === undefined ? [] : [this.project(name, each)];
    });
    for (const { name, found: each, sources } of this.projects) {
      for (const application of applicationsOf(each)) {
        // One that is a project itself speaks for itself.
        const isNested = each.kind === 'release' && each.nested.includes(application);
        if (!isNested) into(this.byApplication, application.name, { root: application.root, project: name });
      }
      for (const file of sources) {
        if (!file.endsWith('.hrl')) {
          const module = basename(file).replace(/\.[^.]*$/, '');
          into(this.byModule, module, { root: each.root, project: name });
        }
      }
    }
  }

  private project(name: string, found: FoundProject): Project {
    const own = (this.context.fileMap.projectFileMap[name] ?? []).map(({ file }) => file).sort(compare);
    for (const file of own) this.byFile.set(file, name);
    const sources = own.filter((file) => /\.(?:erl|hrl|xrl|yrl)$/.test(file) && !notCompiled.test(file));
    const isTest = (file: string): boolean => /(?:^|\/)test\//.test(posix.relative(found.root, file));
    return {
      name,
      found,
      sources: sources.filter((file) => !isTest(file)),
      tests: sources.filter(isTest),
    };
  }

  /** The project of an application; of several with its name that of the one that lies nearest. */
  application(name: string, from: string): string | undefined {
    return nearest(this.byApplication.get(name) ?? [], from);
  }

  /** The project that has the file, or that lies in the folder. */
  owner(path: string): string | undefined {
    return this.byFile.get(path) ?? this.projects.find(({ found }) => found.root === path)?.name;
  }

  mentionedIn(file: string, { found, name }: Project): string[] {
    const { libraries, includes, modules } = sourceMentions(readText(join(this.context.workspaceRoot, file)));
    const targets = [
      ...libraries.map((library) => this.application(library, found.root)),
      ...includes.map((include) => this.byFile.get(this.included(include, file))),
      ...modules.map((module) => this.module(module, name, found.root)),
    ];
    return [...new Set(targets.filter((target) => target !== undefined))].sort(compare);
  }

  private included(include: string, file: string): string {
    return posix.join(posix.dirname(file), include);
  }

  /** The project with the source of a module; none where it is its own, or that of OTP or a package. */
  module(module: string, project: string, from: string): string | undefined {
    const having = this.byModule.get(module) ?? [];
    return having.some((each) => each.project === project) ? project : nearest(having, from);
  }
}

/** What tools have put there. */
const notCompiled = /(?:^|\/)(?:_build|_checkouts|deps|dist|node_modules|[^/]*_SUITE_data)\//;

class Edges {
  private readonly edges = new Map<string, RawProjectGraphDependency>();
  private readonly targets = new Map<string, Set<string>>();
  private readonly files = new Map<string, ReadonlySet<string>>();

  constructor(private readonly context: CreateDependenciesContext) {}

  /** @param file in which `source` says so */
  add(source: string, target: string | undefined, file: string): void {
    if (target === undefined || target === source) return;
    this.targets.set(source, (this.targets.get(source) ?? new Set()).add(target));
    // To Nx, no project has a file that it ignores.
    const edge: RawProjectGraphDependency = this.filesOf(source).has(file)
      ? { source, target, type: DependencyType.static, sourceFile: file }
      : { source, target, type: DependencyType.implicit };
    this.edges.set(JSON.stringify(edge), edge);
  }

  /** Whether there is a way from one project to the other. */
  lead(from: string, to: string): boolean {
    const seen = new Set([from]);
    for (const at of seen) {
      if (at === to) return true;
      for (const target of this.targets.get(at) ?? []) seen.add(target);
    }
    return false;
  }

  all(): RawProjectGraphDependency[] {
    return [...this.edges].sort(([a], [b]) => compare(a, b)).map(([, edge]) => edge);
  }

  private filesOf(project: string): ReadonlySet<string> {
    const known = this.files.get(project);
    if (known !== undefined) return known;
    const files = new Set((this.context.fileMap.projectFileMap[project] ?? []).map(({ file }) => file));
    this.files.set(project, files);
    return files;
  }
}

interface Named {
  readonly name: string;
  readonly file: string;
}

/** The applications and packages that the files of a project name. */
function namedBy({ found }: Project, workspaceRoot: string): Named[] {
  const named: Named[] = [];
  const from = (file: string, read: (path: string) => readonly string[]): void => {
    named.push(...read(join(workspaceRoot, file)).map((name) => ({ name, file })));
  };
  const mixOf = (path: string): string[] => dependenciesIn(readText(path));
  if (found.kind === 'release' && found.tool === 'reltool') from(found.file, applicationsOfReltool);
  if (found.tool === 'rebar3') {
    for (const file of ['rebar.config', 'relx.config'])
      from(posix.join(found.root, file), applicationsOfRelx);
  }
  for (const root of new Set([
    found.root,
    ...ownApplications(found).map((application) => application.root),
  ])) {
    if (found.tool === 'mix') from(posix.join(root, 'mix.exs'), mixOf);
    else from(posix.join(root, 'rebar.config'), (path) => readRebarConfig(path).dependencies);
  }
  for (const { file } of ownApplications(found)) {
    if (file.endsWith('.app.src')) from(file, (path) => readResource(path).applications);
  }
  const checkouts = foldersIn(join(workspaceRoot, found.root, '_checkouts'));
  named.push(...checkouts.map((name) => ({ name, file: posix.join(found.root, 'rebar.config') })));
  return named;
}

/** The folders and files elsewhere that the build files of a project name by their path. */
function pathsNamedBy({ found }: Project, workspaceRoot: string): { path: string; file: string }[] {
  const named: { path: string; file: string }[] = [];
  for (const root of new Set([
    found.root,
    ...ownApplications(found).map((application) => application.root),
  ])) {
    const file = posix.join(root, found.tool === 'mix' ? 'mix.exs' : 'rebar.config');
    const text = join(workspaceRoot, file);
    const paths = found.tool === 'mix' ? pathsIn(readText(text)) : readRebarConfig(text).includes;
    for (const path of paths) {
      const absolute = posix.join(root, path);
      // `{i, "../codec/include"}` is a folder in the one of an application.
      named.push({ path: absolute, file }, { path: posix.dirname(absolute), file });
    }
  }
  return named;
}

/** The parse transforms for all modules of an application. */
function transformsOf({ found }: Project, workspaceRoot: string): { module: string; file: string }[] {
  if (found.tool === 'mix') return [];
  const files = ownApplications(found).map(({ root }) => posix.join(root, 'rebar.config'));
  return [...new Set([posix.join(found.root, 'rebar.config'), ...files])].flatMap((file) =>
    readRebarConfig(join(workspaceRoot, file)).transforms.map((module) => ({ module, file })),
  );
}

function applicationsOf(found: FoundProject): readonly FoundApplication[] {
  return found.kind === 'release' ? found.applications : [found];
}

/** Without those that are projects themselves. */
function ownApplications(found: FoundProject): readonly FoundApplication[] {
  if (found.kind === 'application') return [found];
  return found.applications.filter((application) => !found.nested.includes(application));
}

function allFiles({ fileMap }: CreateDependenciesContext): string[] {
  const ofProjects = Object.values(fileMap.projectFileMap).flat();
  return [...ofProjects, ...fileMap.nonProjectFiles].map(({ file }) => file).sort(compare);
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path).sort(compare);
  } catch {
    return [];
  }
}

function into<T>(index: Map<string, T[]>, key: string, value: T): void {
  const values = index.get(key);
  if (values === undefined) index.set(key, [value]);
  else values.push(value);
}

/** The one with the longest way in common; the first of those. */
function nearest(
  candidates: readonly { readonly root: string; readonly project: string }[],
  from: string,
): string | undefined {
  const wanted = from.split('/');
  let best: { readonly project: string; readonly common: number } | undefined;
  for (const { root, project } of candidates) {
    const parts = root.split('/');
    const differs = parts.findIndex((part, at) => part !== wanted[at]);
    const common = differs < 0 ? parts.length : differs;
    if (best === undefined || common > best.common) best = { project, common };
  }
  return best?.project;
}
