import { mkdir, readdir, readFile, readlink, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OtpError } from '../error';
import { pathInOutput, refuseForeignFolder, refuseOutputPath } from '../output/output-path';
import { writeFolder } from '../output/replace-folder';
import { openTree, releaseContentHash, type FileTree } from '../release';
import { openFolder } from '../release/folder-tree';
import { releaseInTree } from '../release/read-release';

export interface RunningCopyOptions {
  /** The release, a folder or a tarball. It is only read. */
  readonly release: string;
  /** The folder that holds the copies. */
  readonly folder: string;
  /** The name of the node where it is not that of the release: it gets a copy of its own. */
  readonly node?: string;
}

/** Where a release runs: a folder of its own, since a node writes into its release and release_handler unpacks there. */
export interface RunningCopy {
  /** `FOLDER/NAME-VSN`, or `FOLDER/NAME-VSN-NODE`. */
  readonly path: string;
  readonly name: string;
  /** Of the release that it was made of; it may boot another one since. */
  readonly version: string;
  /** The node that runs in it. */
  readonly running: RunningNode | undefined;
  readonly source: { readonly tree: FileTree; readonly contentHash: string };
}

export interface RunningNode {
  readonly pid: number;
  /** As it was started; undefined for a node without a name. */
  readonly node?: string;
}

/** In the root of a copy. A copy is known by the first. */
const sourceFile = '.nx-otp-source';
const nodeFile = '.nx-otp-node.json';

/**
 * The place where this release runs, without making it.
 * @throws OtpError that of `readRelease`; `output-path`
 */
export async function findRunningCopy(options: RunningCopyOptions): Promise<RunningCopy> {
  const tree = await openRelease(options.release);
  const { name, version } = await releaseInTree(tree, options.release);
  const path = pathInOutput(
    options.folder,
    [name, version, ...(options.node === undefined ? [] : [options.node])].join('-'),
  );
  refuseOutputPath(path, [options.release]);
  return {
    path,
    name,
    version,
    running: await nodeIn(path),
    source: { tree, contentHash: await releaseContentHash(tree) },
  };
}

/**
 * Makes the copy, unless there is one of the very same release: what a node has written there since, and what was
 * installed, is kept then.
 * @param fresh to make it in any case
 * @returns what was done
 * @throws OtpError `node-running` where a node runs in it; `output-path`, `output-unwritable`
 */
export async function makeRunningCopy(
  copy: RunningCopy,
  fresh: boolean,
): Promise<'made' | 'kept' | 'replaced'> {
  const { path, running, source } = copy;
  if (running !== undefined) {
    throw new OtpError(
      `a node${running.node === undefined ? '' : `, ${running.node},`} runs here already, as process ${running.pid}.`,
      {
        code: 'node-running',
        file: path,
        fix: 'End it, or give this one a name, and so a folder of its own, with the option node.',
      },
    );
  }
  const before = await readFile(join(path, sourceFile), 'utf8').catch(() => undefined);
  if (!fresh && before === source.contentHash) return 'kept';
  await refuseForeignFolder(path, (entries) => entries.includes(sourceFile));
  await writeFolder(path, async (folder) => {
    await copyFiles(source.tree, folder);
    await writeFile(join(folder, sourceFile), source.contentHash);
  });
  return before === undefined ? 'made' : 'replaced';
}

/** Notes who runs in a copy, until `forgetNode`. */
export async function rememberNode(copy: RunningCopy, node: RunningNode): Promise<void> {
  await writeFile(join(copy.path, nodeFile), JSON.stringify(node));
}

export async function forgetNode(copy: RunningCopy): Promise<void> {
  await rm(join(copy.path, nodeFile), { force: true });
}

/** The note may be that of a node that was killed, and its process id that of somebody else by now. */
async function nodeIn(path: string): Promise<RunningNode | undefined> {
  const text = await readFile(join(path, nodeFile), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const noted = noteOf(text);
  if (noted === undefined) return undefined;
  try {
    process.kill(noted.pid, 0);
  } catch {
    return undefined;
  }
  // Only Linux tells in which folder a process works: that of the release for a node.
  const folder = await readlink(`/proc/${noted.pid}/cwd`).catch(() => undefined);
  return folder === undefined || folder === (await realpath(path)) ? noted : undefined;
}

function noteOf(text: string): RunningNode | undefined {
  try {
    const { pid, node } = JSON.parse(text) as { pid?: unknown; node?: unknown };
    if (typeof pid !== 'number' || pid <= 0) return undefined;
    return { pid, ...(typeof node === 'string' && { node }) };
  } catch {
    return undefined;
  }
}

/** All of a release but what a node writes into it. Of a folder that is not even looked at: it may be changing. */
async function openRelease(path: string): Promise<FileTree> {
  const isFolder = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
  if (!isFolder) return openTree(path);
  return openFolder(path, { topLevel: (await readdir(path)).filter((name) => !isOfNode(name)) });
}

function isOfNode(topLevel: string): boolean {
  return (
    ['log', 'logs', 'tmp', 'erl_crash.dump', sourceFile, nodeFile].includes(topLevel) ||
    topLevel.startsWith('Mnesia.')
  );
}

async function copyFiles(tree: FileTree, folder: string): Promise<void> {
  const files = tree.files.filter(
    ({ path }) =>
      !isOfNode(path.split('/')[0] ?? '') && !(path.startsWith('releases/') && path.endsWith('.tar.gz')),
  );
  const modes = new Map(files.map(({ path, mode }) => [path, mode]));
  for (const parent of new Set(files.map(({ path }) => dirname(join(folder, path))))) {
    await mkdir(parent, { recursive: true });
  }
  // Start scripts and log handlers expect it, and it is empty in a release.
  await mkdir(join(folder, 'log'), { recursive: true });
  await tree.readMany(modes.keys(), async (path, content) => {
    // Writable, whatever the release is: release_handler writes into it, and removes from it.
    const executable = ((modes.get(path) ?? 0) & 0o111) !== 0;
    await writeFile(join(folder, path), content, { mode: executable ? 0o755 : 0o644 });
  });
}
