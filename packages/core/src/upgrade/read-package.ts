import { createHash } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { OtpError } from '../error';
import { errorCode } from '../error-code';
import type { PackageManifest } from '../package';
import { parseManifest } from '../package/read-manifest';
import type { FileTree } from '../release';
import { openTree } from '../release/open-tree';
import { tarMembers } from '../release/tar-members';

/** An upgrade package on disk, with nothing of it unpacked. */
export interface OpenPackage {
  /** As it was given. */
  readonly path: string;
  readonly tree: FileTree;
  /** `releases/VSN`, of the version that the package leads to. */
  readonly versionPath: string;
  readonly manifest: PackageManifest;
  /** SHA-256 in hex of the tar inside the gzip. */
  readonly tarSha256: string;
  /** As the tar has it. `erl_tar` looks members up by exactly that name. */
  readonly firstMember: string;
  /** The members that are links; a package that `generateUpgrade` made has none. */
  readonly links: readonly string[];
  /** `NAME_VSN.json`, where it lies beside the package. */
  readonly beside:
    | { readonly path: string; readonly manifest: PackageManifest; readonly tarSha256: string | undefined }
    | undefined;
}

/** Far more than the manifest of any release; what is larger is something else. */
const maxManifestBytes = 64 * 1024 ** 2;

/**
 * Opens a package that `generateUpgrade` made.
 * @throws OtpError `package-missing`, `package-unreadable` (no tar), `package-manifest` (no manifest, or one that
 *   can't be read), and what `openTarball` throws for an archive that is damaged or unsafe
 */
export async function openPackage(path: string): Promise<OpenPackage> {
  await refuseOtherThanFile(path);
  const tree = await openTree(path).catch((error: unknown) => {
    if (!(error instanceof OtpError) || error.code !== 'release-unreadable') throw error;
    throw unreadable(path, error.problem.replace(/^.*; (?=found )/, ''), error);
  });
  const manifestPath = onlyManifest(tree);
  const text = (await tree.read(manifestPath)).toString('utf8');
  return {
    path,
    tree,
    versionPath: manifestPath.slice(0, manifestPath.lastIndexOf('/')),
    manifest: parseManifest(text, `${path}/${manifestPath}`).manifest,
    ...(await readTar(path)),
    links: await linksIn(path),
    beside: await readBeside(path),
  };
}

async function refuseOtherThanFile(path: string): Promise<void> {
  const stats = await stat(path).catch((error: unknown) => {
    const isMissing = errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
    if (!isMissing) throw unreadable(path, error instanceof Error ? error.message : String(error), error);
    throw new OtpError('there is no such upgrade package.', {
      code: 'package-missing',
      file: path,
      fix: 'Make it with generate-upgrade, or give the path of a NAME_VSN.tar.gz.',
      cause: error,
    });
  });
  if (!stats.isFile()) throw unreadable(path, 'found a folder or a device');
}

function unreadable(path: string, found: string, cause?: unknown): OtpError {
  return new OtpError(`expected an upgrade package, NAME_VSN.tar.gz; ${found.replace(/\.$/, '')}.`, {
    code: 'package-unreadable',
    file: path,
    fix: 'Give the package that generate-upgrade made.',
    cause,
  });
}

function onlyManifest(tree: FileTree): string {
  const found = tree.files.filter(({ path }) => /^releases\/[^/]+\/upgrade\.json$/.test(path));
  const [first] = found;
  const problem =
    first === undefined
      ? 'it has no manifest, releases/VSN/upgrade.json, so it is no upgrade package of generate-upgrade'
      : found.length > 1
        ? `it has several manifests: ${found.map(({ path }) => path).join(', ')}`
        : first.size > maxManifestBytes
          ? `its manifest has ${first.size} bytes`
          : undefined;
  if (first === undefined || problem !== undefined) {
    throw new OtpError(`${problem ?? ''}.`, {
      code: 'package-manifest',
      file: tree.origin,
      fix: 'Make the package with generate-upgrade.',
    });
  }
  return first.path;
}

/** In one pass over the file; nothing is held. */
async function readTar(path: string): Promise<Pick<OpenPackage, 'tarSha256' | 'firstMember'>> {
  const hash = createHash('sha256');
  let firstMember: string | undefined;
  const file = createReadStream(path);
  try {
    // `openTree` has read all of it already, so errors here are not those of a hostile archive.
    const tar = (await isGzip(path)) ? pipeInto(file, createGunzip()) : file;
    for await (const chunk of tar as AsyncIterable<Buffer>) {
      firstMember ??= chunk.subarray(0, 100).toString('utf8').replace(/\0.*$/s, '');
      hash.update(chunk);
    }
  } catch (error) {
    throw unreadable(
      path,
      `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  } finally {
    file.destroy();
  }
  return { tarSha256: hash.digest('hex'), firstMember: firstMember ?? '' };
}

/** The tree has followed them, as `erl_tar` does not. */
async function linksIn(path: string): Promise<string[]> {
  const links: string[] = [];
  for await (const { kind, path: member } of tarMembers(path, (await isGzip(path)) ? 'gzip' : 'none')) {
    if (kind === 'hard-link' || kind === 'symbolic-link') links.push(member);
  }
  return links;
}

function pipeInto(file: ReadStream, gunzip: Gunzip): Gunzip {
  file.on('error', (error) => gunzip.destroy(error));
  return file.pipe(gunzip);
}

async function isGzip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b;
  } finally {
    await handle.close();
  }
}

async function readBeside(path: string): Promise<OpenPackage['beside']> {
  const beside = path.replace(/\.tar(\.gz)?$/, '.json');
  if (beside === path) return undefined;
  const text = await readFile(beside, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new OtpError(`it cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      code: 'package-manifest',
      file: beside,
      cause: error,
    });
  });
  return text === undefined ? undefined : { path: beside, ...parseManifest(text, beside) };
}
