import { findObstacles, groupByFolder, type Obstacle } from '../package/files-in-the-way';
import { recordedLibraries } from '../release';
import { filesInTheWay, wayBackNotRecorded, type Diagnostic, type RuleCode, type Severity } from '../rules';
import type { Installation } from './open-installation';
import type { OpenPackage } from './read-package';

/** Whether release_handler can unpack a package here, install it and go back, whichever version is installed. */
export async function verifyInstallation(
  opened: OpenPackage,
  installation: Installation,
  isCopy: boolean,
): Promise<Diagnostic[]> {
  return [
    ...missingSasl(installation),
    ...installedVersions(opened, installation),
    ...missingStartBoot(opened, installation),
    ...statusOfBase(installation),
    ...(await wayBack(opened, installation, isCopy)),
    ...(await inTheWay(opened, installation)),
  ];
}

function missingSasl({ applications, path }: Installation): Diagnostic[] {
  if (applications.some(({ name }) => name === 'sasl')) return [];
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
  const { path, version: starts, installed = [], tree } = installation;
  const findings: Diagnostic[] = [];
  const twin = installed.find(({ version }) => version === manifest.version);
  if (starts === manifest.version || twin !== undefined) {
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
  const current = installed.find(({ status, version }) => /current$/.test(status) && version !== starts);
  if (current !== undefined) {
    findings.push(
      finding(
        'not-permanent',
        `${path} starts ${starts}, and ${current.version} is installed there and not permanent: a node that still runs it is upgraded from ${current.version}.`,
        `Make it permanent with release_handler:make_permanent("${current.version}"), or restart the node.`,
      ),
    );
  }
  return findings;
}

/** A downgrade boots nothing, and still wants the boot file of the release that it goes back to. */
function missingStartBoot({ tree: packed }: OpenPackage, installation: Installation): Diagnostic[] {
  const { path, name, version, versionPath, tree } = installation;
  const boot = `${versionPath}/start.boot`;
  if ([packed, tree].some(({ files }) => files.some((file) => file.path === boot))) return [];
  return [
    finding(
      'start-boot-missing',
      `neither ${path} nor the package has ${boot}, so there is no way back to ${version}.`,
      `Copy ${versionPath}/${name}.boot there to start.boot, or make the package for what is installed.`,
    ),
  ];
}

function statusOfBase({ path, version, installed }: Installation): Diagnostic[] {
  const entry = installed?.find((release) => release.version === version);
  if (entry === undefined || entry.status === 'permanent') return [];
  return [
    finding(
      'status-differs',
      `releases/RELEASES in ${path} says that ${version} is ${entry.status}, and releases/start_erl.data that it starts at boot.`,
      `Make the version that is meant permanent, with release_handler:make_permanent/1.`,
    ),
  ];
}

/** What `RELEASES` says of the libraries of the release that is gone back to. */
async function wayBack(
  { tree: packed }: OpenPackage,
  installation: Installation,
  isCopy: boolean,
): Promise<Diagnostic[]> {
  const { path, version } = installation;
  const applications = installation.applications.flatMap(({ name, version, libPath }) =>
    libPath === undefined ? [] : [{ name, version, libPath }],
  );
  const base = { ...installation, applications };
  const libraries = recordedLibraries(base) ?? [];
  const recorded = wayBackNotRecorded(base);
  const brought = new Set(packed.files.map((file) => file.path.split('/').slice(0, 2).join('/')));
  const unsupplied = libraries.filter(
    ({ state, application: { name, version } }) =>
      state === 'suppliable' && !brought.has(`lib/${name}-${version}`),
  );
  for (const { application } of unsupplied) {
    recorded.push({
      ...finding(
        'library-path-stale',
        `releases/RELEASES in ${path} looks for ${application.name} in lib/${application.name}-${application.version}, and it lies in ${application.libPath}: the package would have to bring that folder.`,
        'Make the package for what is installed.',
      ),
      application: application.name,
    });
  }
  // Only the place itself can tell whether absolute paths are right.
  const { hasPath } = installation;
  if (isCopy || hasPath === undefined) return recorded;
  const absent: string[] = [];
  for (const { state, recorded: library } of libraries) {
    if (state === 'absolute' && library !== undefined && !(await hasPath(library))) absent.push(library);
  }
  return recorded.flatMap((diagnostic) => {
    if (diagnostic.code !== 'library-path-absolute') return [diagnostic];
    const [first] = absent;
    if (first === undefined) return [];
    return [
      {
        ...diagnostic,
        code: 'library-path-stale',
        severity: 'error',
        message: `releases/RELEASES in ${path} looks for libraries of ${version} in ${first}${absent.length > 1 ? ` and ${absent.length - 1} other places` : ''}, where there are none, so going back to it would fail with no_such_file.`,
      },
    ];
  });
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

function finding(code: RuleCode, message: string, fix: string, severity: Severity = 'error'): Diagnostic {
  return { code, severity, message, fix };
}
