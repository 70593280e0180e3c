import { createHash } from 'node:crypto';
import { OtpError } from '../error';
import type { FileTree } from '../release';
import { FileIndex } from '../release/file-index';
import type { Snapshot } from './snapshot';

/**
 * The files of a running node as its snapshot tells of them: their paths, sizes and hashes, and the content of what says
 * which releases are installed.
 *
 * A node without crypto gives MD5s. Which SHA-256 belongs to one is learnt from a file at the same path of `witnesses`:
 * what is equal there is equal here. Where they have the file with other content, it counts as other.
 */
export function snapshotTree(snapshot: Snapshot, witnesses: readonly FileTree[] = []): FileTree {
  const index = new FileIndex(
    snapshot.file,
    snapshot.files.map(({ path, size, mode, hash }) => ({ path, size, mode, place: hash })),
  );
  const texts = new Map(Array.from(snapshot.texts, ([path, text]) => [path, Buffer.from(text)]));
  const content = (path: string): Buffer => {
    const text = texts.get(path);
    if (text !== undefined) return text;
    throw new OtpError(`a snapshot does not tell what is in ${index.find(path).path}.`, {
      code: 'snapshot',
      file: snapshot.file,
      fix: 'Give the installation itself, or a tarball of it.',
    });
  };
  const readMany: FileTree['readMany'] = async (paths, visit) => {
    for (const { path } of index.findAll(paths)) await visit(path, content(path));
  };
  const known = new Map<string, string>();
  return {
    kind: 'snapshot',
    origin: snapshot.file,
    files: index.files,
    read: (path) => new Promise((resolve) => resolve(content(path))),
    readMany,
    hashes: async (paths) => {
      const asked = [...paths];
      await learn(
        index.findAll(asked.filter((path) => !known.has(path))).map(({ path, place }) => [path, place]),
        snapshot.algorithm,
        witnesses,
        known,
      );
      return new Map(asked.map((path) => [path, known.get(path) ?? '']));
    },
  };
}

async function learn(
  files: readonly (readonly [path: string, hash: string | undefined])[],
  algorithm: Snapshot['algorithm'],
  witnesses: readonly FileTree[],
  known: Map<string, string>,
): Promise<void> {
  const hashes = new Map(files);
  for (const [path, hash] of files) {
    // No SHA-256 is like this: it equals nothing but itself.
    known.set(
      path,
      algorithm === 'sha256' && hash !== undefined ? hash : `${algorithm} ${hash ?? 'unknown'}`,
    );
  }
  if (algorithm === 'sha256') return;
  for (const witness of witnesses) {
    const shared = witness.files.map(({ path }) => path).filter((path) => hashes.has(path));
    await witness.readMany(shared, (path, bytes) => {
      if (createHash('md5').update(bytes).digest('hex') !== hashes.get(path)) return;
      known.set(path, createHash('sha256').update(bytes).digest('hex'));
    });
  }
}
