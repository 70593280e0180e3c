import { posix } from 'node:path';
import { OtpError } from '@nx-otp/core';
import type { GeneratorCallback, Tree } from '@nx/devkit';
import { checkName } from '../application-name';
import { inFolder, refuseExisting, writeNewFiles } from '../new-files';
import { workspaceFolder } from '../workspace-folder';
import { elixirApplication } from './elixir-application';
import { erlangApplication, rebarConfig } from './erlang-application';
import type { ApplicationGeneratorOptions } from './schema';

/**
 * Makes an OTP application in a folder of its own.
 * @throws OtpError `application-name`, `workspace-folder`; `file-exists` for a folder that is not empty
 */
export default function application(tree: Tree, options: ApplicationGeneratorOptions): GeneratorCallback {
  const folder = workspaceFolder(options.directory, 'the folder');
  const name = options.name ?? posix.basename(folder);
  if (folder === '.' && options.name === undefined) {
    throw new OtpError('the root of the workspace gives the application no name.', {
      code: 'application-name',
      fix: 'Give --name=NAME, or a folder: nx g nx-otp:application apps/NAME.',
    });
  }
  checkName(name, 'an application', '--name');
  // At the root lie the files of the workspace.
  if (folder !== '.') refuseExisting(filesBelow(tree, folder));
  writeNewFiles(tree, inFolder(folder, filesOf(tree, folder, name, options)));
  return () => {
    console.log(`${folder}: the application ${name}. For a release of it: ${releaseCommand(folder, name)}`);
  };
}

/** As a release finds its applications: in its own folder, in `apps` and in `lib`. */
function releaseCommand(folder: string, name: string): string {
  const parent = posix.dirname(folder);
  const project = ['apps', 'lib'].includes(posix.basename(parent)) ? posix.dirname(parent) : folder;
  if (project === '.') return `nx g nx-otp:release ${name}`;
  const called = posix.basename(project);
  return `nx g nx-otp:release ${called}${called === project ? '' : ` --directory=${project}`}`;
}

function filesOf(
  tree: Tree,
  folder: string,
  name: string,
  { language, supervisor = true }: ApplicationGeneratorOptions,
): Record<string, string> {
  const umbrella = umbrellaOf(tree, folder);
  switch (language ?? (umbrella === undefined ? 'erlang' : 'elixir')) {
    case 'elixir':
      return elixirApplication(name, supervisor, umbrella);
    case 'erlang':
      return {
        ...erlangApplication(name, supervisor),
        ...(!isInRebarProject(tree, folder) && { 'rebar.config': rebarConfig }),
      };
  }
}

/** From an application to the mix umbrella that takes it in, such as `../..`; undefined where there is none. */
function umbrellaOf(tree: Tree, folder: string): string | undefined {
  for (const above of foldersAbove(folder)) {
    const mixExs = tree.read(posix.join(above, 'mix.exs'), 'utf8') ?? '';
    const appsPath = /^[^#]*?\bapps_path:\s*"([^"]+)"/m.exec(mixExs)?.[1];
    if (appsPath !== undefined && posix.join(above, appsPath) === posix.dirname(folder)) {
      return posix.relative(folder, above);
    }
  }
  return undefined;
}

function isInRebarProject(tree: Tree, folder: string): boolean {
  return foldersAbove(folder).some(
    (above) =>
      tree.exists(posix.join(above, 'rebar.config')) || tree.exists(posix.join(above, 'rebar.config.script')),
  );
}

/** The nearest first, up to the root of the workspace. */
function foldersAbove(folder: string): string[] {
  if (folder === '.') return [];
  const above = posix.dirname(folder);
  return [above, ...foldersAbove(above)];
}

function filesBelow(tree: Tree, folder: string): string[] {
  if (tree.isFile(folder)) return [folder];
  return tree.children(folder).flatMap((child) => {
    const path = posix.join(folder, child);
    return tree.isFile(path) ? [path] : filesBelow(tree, path);
  });
}
