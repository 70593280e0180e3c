import { posix } from 'node:path';
import { erlangToolchain, OtpError } from '@nx-otp/core';
import { buildToolVersion } from '@nx-otp/core/toolchain';
import {
  detectPackageManager,
  getPackageManagerCommand,
  globAsync,
  readNxJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { writeNewFiles } from '../new-files';
import { githubWorkflow } from './github-workflow';
import { gitlabWorkflow } from './gitlab-workflow';
import type { CiWorkflowGeneratorOptions } from './schema';
import type { WorkflowSetup } from './workflow-setup';

/**
 * Writes the workflow of a CI.
 * @throws OtpError `file-exists`; `ci-name`, `ci-version` for options that would not be what they say in its file
 */
export default async function ciWorkflow(
  tree: Tree,
  options: CiWorkflowGeneratorOptions,
): Promise<GeneratorCallback> {
  const setup = await setupOf(tree, options);
  const { ci = 'github' } = options;
  const file = ci === 'github' ? `.github/workflows/${fileName(setup.name)}.yml` : '.gitlab-ci.yml';
  writeNewFiles(tree, { [file]: ci === 'github' ? githubWorkflow(setup) : gitlabWorkflow(setup) });
  return () => {
    console.log(
      `${file}: written. It takes the release in production from previousRelease of the target previous-release: nx show project PROJECT`,
    );
  };
}

async function setupOf(tree: Tree, options: CiWorkflowGeneratorOptions): Promise<WorkflowSetup> {
  const pinned = pinnedVersions(tree);
  const mixProjects = outermost(await foldersWith(tree, 'mix.exs'));
  const otpVersion = options.otpVersion ?? pinned.get('erlang') ?? majorOf(erlangToolchain()?.otpVersion);
  const elixirVersion =
    options.elixirVersion ?? pinned.get('elixir')?.replace(/-otp-.*$/, '') ?? installedElixir();
  if (otpVersion === undefined) throw versionMissing('Erlang/OTP', '--otpVersion=27');
  if (mixProjects.length > 0 && elixirVersion === undefined) {
    throw versionMissing('Elixir', '--elixirVersion=1.18');
  }
  for (const version of [otpVersion, elixirVersion]) {
    if (version === undefined || /^[\w.-]+$/.test(version)) continue;
    throw new OtpError(`expected a version, found ${JSON.stringify(version)}.`, {
      code: 'ci-version',
      fix: 'Give one such as 27 or 25.3.2.',
    });
  }
  return {
    name: options.name ?? 'CI',
    mainBranch: (readNxJson(tree)?.defaultBase ?? 'main').replace(/^origin\//, ''),
    otpVersion,
    elixirVersion: mixProjects.length > 0 ? elixirVersion : undefined,
    rebar3: (await foldersWith(tree, 'rebar.config')).length > 0,
    mixProjects,
    ...packageManagerOf(tree),
  };
}

function versionMissing(what: string, option: string): OtpError {
  return new OtpError(`nothing here says which version of ${what} the workflow shall set up.`, {
    code: 'ci-version',
    fix: `Give ${option}, that of production, or write it into .tool-versions.`,
  });
}

/** What a version manager installs for the workspace. */
function pinnedVersions(tree: Tree): Map<string, string> {
  const lines = (tree.read('.tool-versions', 'utf8') ?? '').split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const [, tool, version] = /^\s*(\w+)\s+([^\s#]+)/.exec(line) ?? [];
      return tool === undefined || version === undefined ? [] : [[tool, version] as const];
    }),
  );
}

function majorOf(version: string | undefined): string | undefined {
  return version === undefined ? undefined : /^\d+/.exec(version)?.[0];
}

/** Such as `1.18`. */
function installedElixir(): string | undefined {
  return /^\d+\.\d+/.exec(buildToolVersion('mix') ?? '')?.[0];
}

function packageManagerOf(tree: Tree): Pick<WorkflowSetup, 'packageManager' | 'nx'> {
  if (!tree.exists('package.json')) return { packageManager: undefined, nx: './nx' };
  const name = detectPackageManager(tree.root);
  const { ciInstall, exec } = getPackageManagerCommand(name, tree.root);
  return { packageManager: { name: knownManager(name), install: ciInstall }, nx: `${exec} nx` };
}

function knownManager(name: string): 'npm' | 'pnpm' | 'yarn' | 'bun' {
  return name === 'pnpm' || name === 'yarn' || name === 'bun' ? name : 'npm';
}

async function foldersWith(tree: Tree, file: string): Promise<string[]> {
  const found = await globAsync(tree, [`**/${file}`]);
  return found
    .filter((path) => !/(?:^|\/)(?:_build|_checkouts|deps|dist|node_modules)\//.test(path))
    .map((path) => posix.dirname(path.replaceAll('\\', '/')))
    .sort();
}

/** Without those that lie in another one: the applications of an umbrella. */
function outermost(folders: readonly string[]): string[] {
  return folders.filter(
    (folder) =>
      !folders.some((other) => other !== folder && (other === '.' || folder.startsWith(`${other}/`))),
  );
}

function fileName(name: string): string {
  const file = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (file !== '') return file;
  throw new OtpError(`${JSON.stringify(name)} gives the workflow no file name.`, {
    code: 'ci-name',
    fix: 'Give --name with letters or digits in it.',
  });
}
