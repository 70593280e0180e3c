import { createHash, type Hash } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The content of a file, or of all files below a folder with their executable bits, wherever it lies. */
export async function contentFingerprint(workspace: string, path: string): Promise<string> {
  const hash = createHash('sha256');
  await addContent(hash, resolve(workspace, path), '');
  return hash.digest('hex');
}

/** Which files of some folders are executable, and which folders are empty: Nx hashes the content of files alone. */
export async function modesFingerprint(workspace: string, folders: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const names = await readdir(resolve(workspace, folder), { recursive: true }).catch(() => []);
    const stats = await Promise.all(names.sort().map((name) => statOf(resolve(workspace, folder, name))));
    names.forEach((name, at) => {
      if (((stats[at]?.mode ?? 0) & 0o111) !== 0) hash.update(`${name}\0`);
    });
  }
  return hash.digest('hex');
}

async function addContent(hash: Hash, path: string, name: string): Promise<void> {
  const stats = await statOf(path);
  if (stats?.isDirectory() === true) {
    const entries = await readdir(path).catch(() => []);
    for (const entry of entries.sort()) await addContent(hash, join(path, entry), `${name}/${entry}`);
    return;
  }
  hash.update(`${name}\0${stats === undefined ? 'missing' : `${stats.size} ${stats.mode & 0o111}`}\0`);
  if (stats?.isFile() !== true) return;
  await pipeline(createReadStream(path), async (chunks) => {
    for await (const chunk of chunks) hash.update(chunk as Buffer);
  }).catch(() => hash.update('unreadable'));
}

async function statOf(path: string): Promise<Stats | undefined> {
  return stat(path).catch(() => undefined);
}
