// To look at what a test left: NX_OTP_KEEP=1 npx vitest run --project e2e e2e/upgrade.test.ts
// keeps the scratch workspace and prints where it is. Nodes are always stopped; the release that a test ran on lies in
// the workspace, and `bin/dummy start` in it brings its node up again, `bin/dummy console` with a shell.
// To stop a test where a node is alive, end it with `await new Promise(() => {})`, and mind its time limit.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratchWorkspace, type NxRun, type ScratchWorkspace } from '../../tools/scratch-workspace.mjs';

/** A workspace in which 0.1 runs in production and the sources are those of 0.2. */
export interface DummyWorkspace extends ScratchWorkspace {
  /** The folder of release 0.1, as it was installed: `prod` in the workspace. */
  readonly production: string;
  /** What targets make, by target; absolute. */
  readonly dist: (target: 'release' | 'previous-release' | 'appups' | 'upgrade') => string;
}

export async function dummyWorkspace(purpose: string): Promise<DummyWorkspace> {
  const workspace = await makeScratchWorkspace(purpose);
  const dist: DummyWorkspace['dist'] = (target) => join(workspace.project, 'dist', target);
  const production = join(workspace.folder, 'prod');
  await workspace.setVersion('0.1');
  await succeeding(workspace.nx(['run', 'dummy:generate']));
  cpSync(dist('release'), production, { recursive: true });
  await workspace.setVersion('0.2');
  return { ...workspace, production, dist };
}

/** The output of a run that must succeed. */
export async function succeeding(run: Promise<NxRun>): Promise<string> {
  const { status, output } = await run;
  if (status !== 0) throw new Error(`nx ended with ${status}:\n${output}`);
  return output;
}

/** Makes a tarball of a release, as people keep it. */
export function tarballOf(release: string, file: string): string {
  execFileSync('tar', ['-czf', file, '-C', release, '.']);
  return file;
}

/** Every file below a folder with a hash of its content and its mode; undefined where there is no such folder. */
export function filesIn(folder: string): Record<string, string> | undefined {
  if (!existsSync(folder)) return undefined;
  const files: Record<string, string> = {};
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, entry);
    const stats = statSync(path);
    const content = stats.isDirectory()
      ? 'folder'
      : createHash('sha256').update(readFileSync(path)).digest('hex');
    files[entry] = `${(stats.mode & 0o777).toString(8)} ${content}`;
  }
  return files;
}

/** Replaces the first occurrence of a text; a file without it is a mistake in the test. */
export function editFile(path: string, before: string, after: string): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(before)) throw new Error(`${path} has no ${before}`);
  writeFileSync(path, text.replace(before, after));
}
