import { stat } from 'node:fs/promises';
import { isAbsolute, posix } from 'node:path';
import { findObstacles, groupByFolder, type Obstacle } from '../package/files-in-the-way';
import type { InstalledRelease } from '../release/installation';
import { filesInTheWay, type Diagnostic, type Severity } from '../rules';
import type { Installation } from './open-installation';
import type { OpenPackage } from './read-package';

/** Whether release_handler can unpack a package here, install it and go back, whichever version is installed. */
export async function verifyInstallation(
  opened: OpenPackage,
  installation: Installation,
): Promise<Diagnostic[]> {
  return [
    ...missingSasl(installation),
    ...installedVersions(opened, installation),
    ...(await wayBack(opened, installation)),
    ...(await inTheWay(opened, installation)),
  ];
}

function missingSasl({ permanent, path }: Installation): Diagnostic[] {
  if (permanent.applications.some(({ name }) => name === 'sasl')) return [];
  return [
    finding(
      'missing-sasl',
      `${path} does not have sasl, and sasl holds OTP's release_handler, which installs upgrades.`,
      "Add sasl to the release's applications, and install that release in the ordinary way once.",
    ),
  ];
}

/** `unpack_release` refuses a version that it knows (`existing_release`), and `install_release` leads from the current one. */
function installedVersions({ manifest, versionPath }: OpenPackage, installation: Installation): Diagnostic[] {
  const { path, permanent, releases = [], tree } = installation;
  const findings: Diagnostic[] = [];
  const twin = releases.find(({ version }) => version === manifest.version);
  if (permanent.version === manifest.version || twin !== undefined) {
    findings.push(
      finding(
        'already-installed',
        `${path} has ${manifest.version} already (${twin?.status ?? 'permanent'}), and release_handler unpacks no version twice.`,
        `Remove it there with release_handler:remove_release("${manifest.version}"), or give the new release another version.`,
      ),
    );
  } else if (tree.files.some((file) => file.path.startsWith(`${versionPath}/`))) {
    findings.push(
      finding(
        'version-folder-left',
        `${path} has a folder ${versionPath}, though no release of that version is installed: an earlier try has left it, and unpacking keeps what is in it.`,
        `Remove ${versionPath} there.`,
        'warning',
      ),
    );
  }
  const current = releases.find(
    ({ status, version }) => /current$/.test(status) && version !== permanent.version,
  );
  if (current !== undefined) {
    findings.push(
      finding(
        'not-permanent',
        `${path} starts ${permanent.version}, and ${current.version} is installed there and not permanent: a node that still runs it is upgraded from ${current.version}.`,
        `Make it permanent with release_handler:make_permanent("${current.version}"), or restart the node.`,
      ),
    );
  }
  return findings;
}

/** A downgrade boots nothing, but wants the boot file of the old release, and finds its applications by `RELEASES`. */
async function wayBack({ tree: packed }: OpenPackage, installation: Installation): Promise<Diagnostic[]> {
  const { path, permanent, releases, tree } = installation;
  const { name, version } = permanent;
  const findings: Diagnostic[] = [];
  const boot = `releases/${version}/start.boot`;
  if (![packed, tree].some(({ files }) => files.some((file) => file.path === boot))) {
    findings.push(
      finding(
        'start-boot-missing',
        `neither ${path} nor the package has ${boot}, so there is no way back to ${version}.`,
        `Copy releases/${version}/${name}.boot there to start.boot, or make the package for what is installed.`,
      ),
    );
  }
  const entry = releases?.find((release) => release.version === version);
  const problem =
    releases === undefined
      ? `${path} has no releases/RELEASES, so release_handler knows of no application of ${version}, and there is no way back to it`
      : entry === undefined
        ? `releases/RELEASES in ${path} does not list ${version}, which starts at boot`
        : entry.status !== 'permanent'
          ? `releases/RELEASES in ${path} says that ${version} is ${entry.status}, and releases/start_erl.data that it starts at boot`
          : await libraryProblem(entry, installation);
  if (problem !== undefined) {
    findings.push(
      finding(
        releases === undefined ? 'releases-file-missing' : 'releases-file-stale',
        `${problem}.`,
        `In the root of the release, with the node stopped or about to restart, run release_handler:create_RELEASES("", "releases", "releases/${version}/${name}.rel", []).`,
      ),
    );
  }
  return findings;
}

/** Relative paths are read from the root, wherever it lies; absolute ones only hold where they were written. */
async function libraryProblem(
  { libraries, version }: InstalledRelease,
  { tree, path, permanent }: Installation,
): Promise<string | undefined> {
  const listed = new Set(libraries.map((library) => `${library.name} ${library.version}`));
  const unlisted = permanent.applications.filter(
    (application) => !listed.has(`${application.name} ${application.version}`),
  );
  if (unlisted.length > 0) {
    const names = unlisted.map((application) => `${application.name} ${application.version}`).join(', ');
    return `releases/RELEASES in ${path} lists ${version} without ${names}`;
  }
  const missing: string[] = [];
  for (const library of libraries) {
    if (!(await isThere(library.path, tree.files))) missing.push(library.path);
  }
  if (missing.length === 0) return undefined;
  const shown = missing.slice(0, 3).join(', ');
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return `releases/RELEASES in ${path} looks for applications of ${version} where they are not: ${shown}${more}`;
}

async function isThere(libraryPath: string, files: Installation['tree']['files']): Promise<boolean> {
  if (isAbsolute(libraryPath)) {
    return stat(libraryPath).then(
      () => true,
      () => false,
    );
  }
  // Of an archive the path goes on inside it.
  const place = posix.normalize(libraryPath).replace(/\.ez\/.*$/, '.ez');
  return files.some((file) => file.path === place || file.path.startsWith(`${place}/`));
}

async function inTheWay(
  { manifest, versionPath, tree: packed }: OpenPackage,
  { applications, tree, path }: Installation,
): Promise<Diagnostic[]> {
  const own = new Set(applications.flatMap(({ libPath }) => (libPath === undefined ? [] : [libPath])));
  const obstacles = findObstacles(
    packed.files.map((file) => file.path),
    { versionPath, ertsVersion: manifest.erts },
    new Set(tree.files.map((file) => file.path)),
    own,
  );
  const atSamePath = obstacles.filter(({ path, obstacle }) => path === obstacle).map((found) => found.path);
  const brought = await packed.hashes(atSamePath);
  const kept = await tree.hashes(atSamePath);
  const isInTheWay = ({ path, obstacle }: Obstacle): boolean =>
    path !== obstacle || brought.get(path) !== kept.get(path);
  return groupByFolder(path, obstacles.filter(isInTheWay)).map(filesInTheWay);
}

function finding(code: string, message: string, fix: string, severity: Severity = 'error'): Diagnostic {
  return { code, severity, message, fix };
}
