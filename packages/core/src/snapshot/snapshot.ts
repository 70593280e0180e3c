import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OtpError } from '../error';
import { readTerms } from '../erlang';
import { Fields, ShapeError } from '../json-fields';
import { parseBootVersion, startErlData } from '../release/installation';
import { parseRelFile } from '../release/rel-file';

/** What a reader of snapshots checks first; another number is another shape. */
export const snapshotFormatVersion = 1;

/**
 * What `priv/snapshot.script` has found on a running node. Nothing in it was planned or assumed. `docs/base.md` describes
 * the JSON.
 */
export interface Snapshot {
  /** The file, for messages. */
  readonly file: string;
  readonly node: string;
  /** Such as `2026-11-28T21:00:00Z`. */
  readonly takenAt: string;
  /** The folder of the release on that machine. */
  readonly root: string;
  /** The OTP release, such as `25`, and the version of the emulator that runs. */
  readonly otp: string;
  readonly erts: string;
  /** The first bytes of the emulator; unknown where it lies elsewhere. */
  readonly emulatorHeader: Buffer | undefined;
  /** Of `hash` of each file: SHA-256 only where the node runs crypto. */
  readonly algorithm: HashAlgorithm;
  readonly files: readonly SnapshotFile[];
  /** `RELEASES`, `start_erl.data` and the `.rel` files, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** The modules of the release that are loaded. */
  readonly loaded: readonly LoadedModule[];
  /** Paths that no installed release needs. */
  readonly leftovers: readonly string[];
}

export type HashAlgorithm = 'md5' | 'sha256';

export interface SnapshotFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly size: number;
  readonly mode: number;
  /** In hex; unknown of a tarball in `releases`, and of a file that the node may not read. */
  readonly hash: string | undefined;
  /** Of a beam: the MD5 of its code. */
  readonly code: string | undefined;
}

export interface LoadedModule {
  readonly module: string;
  /** Of the beam that it was loaded from. */
  readonly path: string;
  /** The MD5 of the code that runs. */
  readonly code: string;
}

/** The script that takes a snapshot: Erlang expressions for `file:script/1` on the node. */
export const snapshotScript = join(__dirname, '..', '..', 'priv', 'snapshot.script');

/**
 * The release that starts at boot on the node.
 * @throws OtpError `snapshot` where the node does not say
 */
export function snapshotRelease({ texts, file }: Snapshot): {
  readonly name: string;
  readonly version: string;
} {
  const started = texts.get(startErlData);
  const version = started === undefined ? undefined : parseBootVersion(Buffer.from(started))?.version;
  for (const [path, text] of [...texts].sort(([a], [b]) => a.length - b.length)) {
    if (version === undefined || !path.startsWith(`releases/${version}/`)) continue;
    const rel = parseRelFile(readTerms(Buffer.from(text), `${file}: ${path}`), version);
    if (rel.version === version) return { name: rel.name, version };
  }
  throw new OtpError(
    version === undefined
      ? 'the node has no releases/start_erl.data, so it does not say which release starts at boot.'
      : `version ${version} starts at boot on the node, and it has no releases/${version}/NAME.rel.`,
    { code: 'snapshot', file },
  );
}

/** Whether a file claims to be a snapshot: it begins as the script begins it. A release never does. */
export async function isSnapshot(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  if (stats?.isFile() !== true || !path.endsWith('.json')) return false;
  return /^\s*\{\s*"format"\s*:\s*"nx-otp snapshot"/.test((await readFile(path, 'utf8')).slice(0, 200));
}

/** @throws OtpError `snapshot` when there is no such file, or it is something else */
export async function readSnapshot(path: string): Promise<Snapshot> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new OtpError(`it cannot be read: ${error instanceof Error ? error.message : String(error)}.`, {
      code: 'snapshot',
      file: path,
      cause: error,
    });
  });
  return parseSnapshot(text, path);
}

/** @throws OtpError `snapshot` */
export function parseSnapshot(text: string, file: string): Snapshot {
  const wrong = (problem: string): OtpError =>
    new OtpError(problem, {
      code: 'snapshot',
      file,
      fix: 'Take it again with the script that nx-otp-snapshot prints, and copy the whole file.',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('expected the snapshot of a node; found text that is not JSON, or only a part of it.');
  }
  try {
    const fields = new Fields(value, 'the snapshot');
    const formatVersion = fields.number('formatVersion');
    if (formatVersion !== snapshotFormatVersion) {
      throw new ShapeError(
        `a snapshot of format ${snapshotFormatVersion}; found one of format ${formatVersion}`,
      );
    }
    return {
      file,
      node: fields.text('node'),
      takenAt: fields.text('takenAt'),
      root: fields.text('root'),
      otp: fields.text('otp'),
      erts: fields.text('erts'),
      emulatorHeader: fields.has('emulatorHeader')
        ? Buffer.from(fields.text('emulatorHeader'), 'hex')
        : undefined,
      algorithm: fields.oneOf('algorithm', ['md5', 'sha256']),
      files: fields.records('files').map(fileOf),
      texts: fields.texts('texts'),
      loaded: fields.records('loaded').map((loaded) => ({
        module: loaded.text('module'),
        path: loaded.text('path'),
        code: loaded.text('code'),
      })),
      leftovers: fields.textList('leftovers'),
    };
  } catch (error) {
    if (error instanceof ShapeError) throw wrong(`expected ${error.message}.`);
    throw error;
  }
}

function fileOf(fields: Fields): SnapshotFile {
  return {
    path: fields.text('path'),
    size: fields.number('size'),
    mode: fields.number('mode'),
    hash: fields.has('hash') ? fields.text('hash') : undefined,
    code: fields.has('code') ? fields.text('code') : undefined,
  };
}
