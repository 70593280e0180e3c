import { basename, posix, resolve } from 'node:path';
import { OtpError, type ReleaseTool } from '@nx-otp/core';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { checkName } from '../application-name';
import { inFolder, writeNewFiles } from '../new-files';
import { erlangApplications, mixApplications, type ProjectApplication } from '../project-applications';
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
export default function release(tree: Tree, options: ReleaseGeneratorOptions): GeneratorCallback {
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
    applications: chosen(applicationsOf(tree, folder, tool), options.applications, folder, tool),
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
      writeNewFiles(tree, inFolder(described.folder, reltoolFiles(described)));
      break;
    case 'rebar3':
      addRelxRelease(tree, described);
      break;
    case 'mix':
      addMixRelease(tree, described);
  }
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

function chosen(
  all: readonly ProjectApplication[],
  names: readonly string[] | undefined,
  folder: string,
  tool: ReleaseTool,
): readonly ProjectApplication[] {
  const [first] = all;
  if (first === undefined) {
    const where = folder === '.' ? 'apps/NAME' : `${folder}/apps/NAME`;
    throw new OtpError('there is no application to release.', {
      code: 'no-application',
      file: folder,
      fix: `Looked for were ${tool === 'mix' ? 'mix.exs here and in the applications of the umbrella' : 'src/*.app.src here, in apps/* and in lib/*'}. Make one: nx g nx-otp:application ${where}, or give --directory.`,
    });
  }
  if (names === undefined || names.length === 0) return all;
  const unknown = names.filter((name) => !all.some((application) => application.name === name));
  if (unknown.length > 0) {
    throw new OtpError(`there is no application ${unknown.join(', ')}.`, {
      code: 'application-missing',
      file: folder,
      fix: `There are: ${all.map(({ name }) => name).join(', ')}. What they need comes by itself.`,
    });
  }
  return withNeeded(all, names);
}

/** What an application of the project needs of the project starts, too. */
function withNeeded(all: readonly ProjectApplication[], names: readonly string[]): ProjectApplication[] {
  const found = new Set<string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const needed of all.find((application) => application.name === name)?.needs ?? []) visit(needed);
  };
  for (const name of names) visit(name);
  return all.filter(({ name }) => found.has(name));
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
