import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import { contentHash, readRelease, type Release } from '../release';
import { readEmulator } from '../package/emulator';
import { isApplicationContent, type PackageManifest } from '../package/manifest';
import { parseManifest } from '../package/read-manifest';
import { entriesOf } from '../upgrade/open-installation';
import { compareWithSnapshot, tellsOf, type ShippedDifference } from './compare-with-snapshot';
import { isSnapshot, readSnapshot, type Snapshot } from './snapshot';

/** What is known of a release that was shipped, without the release itself. */
export type Evidence =
  /** What a node said of itself. */
  | { readonly kind: 'snapshot'; readonly file: string; readonly snapshot: Snapshot }
  /** What `generate-upgrade` wrote beside a package that was installed: it names what it leads to. */
  | { readonly kind: 'manifest'; readonly file: string; readonly manifest: PackageManifest };

/**
 * A snapshot or a package manifest, or all of them in a folder, sorted by name.
 * @throws OtpError `evidence` for a file that is neither; `snapshot`, `package-manifest`
 */
export async function readEvidence(path: string): Promise<Evidence[]> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) {
    throw new OtpError('there is no such snapshot.', {
      code: 'evidence',
      file: path,
      fix: 'Give the JSON that nx-otp-snapshot made on the node, the manifest of the package that was shipped, or a folder of such files.',
    });
  }
  if (!stats.isDirectory()) return [await evidenceIn(path)];
  const names = (await entriesOf(path)).map(({ name }) => name).filter((name) => name.endsWith('.json'));
  const found: Evidence[] = [];
  for (const name of names.sort()) found.push(await evidenceIn(join(path, name)));
  return found;
}

async function evidenceIn(file: string): Promise<Evidence> {
  if (await isSnapshot(file)) return { kind: 'snapshot', file, snapshot: await readSnapshot(file) };
  return { kind: 'manifest', file, manifest: parseManifest(await readFile(file, 'utf8'), file).manifest };
}

/** Whether it tells of this version of a release. */
export function concerns(evidence: Evidence, name: string, version: string): boolean {
  switch (evidence.kind) {
    case 'snapshot':
      return tellsOf(evidence.snapshot, name, version);
    case 'manifest':
      return evidence.manifest.name === name && evidence.manifest.version === version;
  }
}

export interface ComparedBase {
  readonly name: string;
  readonly version: string;
  /** The files it was compared with. */
  readonly comparedWith: readonly string[];
  readonly differences: readonly ShippedDifference[];
}

/** Compares a release with all that is known of what was shipped under its version. */
export async function compareWithShipped(path: string, evidence: readonly Evidence[]): Promise<ComparedBase> {
  const release = await readRelease(path);
  const { name, version } = release;
  const differences: ShippedDifference[] = [];
  const about = evidence.filter((one) => concerns(one, name, version));
  for (const one of about) {
    differences.push(
      ...(one.kind === 'snapshot'
        ? await compareWithSnapshot(release, one.snapshot)
        : await compareWithManifest(release, one.manifest)),
    );
  }
  return { name, version, comparedWith: about.map(({ file }) => file), differences };
}

async function compareWithManifest(
  release: Release,
  manifest: PackageManifest,
): Promise<ShippedDifference[]> {
  const found: ShippedDifference[] = [];
  const { otp } = await readEmulator(release.tree, release.ertsVersion);
  if (otp !== undefined && manifest.otp !== undefined && otp !== manifest.otp) {
    found.push({ application: 'otp', what: `is ${otp}, and was shipped as ${manifest.otp}` });
  }
  if (release.ertsVersion !== manifest.erts) {
    found.push({
      application: 'otp',
      what: `has erts ${release.ertsVersion}, and was shipped with ${manifest.erts}`,
    });
  }
  const shipped = new Map([...manifest.included, ...manifest.assumed].map((one) => [one.name, one]));
  for (const { name, version, tree } of release.applications) {
    const was = shipped.get(name);
    shipped.delete(name);
    if (was?.version !== version) {
      found.push({
        application: name,
        what: `is ${version}, and was ${was === undefined ? 'not shipped' : `shipped as ${was.version}`}`,
      });
    } else if ((await contentHash(tree, isApplicationContent)) !== was.contentHash) {
      found.push({ application: name, what: `${version} was shipped with other content` });
    }
  }
  for (const { name, version } of shipped.values()) {
    found.push({ application: name, what: `is not there, and was shipped as ${version}` });
  }
  return found;
}
