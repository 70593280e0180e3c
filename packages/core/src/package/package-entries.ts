import { Readable } from 'node:stream';
import { OtpError } from '../error';
import type { FileEntry, FileTree, Release } from '../release';
import type { PackageContents } from './package-contents';
import type { TarballEntry } from './tarball';

export interface PackageEntriesInput {
  readonly next: Release;
  /** The bases, for what they lack and the package can bring. */
  readonly previous: readonly Release[];
  readonly contents: PackageContents;
  /** `NAME_VSN`: what `release_handler:unpack_release/1` is called with. */
  readonly packageName: string;
  /** The text of the relup. */
  readonly relup: string;
  /** The text of each appup, by application. */
  readonly appups: ReadonlyMap<string, string>;
  /** The text of the manifest. */
  readonly manifest: string;
}

/**
 * Some files in `releases` belong to the installation, and unpacking must not bring another node's. A boot script
 * as text is what the boot file was made from: no node reads it.
 */
function isShipped(name: string): boolean {
  return !['RELEASES', 'start_erl.data', 'COOKIE'].includes(name) && !name.endsWith('.script');
}

/**
 * The files of an upgrade package, as `systools:make_tar/2` chooses them: the applications, the folder of the new
 * version with `start.boot` and `relup`, and `releases/NAME_VSN.rel`, by which release_handler knows the package.
 *
 * @throws OtpError (`boot-file-missing`) when the release was made without a boot file
 */
export async function packageEntries(input: PackageEntriesInput): Promise<TarballEntry[]> {
  const { next, previous, contents, packageName, relup, appups, manifest } = input;
  const { tree, versionPath } = next;
  const entries: TarballEntry[] = [];
  const generated = new Map<string, string>();
  for (const { name, version, tree: files } of contents.included) {
    const folder = `lib/${name}-${version}`;
    entries.push(...files.files.map((file) => entryOf(files, file, `${folder}/${file.path}`)));
    const appup = appups.get(name);
    if (appup !== undefined) generated.set(`${folder}/ebin/${name}.appup`, appup);
  }
  for (const file of tree.files) {
    const inVersion = file.path.startsWith(`${versionPath}/`) && isShipped(lastName(file.path));
    const inErts = contents.includesErts && file.path.startsWith(`erts-${next.ertsVersion}/`);
    if (inVersion || inErts) entries.push(entryOf(tree, file, file.path));
  }
  generated.set(`${versionPath}/relup`, relup);
  generated.set(`${versionPath}/upgrade.json`, manifest);
  const made = [
    ...Array.from(generated, ([path, text]) => textEntry(path, text)),
    await copied(next, relPathOf(next), `releases/${packageName}.rel`),
    ...(await startBoot(next)),
  ];
  for (const base of previous) {
    // A downgrade needs it, and unpacking brings files that are missing: releases of reltool have NAME.boot only.
    made.push(...(await startBoot(base)));
  }
  const paths = new Set(made.map((entry) => entry.path));
  return [...entries.filter((entry) => !paths.has(entry.path)), ...made];
}

/** `start.boot` for a release that has only `NAME.boot`; nothing when it is there. */
async function startBoot(release: Release): Promise<TarballEntry[]> {
  const { tree, versionPath, name } = release;
  const has = (path: string): boolean => tree.files.some((file) => file.path === path);
  const target = `${versionPath}/start.boot`;
  if (has(target)) return [];
  const source = `${versionPath}/${name}.boot`;
  if (!has(source)) {
    throw new OtpError(`neither start.boot nor ${name}.boot is in ${versionPath}: release_handler can't install or go back to ${release.version} without one.`, {
      code: 'boot-file-missing',
      file: release.path,
      fix: 'Generate the release again, with its boot script.',
    });
  }
  return [await copied(release, source, target)];
}

function relPathOf(release: Release): string {
  return release.relFile.slice(release.tree.origin.length + 1);
}

async function copied(release: Release, source: string, target: string): Promise<TarballEntry> {
  const content = await release.tree.read(source);
  return { path: target, mode: 0o644, size: content.length, content };
}

function textEntry(path: string, text: string): TarballEntry {
  const content = Buffer.from(text, 'utf8');
  return { path, mode: 0o644, size: content.length, content };
}

function entryOf(tree: FileTree, file: FileEntry, path: string): TarballEntry {
  return {
    path,
    mode: file.mode,
    size: file.size,
    content: () => Readable.from(oneChunk(tree, file.path)),
  };
}

async function* oneChunk(tree: FileTree, path: string): AsyncGenerator<Buffer> {
  yield await tree.read(path);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
