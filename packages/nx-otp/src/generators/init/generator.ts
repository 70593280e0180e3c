import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addDependenciesToPackageJson,
  formatFiles,
  readJson,
  type GeneratorCallback,
  type Tree,
} from '@nx/devkit';
import { missingPatterns, withPatterns } from './ignored-files';
import { withPlugin } from './plugin-in-nx-json';
import type { InitGeneratorOptions } from './schema';
import { trackedFile } from './tracked-files';

const plugin = 'nx-otp';

/** Names the plugin in `nx.json`, completes `.gitignore`, and puts the plugin into a `package.json` that lacks it. */
export default async function init(tree: Tree, options: InitGeneratorOptions): Promise<GeneratorCallback> {
  namePlugin(tree);
  ignoreBuilds(tree);
  const install = dependOnPlugin(tree, options);
  if (options.skipFormat !== true) await formatFiles(tree);
  return install;
}

function namePlugin(tree: Tree): void {
  const before = tree.read('nx.json', 'utf8') ?? undefined;
  const after = withPlugin(before, plugin);
  if (after !== before) tree.write('nx.json', after);
}

function ignoreBuilds(tree: Tree): void {
  const before = tree.read('.gitignore', 'utf8') ?? '';
  const patterns = missingPatterns(before).filter((pattern) => {
    const tracked = trackedFile(tree.root, pattern);
    if (tracked === undefined) return true;
    const more = tracked.more === 0 ? '' : ` and ${tracked.more} more`;
    console.warn(
      `.gitignore: ${pattern} is left out, since git tracks ${tracked.file}${more}. A build that writes there changes what Nx hashes: to ignore it, git rm --cached what builds make, and run nx g nx-otp:init again.`,
    );
    return false;
  });
  const after = withPatterns(before, patterns);
  if (after !== before) tree.write('.gitignore', after);
}

/** A workspace whose Nx lies in `.nx/installation` has none, and names the plugin in `nx.json`. */
function dependOnPlugin(tree: Tree, options: InitGeneratorOptions): GeneratorCallback {
  const nothing = (): void => undefined;
  if (options.skipPackageJson === true || !tree.exists('package.json')) return nothing;
  const { dependencies, devDependencies } = readJson<Dependencies>(tree, 'package.json');
  const present = dependencies?.[plugin] ?? devDependencies?.[plugin];
  // A tarball, a folder or the workspace itself says more than a version does.
  if (present !== undefined && /[:/]/.test(present)) return nothing;
  const version = { [plugin]: `^${ownVersion()}` };
  return addDependenciesToPackageJson(tree, {}, version, 'package.json', options.keepExistingVersions);
}

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function ownVersion(): string {
  const file = join(__dirname, '..', '..', '..', 'package.json');
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return version;
}
