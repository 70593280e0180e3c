import { contentHash, releaseContentHash, type Application, type Release } from '../release';
import type { Relup, RelupEntry } from '../relup';
import { readEmulator, type Architecture } from './emulator';
import type { PackageContents } from './package-contents';

/** What a reader of manifests checks first; another number is another shape. */
export const manifestFormatVersion = 1;

/**
 * What a package is for, what it holds, what it relies on and what it will do. It lies in the package as
 * `releases/VSN/upgrade.json`, and beside it as `NAME_VSN.json`, with the hash of the tar. The same releases give
 * the same manifest, wherever they lie. The versions of `kernel` and `stdlib` are among the applications.
 */
export interface PackageManifest {
  readonly formatVersion: typeof manifestFormatVersion;
  /** Of the release that the package leads to, as are `version`, `erts`, `otp` and `architecture`. */
  readonly name: string;
  readonly version: string;
  readonly erts: string;
  /** The OTP release, such as `25`; known only where the release has an emulator. */
  readonly otp?: string;
  /** What its machine code is made for; known only where the release has an emulator. */
  readonly architecture?: Architecture;
  /** The releases that this package can be installed on. */
  readonly bases: readonly ManifestBase[];
  readonly included: readonly ApplicationContent[];
  /** Left out, because every base has them. */
  readonly assumed: readonly ApplicationContent[];
  /** What the upgrade from each base does, and the way back: the way up first, in the order of `bases`. */
  readonly pairs: readonly PairSummary[];
}

export interface ManifestBase {
  readonly version: string;
  readonly erts: string;
  /** As `releaseContentHash` gives it, of the base that the upgrade was planned for. */
  readonly releaseContentHash: string;
  /** Its applications that the new release does not have with the same content: what it was planned to replace. */
  readonly differing: readonly ApplicationContent[];
}

export interface ApplicationContent {
  readonly name: string;
  readonly version: string;
  /** As `contentHash` gives it, of the application's folder without its appup. */
  readonly contentHash: string;
}

/** What a relup's entry for a base does, in numbers of modules. */
export interface PairSummary {
  /** The version of the base. */
  readonly base: string;
  readonly direction: 'up' | 'down';
  /** In both releases, and loaded anew; those that are updated, too. */
  readonly loaded: number;
  /** The state of their processes is converted by `code_change`. */
  readonly updated: number;
  /** Loaded, and only in the release that is entered. */
  readonly added: number;
  /** Unloaded, and only in the release that is left. */
  readonly removed: number;
  /** Their processes are suspended. */
  readonly suspended: number;
  readonly restartsEmulator: boolean;
}

export async function packageManifest(
  next: Release,
  previous: readonly Release[],
  contents: PackageContents,
  relup: Relup,
): Promise<PackageManifest> {
  const included = await contentOf(contents.included);
  const assumed = await contentOf(contents.assumed);
  const ofNext = new Set([...included, ...assumed].map(identity));
  const bases: ManifestBase[] = [];
  for (const base of previous) {
    bases.push({
      version: base.version,
      erts: base.ertsVersion,
      releaseContentHash: await releaseContentHash(base.tree),
      differing: (await contentOf(base.applications)).filter(
        (application) => !ofNext.has(identity(application)),
      ),
    });
  }
  const { otp, architecture } = await readEmulator(next.tree, next.ertsVersion);
  return {
    formatVersion: manifestFormatVersion,
    name: next.name,
    version: next.version,
    erts: next.ertsVersion,
    ...(otp !== undefined && { otp }),
    ...(architecture !== undefined && { architecture }),
    bases,
    included,
    assumed,
    pairs: previous.flatMap((base) => summaries(base, next, relup)),
  };
}

async function contentOf(applications: readonly Application[]): Promise<ApplicationContent[]> {
  const content: ApplicationContent[] = [];
  for (const { name, version, tree } of applications) {
    content.push({ name, version, contentHash: await contentHash(tree, isApplicationContent) });
  }
  return content;
}

/** Nothing on a node reads an appup, and the package has others than the release. */
export function isApplicationContent(path: string): boolean {
  return !path.endsWith('.appup');
}

function identity({ name, version, contentHash }: ApplicationContent): string {
  return `${name} ${version} ${contentHash}`;
}

function summaries(base: Release, next: Release, relup: Relup): PairSummary[] {
  const ofBase = ({ version }: RelupEntry): boolean => version === base.version;
  return [
    ...relup.up.filter(ofBase).map((entry) => summary('up', entry, modulesOf(base), modulesOf(next))),
    ...relup.down.filter(ofBase).map((entry) => summary('down', entry, modulesOf(next), modulesOf(base))),
  ];
}

/** A module counts once, however many instructions name it: stopping an application unloads what starting it loads. */
function summary(
  direction: 'up' | 'down',
  { version, instructions }: RelupEntry,
  left: ReadonlySet<string>,
  entered: ReadonlySet<string>,
): PairSummary {
  const loaded = new Set<string>();
  const updated = new Set<string>();
  const removed = new Set<string>();
  const suspended = new Set<string>();
  let restartsEmulator = false;
  for (const instruction of instructions) {
    switch (instruction.kind) {
      case 'load':
        loaded.add(instruction.module);
        break;
      case 'remove':
        removed.add(instruction.module);
        break;
      case 'code_change':
        for (const { module } of instruction.changes) updated.add(module);
        break;
      case 'suspend':
        for (const { module } of instruction.modules) suspended.add(module);
        break;
      case 'restart_emulator':
      case 'restart_new_emulator':
        restartsEmulator = true;
        break;
      default:
    }
  }
  const added = [...loaded].filter((module) => !left.has(module));
  return {
    base: version,
    direction,
    loaded: loaded.size - added.length,
    updated: updated.size,
    added: added.length,
    removed: [...removed].filter((module) => !entered.has(module)).length,
    suspended: suspended.size,
    restartsEmulator,
  };
}

function modulesOf(release: Release): Set<string> {
  return new Set(release.applications.flatMap(({ resource }) => resource.modules));
}
