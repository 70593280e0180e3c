import { basename, posix, resolve } from 'node:path';
import { OtpError, type ReleaseTool } from '@nx-otp/core';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { checkName } from '../application-name';
import { inFolder, writeNewFiles } from '../new-files';
import {
  erlangApplications,
  mixApplications,
  workspaceApplications,
  type ProjectApplication,
} from '../project-applications';
import { workspaceFolder } from '../workspace-folder';
import type { DescribedRelease } from './described-release';
import { addMixRelease } from './mix-exs';
import { addRelxRelease } from './rebar-config';
import { reltoolFiles } from './reltool-files';
import type { ReleaseGeneratorOptions } from './schema';

/**
 * Describes a release to the tool that makes it.
 * @throws OtpError `application-name`, `workspace-folder`, `release-version`; `no-application` where there is none to
 *   release, `application-missing`; `file-exists`, `release-exists`; those of the configuration that is edited
 */
export default async function release(
  tree: Tree,
  options: ReleaseGeneratorOptions,
): Promise<GeneratorCallback> {
  const { name, releaseVersion: version = '0.1.0' } = options;
  checkName(name, 'a release', 'another name');
  if (!/^[0-9A-Za-z][0-9A-Za-z.+~-]*$/.test(version)) {
    throw new OtpError(`${JSON.stringify(version)} cannot be the version of a release.`, {
      code: 'release-version',
      fix: 'It becomes a part of file names: give digits, letters, dots, + and -, such as 0.1.0.',
    });
  }
  const folder = folderOf(tree, options);
  const tool = options.tool ?? toolOf(tree, folder);
  const described = {
    name,
    version,
    folder,
    applications: await applicationsFor(tree, folder, tool, options.applications ?? []),
  };
  describe(tree, described, tool);
  const project = nameProject(tree, described);
  // Where a project has several, generate asks which one, and says how to name it.
  return () => {
    console.log(`${folder}: the release ${name} ${version}. To make it: nx run ${project}:generate`);
  };
}

function describe(tree: Tree, described: DescribedRelease, tool: ReleaseTool): void {
  switch (tool) {
    case 'reltool':
      refuseSecond(tree, described);
      writeNewFiles(tree, inFolder(described.folder, reltoolFiles(described)));
      break;
    case 'rebar3':
      addRelxRelease(tree, described);
      break;
    case 'mix':
      addMixRelease(tree, described);
  }
}

/** reltool makes one release of a project. */
function refuseSecond(tree: Tree, { folder, name }: DescribedRelease): void {
  const file = posix.join(folder, 'rel', 'reltool.config');
  if (!tree.exists(file)) return;
  throw new OtpError('the project has a release already.', {
    code: 'release-exists',
    file,
    fix: `Give the new one a project of its own: --directory=releases/${name}.`,
  });
}

function folderOf(tree: Tree, { directory, name }: ReleaseGeneratorOptions): string {
  if (directory !== undefined) return workspaceFolder(directory, '--directory');
  return tree.exists(name) && !tree.isFile(name) ? name : '.';
}

function toolOf(tree: Tree, folder: string): ReleaseTool {
  if (tree.exists(posix.join(folder, 'mix.exs'))) return 'mix';
  return tree.exists(posix.join(folder, 'rebar.config')) ? 'rebar3' : 'reltool';
}

function applicationsOf(tree: Tree, folder: string, tool: ReleaseTool): ProjectApplication[] {
  if (tool !== 'mix') return erlangApplications(tree, folder);
  const mixExs = tree.read(posix.join(folder, 'mix.exs'), 'utf8');
  if (mixExs === null) {
    throw new OtpError('there is no mix.exs to write the release into.', {
      code: 'no-application',
      file: folder,
      fix: 'Give the folder of the project: --directory=DIR. For an application: nx g nx-otp:application DIR --language=elixir',
    });
  }
  const appsPath = /^[^#]*?\bapps_path:\s*"([^"]+)"/m.exec(mixExs)?.[1];
  return mixApplications(tree, folder, appsPath);
}

/**
 * Those that are named, or all of the project, with what they need. reltool takes in what lies elsewhere in the workspace:
 * their own projects compile it. rebar3 and mix compile what they release.
 */
async function applicationsFor(
  tree: Tree,
  folder: string,
  tool: ReleaseTool,
  names: readonly string[],
): Promise<readonly ProjectApplication[]> {
  const own = applicationsOf(tree, folder, tool);
  const others = tool === 'reltool' ? await workspaceApplications(tree, folder) : [];
  const all = [...own, ...others.filter(({ name }) => !own.some((each) => each.name === name))];
  const wanted = names.length > 0 ? names : own.map(({ name }) => name);
  if (wanted.length === 0) throw nothingToRelease(folder, tool, all);
  const unknown = wanted.filter((name) => !all.some((application) => application.name === name));
  if (unknown.length > 0) {
    throw new OtpError(`there is no application ${unknown.join(', ')}.`, {
      code: 'application-missing',
      file: folder,
      fix: `There are: ${namesOf(all)}. What they need comes by itself.`,
    });
  }
  return withNeeded(all, wanted);
}

function nothingToRelease(folder: string, tool: ReleaseTool, all: readonly ProjectApplication[]): OtpError {
  const where = folder === '.' ? 'apps/NAME' : `${folder}/apps/NAME`;
  const places =
    tool === 'mix'
      ? 'mix.exs here and in the applications of the umbrella'
      : 'src/*.app.src here, in apps/* and in lib/*';
  const make = `Make one: nx g nx-otp:application ${where}, or give --directory.`;
  const elsewhere = `Name those that it shall start by --applications; elsewhere there are ${namesOf(all)}.`;
  return new OtpError('there is no application to release.', {
    code: 'no-application',
    file: folder,
    fix: `Looked for were ${places}. ${all.length > 0 ? elsewhere : make}`,
  });
}

function namesOf(applications: readonly ProjectApplication[]): string {
  return applications
    .map(({ name }) => name)
    .sort()
    .join(', ');
}

/** What an application needs of the others starts, too. Sorted by name. */
function withNeeded(all: readonly ProjectApplication[], names: readonly string[]): ProjectApplication[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const needed of all.find((application) => application.name === name)?.needs ?? []) visit(needed);
  };
  for (const name of names) visit(name);
  return all.filter(({ name }) => found.has(name)).sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * A project is called like its folder, but the root of a workspace is called differently in each checkout: there a
 * `project.json` names it like the release.
 * @returns how it is called
 */
function nameProject(tree: Tree, { folder, name }: DescribedRelease): string {
  const file = posix.join(folder, 'project.json');
  const present = tree.read(file, 'utf8');
  const own = basename(resolve(tree.root, folder));
  if (present !== null) return /"name"\s*:\s*"([^"]+)"/.exec(present)?.[1] ?? own;
  if (folder !== '.') return own;
  const schema = 'node_modules/nx/schemas/project-schema.json';
  tree.write(file, `${JSON.stringify({ $schema: schema, name }, undefined, 2)}\n`);
  return name;
}
