import { OtpError } from '../error';
import { readTerms } from '../erlang';
import { parseAppFile } from './app-file';
import { releaseConfiguration } from './configuration';
import { openEz } from './ez-tree';
import type { FileTree } from './file-tree';
import { parseBootVersion, parseInstalledReleases, releasesFile, startErlData } from './installation';
import type { Application, Release } from './model';
import { openTree } from './open-tree';
import { parseRelFile, type RelApplication, type RelFile } from './rel-file';
import { subTree } from './sub-tree';

/**
 * Reads a release, whose path may be absolute or relative to the working directory.
 *
 * Of several versions in one folder it reads the one that starts at boot (`releases/start_erl.data`).
 *
 * @param path the root folder of a target system (the one that holds `lib` and `releases`), or a `.tar.gz` of it
 * @throws OtpError (`release-missing`, `release-unreadable`, `rel-file`, `app-file`, ...) with the file and what to do
 */
export async function readRelease(path: string): Promise<Release> {
  return releaseInTree(await openTree(path), path);
}

/** As `readRelease`, of a tree that is open already. */
export async function releaseInTree(tree: FileTree, path: string): Promise<Release> {
  const { rel, relFile, versionPath, installed, boots } = await readReleasesFolder(tree);
  return {
    name: rel.name,
    version: rel.version,
    ertsVersion: rel.ertsVersion,
    relFile: `${tree.origin}/${relFile}`,
    path,
    tree,
    applications: await readApplications(tree, rel, relFile),
    versionPath,
    configuration: releaseConfiguration(tree, versionPath),
    installed,
    boots,
  };
}

interface FoundRel {
  readonly rel: RelFile;
  readonly relFile: string;
  readonly versionPath: string;
}

/**
 * The `.rel` files lie in `releases/VSN`. Others than that of the release stand beside it (`start_clean.rel`), and
 * release_handler leaves a copy under the package's name (`dummy_0.2.rel`). Those of versions that do not start at
 * boot are not read.
 */
async function readReleasesFolder(tree: FileTree): Promise<FoundRel & Pick<Release, 'installed' | 'boots'>> {
  const contents = await readAll(
    tree,
    tree.files
      .map((file) => file.path)
      .filter((path) => path === startErlData || path === releasesFile || relInVersionFolder(path)),
  );
  const bootContent = contents.get(startErlData);
  const boots = bootContent && parseBootVersion(bootContent);
  const candidates: FoundRel[] = [];
  for (const [path, content] of contents) {
    const version = relInVersionFolder(path);
    if (version === undefined || (boots !== undefined && version !== boots.version)) continue;
    const rel = parseRelFile(readTerms(content, `${tree.origin}/${path}`), version);
    if (rel.version === version) candidates.push({ rel, relFile: path, versionPath: `releases/${version}` });
  }
  const installed = contents.get(releasesFile);
  return {
    ...chooseRel(tree, candidates, boots?.version),
    installed: installed && parseInstalledReleases(installed, `${tree.origin}/${releasesFile}`),
    boots,
  };
}

/** `VSN` of `releases/VSN/NAME.rel`. */
function relInVersionFolder(path: string): string | undefined {
  return /^releases\/([^/]+)\/[^/]+\.rel$/.exec(path)?.[1];
}

function chooseRel(tree: FileTree, candidates: readonly FoundRel[], boots: string | undefined): FoundRel {
  const versions = [...new Set(candidates.map(({ rel }) => rel.version))];
  if (versions.length > 1) {
    throw new OtpError(
      `it holds the versions ${versions.join(', ')}, and releases/start_erl.data names none of them.`,
      {
        code: 'release-ambiguous',
        file: tree.origin,
        fix: 'Write "ERTS-VSN VSN" into releases/start_erl.data to say which version is meant.',
      },
    );
  }
  // release_handler's copy has the longer name.
  const sorted = [...candidates].sort((a, b) => a.relFile.length - b.relFile.length);
  const [first] = sorted;
  if (first === undefined) {
    throw boots === undefined
      ? new OtpError('there is no release here: no releases/VSN/NAME.rel whose version is VSN.', {
          code: 'release-missing',
          file: tree.origin,
          fix: 'Give the root folder of a target system (it holds lib, releases and mostly erts-VSN), or a .tar.gz of one.',
        })
      : new OtpError(
          `${startErlData} says that version ${boots} starts at boot, but there is no releases/${boots}/NAME.rel of that version.`,
          {
            code: 'release-missing',
            file: tree.origin,
            fix: 'Give the whole release, or correct the version in that file.',
          },
        );
  }
  if (sorted.some(({ rel }) => rel.name !== first.rel.name)) {
    throw new OtpError(
      `${sorted.map(({ relFile }) => relFile).join(' and ')} are two releases of one version.`,
      {
        code: 'release-ambiguous',
        file: tree.origin,
        fix: 'Keep one release in a folder.',
      },
    );
  }
  return first;
}

/**
 * Where an application may lie, in the order it is looked for. OTP's tools write the first two; a folder without a
 * version is what a source tree has.
 */
function placesOf({ name, version }: RelApplication): { folder: string; appFile: string; archive: string }[] {
  return [`${name}-${version}`, name].map((folder) => ({
    folder,
    appFile: `lib/${folder}/ebin/${name}.app`,
    archive: `lib/${folder}.ez`,
  }));
}

async function readApplications(tree: FileTree, rel: RelFile, relFile: string): Promise<Application[]> {
  const present = new Set(tree.files.map((file) => file.path));
  const contents = await readAll(
    tree,
    rel.applications
      .flatMap(placesOf)
      .flatMap(({ appFile, archive }) => [appFile, archive])
      .filter((path) => present.has(path)),
  );
  const applications: Application[] = [];
  const missing: string[] = [];
  for (const entry of rel.applications) {
    const found = await readApplication(tree, entry, contents);
    if ('libPath' in found) applications.push(found);
    else missing.push(found.missing);
  }
  if (missing.length > 0) {
    refuseWithoutErlang(tree, rel, relFile, missing);
    throw new OtpError(
      `the release ${rel.name} ${rel.version} names applications that are not there: ${missing.join(', ')}.`,
      {
        code: 'application-missing',
        file: `${tree.origin}/${relFile}`,
        fix: 'Give the whole release (the folder or tarball that was first installed), not an upgrade package that leaves out what has not changed.',
      },
    );
  }
  return applications;
}

/** `include_erts: false`: mix and relx leave out the applications of OTP with the emulator. */
function refuseWithoutErlang(
  tree: FileTree,
  rel: RelFile,
  relFile: string,
  missing: readonly string[],
): void {
  const has = (start: string): boolean => tree.files.some(({ path }) => path.startsWith(start));
  // An upgrade package leaves them out, too.
  if (has('erts-') || has(`releases/${rel.version}/relup`)) return;
  if (!missing.some((library) => library.startsWith('lib/kernel-'))) return;
  throw new OtpError(
    `the release ${rel.name} ${rel.version} has neither an emulator nor the applications of OTP: its node takes the Erlang/OTP of the machine it runs on, in which release_handler looks for releases, and can't be upgraded hot.`,
    {
      code: 'release-without-erlang',
      file: `${tree.origin}/${relFile}`,
      fix: 'Leave include_erts: false out of mix.exs ({include_erts, false} out of rebar.config), build the release again, and deploy it once with a restart.',
    },
  );
}

async function readApplication(
  tree: FileTree,
  entry: RelApplication,
  contents: ReadonlyMap<string, Buffer>,
): Promise<Application | { readonly missing: string }> {
  const others: string[] = [];
  for (const { folder, appFile, archive } of placesOf(entry)) {
    const inFolder = contents.get(appFile);
    if (inFolder !== undefined) {
      const libPath = `lib/${folder}`;
      const found = applicationIn(subTree(tree, libPath), libPath, entry, inFolder);
      if ('tree' in found) return found;
      others.push(found.other);
    }
    const archived = contents.get(archive);
    if (archived !== undefined) {
      const ez = subTree(await openEz(archived, `${tree.origin}/${archive}`), folder);
      const inArchive = `ebin/${entry.name}.app`;
      if (!ez.files.some((file) => file.path === inArchive)) continue;
      const found = applicationIn(ez, archive, entry, await ez.read(inArchive));
      if ('tree' in found) return found;
      others.push(found.other);
    }
  }
  const name = `lib/${entry.name}-${entry.version}`;
  return { missing: others.length === 0 ? name : `${name} (${others.join(', ')})` };
}

/** An application in a folder may be of another version than its name says: as in OTP, the .app decides. */
function applicationIn(
  tree: FileTree,
  libPath: string,
  entry: RelApplication,
  appFile: Buffer,
): Application | { readonly other: string } {
  const resource = parseAppFile(readTerms(appFile, `${tree.origin}/ebin/${entry.name}.app`));
  if (resource.name !== entry.name || resource.version !== entry.version) {
    return { other: `the .app in ${libPath} is of ${resource.name} ${resource.version}` };
  }
  return {
    name: entry.name,
    version: entry.version,
    startType: entry.startType,
    includedApplications: entry.includedApplications ?? resource.includedApplications,
    resource,
    libPath,
    tree,
  };
}

/** In one pass, since in a tarball each is a decompression. */
async function readAll(tree: FileTree, paths: readonly string[]): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  await tree.readMany(paths, (path, content) => {
    contents.set(path, content);
  });
  return contents;
}
