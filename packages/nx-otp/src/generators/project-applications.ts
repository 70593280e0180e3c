import { posix } from 'node:path';
import { atomName, listElements, OtpError, readTerms, tupleOf, type Term } from '@nx-otp/core';
import { globAsync, type Tree } from '@nx/devkit';

/** An OTP application in a project. */
export interface ProjectApplication {
  readonly name: string;
  /** Where it lies, from the project: `.`, `apps/NAME`, `../libs/NAME`. */
  readonly folder: string;
  /** What must run before it, as its sources say; empty for one of mix, whose `mix.exs` is not evaluated. */
  readonly needs: readonly string[];
}

/** Where rebar, rebar3 and reltool look for the applications of a project. */
const erlangFolders = ['apps', 'lib'];

/**
 * The applications with a `src/NAME.app.src`, sorted by name.
 * @param project its folder, relative to the root of the workspace
 * @throws OtpError `app-src` for one that says nothing of use, `term-syntax`
 */
export function erlangApplications(tree: Tree, project: string): ProjectApplication[] {
  return foldersOf(tree, project, erlangFolders)
    .flatMap((folder) =>
      tree
        .children(posix.join(project, folder, 'src'))
        .filter((file) => file.endsWith('.app.src'))
        .map((file) => readResource(tree, posix.join(project, folder, 'src', file), folder)),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Where tools put the sources of others, and where tests have theirs. */
const notOfProjects = /(?:^|\/)(?:_build|_checkouts|deps|dist|node_modules|test|[^/]*_SUITE_data)\//;

/** Those of the whole workspace, with their folders seen from `project`; of two with one name the first by folder. */
export async function workspaceApplications(tree: Tree, project: string): Promise<ProjectApplication[]> {
  const files = (await globAsync(tree, ['**/src/*.app.src'])).map((file) => file.replaceAll('\\', '/'));
  return files
    .filter((file) => !notOfProjects.test(file))
    .sort()
    .map((file) => {
      const folder = posix.relative(project, posix.dirname(posix.dirname(file)));
      return readResource(tree, file, folder === '' ? '.' : folder);
    });
}

/** The applications with a `mix.exs` that says `app:`, sorted by name. */
export function mixApplications(
  tree: Tree,
  project: string,
  appsPath: string | undefined,
): ProjectApplication[] {
  return foldersOf(tree, project, appsPath === undefined ? [] : [appsPath])
    .flatMap((folder) => {
      const text = tree.read(posix.join(project, folder, 'mix.exs'), 'utf8') ?? '';
      const name = /^[^#]*?\bapp:\s*:(\w+)/m.exec(text)?.[1];
      return name === undefined ? [] : [{ name, folder, needs: [] }];
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function foldersOf(tree: Tree, project: string, parents: readonly string[]): string[] {
  return [
    '.',
    ...parents.flatMap((parent) =>
      tree.children(posix.join(project, parent)).map((child) => posix.join(parent, child)),
    ),
  ];
}

function readResource(tree: Tree, file: string, folder: string): ProjectApplication {
  const [resource] = readTerms(tree.read(file) ?? '', file).terms;
  const [, name, properties] = (resource && tupleOf(resource, 'application', 3)?.elements) ?? [];
  const written = name && atomName(name);
  if (written === undefined || properties === undefined) {
    throw new OtpError('expected {application, NAME, [...]}.', { code: 'app-src', file });
  }
  return {
    name: written,
    folder,
    needs: ['applications', 'included_applications'].flatMap((key) => namesIn(properties, key)),
  };
}

function namesIn(properties: Term, key: string): string[] {
  for (const property of listElements(properties) ?? []) {
    const [, names] = tupleOf(property, key, 2)?.elements ?? [];
    if (names !== undefined) return (listElements(names) ?? []).flatMap((name) => atomName(name) ?? []);
  }
  return [];
}
