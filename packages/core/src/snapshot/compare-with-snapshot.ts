import { createHash } from 'node:crypto';
import { codeMd5, readChunks, strippedCodeMd5 } from '../beam';
import { OtpError } from '../error';
import { parseRelFile } from '../release/rel-file';
import { readTerms } from '../erlang';
import type { Release } from '../release';
import { isApplicationContent } from '../package/manifest';
import { readEmulator } from '../package/emulator';
import type { Snapshot, SnapshotFile } from './snapshot';

/** Something that is otherwise than it was thought to be. */
export interface ShippedDifference {
  /** An application; `otp` for Erlang/OTP itself; `release` for what belongs to no application. */
  readonly application: string;
  /** As the rest of a sentence that begins with the application: `has other code in dummy_server`. */
  readonly what: string;
}

/** Whether a snapshot tells of this version of a release, be it the one that runs or one that is installed beside it. */
export function tellsOf(snapshot: Snapshot, name: string, version: string): boolean {
  return relOf(snapshot, name, version) !== undefined;
}

function relOf(
  snapshot: Snapshot,
  name: string,
  version: string,
): ReturnType<typeof parseRelFile> | undefined {
  for (const [path, text] of snapshot.texts) {
    if (!path.startsWith(`releases/${version}/`) || !path.endsWith('.rel')) continue;
    const rel = parseRelFile(readTerms(Buffer.from(text), `${snapshot.file}: ${path}`), version);
    if (rel.name === name && rel.version === version) return rel;
  }
  return undefined;
}

/**
 * Where a release differs from what a snapshot tells of the same version on a node. Beams are equal when their code is:
 * debug info and the like differ from one build to the next. What is configured on the node is its own affair.
 * @returns sorted by application
 */
export async function compareWithSnapshot(
  release: Release,
  snapshot: Snapshot,
): Promise<ShippedDifference[]> {
  const rel = relOf(snapshot, release.name, release.version);
  if (rel === undefined) {
    return [{ application: 'release', what: `${release.version} is not installed on ${snapshot.node}` }];
  }
  const differences = await compareOtp(release, snapshot);
  const onNode = new Map(rel.applications.map(({ name, version }) => [name, version]));
  const files = new Map(snapshot.files.map((file) => [file.path, file]));
  for (const { name, version, tree, libPath } of release.applications) {
    const installed = onNode.get(name);
    onNode.delete(name);
    if (installed !== version) {
      differences.push({
        application: name,
        what: `is ${version}, and on the node ${installed ?? 'not there'}`,
      });
      continue;
    }
    const theirs = filesBelow(files, [`lib/${name}-${version}/`, `lib/${name}/`, libPath]);
    const ours: readonly ComparedFile[] = libPath.endsWith('.ez')
      ? [{ path: '', stored: libPath }]
      : tree.files.map(({ path }) => ({ path, stored: `${libPath}/${path}` }));
    differences.push(...(await compareFiles(name, release, ours, theirs, snapshot)));
  }
  for (const [name, version] of onNode) {
    differences.push({ application: name, what: `is not there, and on the node ${version}` });
  }
  const consolidated = `${release.versionPath}/consolidated/`;
  const protocols = release.tree.files
    .filter(({ path }) => path.startsWith(consolidated))
    .map(({ path }) => ({ path: path.slice(consolidated.length), stored: path }));
  differences.push(
    ...(await compareFiles('release', release, protocols, filesBelow(files, [consolidated]), snapshot)),
    ...patched(snapshot, files),
  );
  return differences.sort((a, b) =>
    a.application < b.application ? -1 : a.application > b.application ? 1 : 0,
  );
}

/**
 * The modules of which the node runs other code than lies on its disk: somebody has patched it, or the disk.
 */
export function patched(
  snapshot: Snapshot,
  files: ReadonlyMap<string, SnapshotFile> = new Map(snapshot.files.map((file) => [file.path, file])),
): ShippedDifference[] {
  return snapshot.loaded.flatMap(({ module, path, code }) => {
    const onDisk = files.get(path);
    if (onDisk?.code === code) return [];
    const application = /^lib\/([^/]+?)(?:-[^/-]*)?\//.exec(path)?.[1] ?? 'release';
    return [
      {
        application,
        what:
          onDisk === undefined
            ? `runs ${module}, which is not on the disk of the node any more (${path})`
            : `runs other code of ${module} than lies on the disk of the node`,
      },
    ];
  });
}

async function compareOtp(release: Release, snapshot: Snapshot): Promise<ShippedDifference[]> {
  const found: ShippedDifference[] = [];
  const { otp } = await readEmulator(release.tree, release.ertsVersion);
  if (otp !== undefined && otp !== snapshot.otp) {
    found.push({ application: 'otp', what: `is ${otp}, and on the node ${snapshot.otp}` });
  }
  if (release.ertsVersion !== snapshot.erts) {
    found.push({
      application: 'otp',
      what: `has erts ${release.ertsVersion}, and on the node ${snapshot.erts}`,
    });
  }
  return found;
}

interface ComparedFile {
  /** Relative to the application. */
  readonly path: string;
  /** In the release. */
  readonly stored: string;
}

/** By their path in the folder, the first of those that has any. */
function filesBelow(
  files: ReadonlyMap<string, SnapshotFile>,
  folders: readonly string[],
): Map<string, SnapshotFile> {
  for (const folder of folders) {
    const found = new Map<string, SnapshotFile>();
    for (const [path, file] of files) {
      if (path === folder || (folder.endsWith('/') && path.startsWith(folder))) {
        found.set(path.slice(folder.length), file);
      }
    }
    if (found.size > 0) return found;
  }
  return new Map();
}

async function compareFiles(
  application: string,
  release: Release,
  ours: readonly ComparedFile[],
  theirs: ReadonlyMap<string, SnapshotFile>,
  snapshot: Snapshot,
): Promise<ShippedDifference[]> {
  const found: ShippedDifference[] = [];
  const byStored = new Map(
    ours.filter(({ path }) => isApplicationContent(path)).map((file) => [file.stored, file.path]),
  );
  const left = new Map([...theirs].filter(([path]) => isApplicationContent(path)));
  const shared = [...byStored].filter(([, path]) => left.has(path));
  for (const [, path] of byStored) {
    if (!left.has(path)) found.push({ application, what: `has ${path}, which the node does not have` });
  }
  await release.tree.readMany(
    shared.map(([stored]) => stored),
    (stored, content) => {
      const path = byStored.get(stored) ?? '';
      const theirsAt = left.get(path);
      left.delete(path);
      if (theirsAt === undefined || isSame(content, theirsAt, snapshot)) return;
      const module = /([^/]+)\.beam$/.exec(path)?.[1];
      found.push({
        application,
        what: module === undefined ? `has another ${path || stored}` : `has other code of ${module}`,
      });
    },
  );
  for (const path of left.keys()) {
    found.push({ application, what: `does not have ${path}, which the node has` });
  }
  return found;
}

function isSame(content: Buffer, theirs: SnapshotFile, { algorithm }: Snapshot): boolean {
  if (createHash(algorithm).update(content).digest('hex') === theirs.hash) return true;
  if (theirs.code === undefined) return false;
  try {
    const chunks = readChunks(content, theirs.path);
    return codeMd5(chunks) === theirs.code || strippedCodeMd5(chunks) === theirs.code;
  } catch (error) {
    if (error instanceof OtpError) return false;
    throw error;
  }
}
