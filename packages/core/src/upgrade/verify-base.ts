import { formatArchitecture, readEmulator } from '../package/emulator';
import {
  isApplicationContent,
  type ApplicationContent,
  type ManifestBase,
  type PackageManifest,
} from '../package/manifest';
import { contentHash, type FileTree } from '../release';
import type { Diagnostic, RuleCode } from '../rules';
import type { InstalledApplication, Installation } from './open-installation';
import type { OpenPackage } from './read-package';
import { relupVersions } from './verify-package';

/** Whether what is installed is a release that the package was made for. */
export async function verifyBase(opened: OpenPackage, installation: Installation): Promise<Diagnostic[]> {
  const { manifest } = opened;
  const { name, version, path } = installation;
  if (name !== manifest.name) {
    return [
      error(
        'other-release',
        `${path} is the release ${name}, and the package is of ${manifest.name}.`,
        'Give the package of this release.',
      ),
    ];
  }
  const base = manifest.bases.find((candidate) => candidate.version === version);
  const machine = await verifyMachine(opened, installation, base);
  if (base === undefined) {
    const known = manifest.bases.map(({ version }) => version).join(', ');
    return [
      error(
        'not-a-base',
        `${path} starts version ${version}, and the package upgrades from ${known || 'no version'}.`,
        `Make the package with ${version} among its previous releases.`,
      ),
      ...machine,
    ];
  }
  return [
    ...(await verifyApplications(manifest, base, installation)),
    ...(await verifyRelup(opened, base.version)),
    ...machine,
  ];
}

/**
 * The applications that the package leaves out must be there with the content it was planned with, and so must those
 * that it replaces: made for other old code than that which runs, its instructions may miss what changed.
 */
async function verifyApplications(
  manifest: PackageManifest,
  base: ManifestBase,
  { applications, tree, path }: Installation,
): Promise<Diagnostic[]> {
  const installed = new Map(applications.map((application) => [application.name, application]));
  const assumed = new Set(manifest.assumed.map(({ name }) => name));
  const expected = new Map(
    [
      // A package for several bases, or a full one, holds what this base has, too.
      ...manifest.included.filter(({ name, version }) => installed.get(name)?.version === version),
      ...manifest.assumed,
      ...base.differing,
    ].map((content) => [content.name, content]),
  );
  await hashAtOnce(tree, applications);
  const findings: Diagnostic[] = [];
  for (const content of expected.values()) {
    const finding = await verifyApplication(
      content,
      installed.get(content.name),
      assumed.has(content.name),
      path,
    );
    if (finding !== undefined) findings.push({ ...finding, application: content.name });
  }
  for (const { name, version } of applications.filter((application) => !expected.has(application.name))) {
    findings.push({
      ...error(
        'base-differs',
        `${path} has ${name} ${version}, which the ${base.version} that the package was planned for has not.`,
        planAnew(path),
      ),
      application: name,
    });
  }
  return findings;
}

async function verifyApplication(
  { name, version, contentHash: planned }: ApplicationContent,
  installed: InstalledApplication | undefined,
  isAssumed: boolean,
  path: string,
): Promise<Diagnostic | undefined> {
  const { tree, libPath } = installed?.version === version ? installed : {};
  const isMissing = tree === undefined || libPath === undefined;
  if (isAssumed && (isMissing || libPath !== `lib/${name}-${version}`)) {
    const place = isMissing ? 'is not there' : `lies in ${libPath}`;
    return error(
      'assumed-application-missing',
      `the package relies on lib/${name}-${version}, where release_handler looks for ${name}; in ${path} it ${place}.`,
      `Make the package with full. ${planAnew(path)}`,
    );
  }
  if (isMissing) {
    return error(
      'base-differs',
      `${path} does not have the ${name} ${version} that the package was planned with.`,
      planAnew(path),
    );
  }
  if ((await contentHash(tree, isApplicationContent)) === planned) return undefined;
  return error(
    isAssumed ? 'assumed-application-differs' : 'base-differs',
    `${libPath} in ${path} has another content than the ${name} ${version} that the package was planned with.`,
    planAnew(path),
  );
}

/** In a tarball each application would be a pass of its own; what is hashed here is remembered. */
async function hashAtOnce(tree: FileTree, applications: readonly InstalledApplication[]): Promise<void> {
  const folders = new Set(applications.map(({ libPath }) => libPath));
  const isPart = (path: string): boolean => folders.has(path.split('/').slice(0, 2).join('/'));
  await tree.hashes(tree.files.map((file) => file.path).filter(isPart));
}

function planAnew(path: string): string {
  return `Make the package for what is installed: give ${path} to generate-upgrade as previousRelease.`;
}

async function verifyRelup(opened: OpenPackage, base: string): Promise<Diagnostic[]> {
  const versions = await relupVersions(opened);
  if (versions === undefined) return [];
  const lacking = [
    ...(versions.up.includes(base) ? [] : [`from ${base} up`]),
    ...(versions.down.includes(base) ? [] : [`down to ${base}`]),
  ];
  return lacking.map((way) =>
    error(
      'relup-entry-missing',
      `the relup in ${opened.path} has no entry that leads ${way}.`,
      'Make the package again with generate-upgrade.',
    ),
  );
}

/**
 * The emulator that the new release wants must be there or in the package; and what is machine code in the package must
 * be for this machine. Beams run on any.
 */
async function verifyMachine(
  { manifest, tree: packed, path: packagePath }: OpenPackage,
  { tree, ertsVersion, path, emulator }: Installation,
  base: ManifestBase | undefined,
): Promise<Diagnostic[]> {
  const findings: Diagnostic[] = [];
  if (base !== undefined && base.erts !== ertsVersion) {
    findings.push(
      error(
        'base-differs',
        `${path} runs erts ${ertsVersion}, and the package was planned for a ${base.version} with erts ${base.erts}.`,
        planAnew(path),
      ),
    );
  }
  const erts = `erts-${manifest.erts}/`;
  const isThere = [packed, tree].some(({ files }) => files.some((file) => file.path.startsWith(erts)));
  if (manifest.erts !== ertsVersion && !isThere) {
    findings.push(
      error(
        'erts-missing',
        `${path} runs erts ${ertsVersion}, and the new release wants erts ${manifest.erts}, which ${packagePath} does not hold.`,
        planAnew(path),
      ),
    );
  }
  const { architecture } = emulator ?? (await readEmulator(tree, ertsVersion));
  const code = packed.files.find((file) => file.path.startsWith(erts) || isNativeLibrary(file.path))?.path;
  if (code === undefined || architecture === undefined || manifest.architecture === undefined)
    return findings;
  const [here, wanted] = [architecture, manifest.architecture].map(formatArchitecture);
  if (here === wanted) return findings;
  return [
    ...findings,
    error(
      'other-architecture',
      `${path} runs on ${here ?? ''}, and the package holds code for ${wanted ?? ''}, such as ${code}.`,
      'Generate the release on a machine of the kind it runs on, and the package from it.',
    ),
  ];
}

function isNativeLibrary(path: string): boolean {
  return /\.(so|dylib|dll)(\.[\d.]+)?$/.test(path);
}

function error(code: RuleCode, message: string, fix: string): Diagnostic {
  return { code, severity: 'error', message, fix };
}
