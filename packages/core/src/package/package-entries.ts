import { OtpError } from '../error';
import {
  layoutOf,
  recordedLibraries,
  versionedStartScript,
  type FileEntry,
  type FileTree,
  type Release,
} from '../release';
import { readBootFile, type BootFile } from './boot-file';
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
 * as text is what the boot file was made from: no node reads it. A package may lie there from an earlier run.
 */
function isShipped(name: string): boolean {
  return (
    !['RELEASES', 'start_erl.data', 'COOKIE'].includes(name) &&
    !name.endsWith('.script') &&
    !name.endsWith('.tar.gz')
  );
}

/**
 * The files of an upgrade package, as `systools:make_tar/2` chooses them: the applications, the folder of the new
 * version with `start.boot` and `relup`, and `releases/NAME_VSN.rel`, by which release_handler knows the package.
 *
 * @throws OtpError (`boot-file-missing`, `boot-file`, `boot-path-missing`, `erts-missing`) when the node could not boot
 *   what the package brings
 */
export async function packageEntries(input: PackageEntriesInput): Promise<TarballEntry[]> {
  const { next, previous, contents, packageName, relup, appups, manifest } = input;
  const { tree, versionPath } = next;
  const boot = await readBootFile(next);
  const layout = layoutOf(next);
  const entries: TarballEntry[] = [];
  const generated = new Map<string, string>();
  const archives = new Set<string>();
  for (const { name, version, tree: files, libPath } of contents.included) {
    const folder = `lib/${name}-${version}`;
    for (const file of files.files) entries.push(entryOf(files, file, `${folder}/${file.path}`));
    // release_handler wants a folder; the archive is left out, but for a boot script that names it. reltool's does not.
    if (libPath.endsWith('.ez') && boot.codePath.some((path) => path.startsWith(`${libPath}/`)))
      archives.add(libPath);
    const appup = appups.get(name);
    if (appup !== undefined) generated.set(`${folder}/ebin/${name}.appup`, appup);
  }
  const erts = `erts-${next.ertsVersion}`;
  for (const file of tree.files) {
    const inVersion = file.path.startsWith(`${versionPath}/`) && isShipped(lastName(file.path));
    const inErts = contents.includesErts && file.path.startsWith(`${erts}/`);
    const isStartScript = layout === 'relx' && file.path === versionedStartScript(next);
    if (inVersion || inErts || isStartScript || archives.has(file.path))
      entries.push(entryOf(tree, file, file.path));
  }
  if (contents.includesErts && !entries.some(({ path }) => path.startsWith(`${erts}/`))) {
    throw new OtpError(
      `a previous release runs another emulator than ${erts}, and this release does not hold it.`,
      {
        code: 'erts-missing',
        file: next.path,
        fix: 'Generate the release with its emulator ({incl_erts, true} and the like), or for the emulator of the previous release.',
      },
    );
  }
  generated.set(`${versionPath}/relup`, relup);
  generated.set(`${versionPath}/upgrade.json`, manifest);
  const rel = await tree.read(relPathOf(next));
  const made = [
    ...Array.from(generated, ([path, text]) => entryWith(path, Buffer.from(text, 'utf8'))),
    entryWith(`releases/${packageName}.rel`, rel),
    // unpack_release("VSN/NAME"), which the script of relx calls, takes releases/VSN/NAME.rel away in the end.
    ...(layout === 'relx' ? [entryWith(`${versionPath}/${packageName}.rel`, rel)] : []),
    ...startBoot(boot),
  ];
  for (const base of previous) for (const entry of await whatIsMissingIn(base)) made.push(entry);
  const paths = new Set(made.map((entry) => entry.path));
  const all = [...entries.filter((entry) => !paths.has(entry.path)), ...made];
  refuseMissingCodePath(boot, all, input);
  return all;
}

/** What a downgrade to the base needs, and unpacking brings, since files that are missing are added. */
async function whatIsMissingIn(base: Release): Promise<TarballEntry[]> {
  // Releases of reltool have NAME.boot only.
  const entries = startBoot(await readBootFile(base));
  for (const { application, state } of recordedLibraries(base) ?? []) {
    if (state !== 'suppliable') continue;
    const { name, version, tree } = application;
    for (const file of tree.files) entries.push(entryOf(tree, file, `lib/${name}-${version}/${file.path}`));
  }
  return entries;
}

/** `start.boot` for a release that has only another boot file; nothing when it is there. */
function startBoot({ path, content, isThere }: BootFile): TarballEntry[] {
  return isThere ? [] : [entryWith(path, content)];
}

/** Whatever the layout of the release: where its boot script looks for code, there must be some after unpacking. */
function refuseMissingCodePath(
  { codePath }: BootFile,
  entries: readonly TarballEntry[],
  { next, previous }: PackageEntriesInput,
): void {
  const inPackage = foldersOf(entries);
  const inBases = previous.map((base) => ({ base, folders: foldersOf(base.tree.files) }));
  for (const folder of codePath) {
    const place = /^.*?\.ez(?=\/)/.exec(folder)?.[0] ?? folder;
    if (inPackage.has(place)) continue;
    const lacking = inBases.find(({ folders }) => !folders.has(place));
    if (lacking === undefined) continue;
    throw new OtpError(
      `the boot script of ${next.version} looks for code in ${folder}, which neither the package nor the previous release in ${lacking.base.path} has.`,
      {
        code: 'boot-path-missing',
        file: next.path,
        fix: 'Generate the release with its applications in lib/NAME-VSN, and its boot script for them.',
      },
    );
  }
}

/** The files and all folders above them. */
function foldersOf(files: readonly { readonly path: string }[]): Set<string> {
  const folders = new Set<string>();
  for (const { path } of files) {
    for (
      let above = path;
      above !== '' && !folders.has(above);
      above = above.slice(0, Math.max(0, above.lastIndexOf('/')))
    ) {
      folders.add(above);
    }
  }
  return folders;
}

function relPathOf(release: Release): string {
  return release.relFile.slice(release.tree.origin.length + 1);
}

function entryWith(path: string, content: Buffer): TarballEntry {
  return { path, mode: 0o644, size: content.length, content };
}

function entryOf(tree: FileTree, file: FileEntry, path: string): TarballEntry {
  return {
    path,
    mode: file.mode,
    size: file.size,
    content: () => oneChunk(tree, file.path),
  };
}

async function* oneChunk(tree: FileTree, path: string): AsyncGenerator<Buffer> {
  yield await tree.read(path);
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
