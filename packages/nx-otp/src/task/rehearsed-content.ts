import { releaseFingerprint } from '@nx-otp/core';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { workspaceRoot, type ProjectGraph, type Task, type TaskGraph } from '@nx/devkit';
import { configuredOptions, dependenciesOf } from './own-options';
import { probesFingerprint } from './policy-fingerprint';
import { listOption } from './previous-releases';

/** Where a project's probes, and the configuration of its rehearsals, lie unless its target says otherwise. */
export const usualProbes = 'rel/probes.json';
export const usualSysConfig = 'rel/rehearsal.config';

/**
 * What a rehearsal reads that is not among its inputs, as hashes of its content: probes with modules that may lie
 * anywhere, a package and a configuration that were given, and the previous releases where the target that brings them
 * into the workspace does not run.
 */
export async function rehearsedContent(
  task: Task,
  projectGraph: ProjectGraph,
  taskGraph: TaskGraph,
): Promise<Record<string, string>> {
  const project = projectGraph.nodes[task.target.project];
  const target = project?.data.targets?.[task.target.target];
  if (project === undefined || target?.executor !== 'nx-otp:rehearse-upgrade') return {};
  const given = new Map<string, unknown>([
    ...Object.entries(configuredOptions(target, task.target.configuration)),
    ...Object.entries<unknown>(task.overrides),
  ]);
  const path = (option: string): string | undefined => {
    const value = given.get(option);
    return typeof value === 'string' ? resolve(workspaceRoot, value) : undefined;
  };
  const content: Record<string, string> = {
    probes: await probesFingerprint(
      workspaceRoot,
      path('probes') ?? join(workspaceRoot, project.data.root, usualProbes),
    ),
  };
  const sysConfig = path('sysConfig');
  if (sysConfig !== undefined) content['sysConfig'] = await fileHash(sysConfig);
  const upgradePackage = path('upgradePackage');
  const needed = dependenciesOf(task.id, taskGraph).map((id) => {
    const { project = '', target = '' } = taskGraph.tasks[id]?.target ?? {};
    return projectGraph.nodes[project]?.data.targets?.[target]?.executor;
  });
  if (upgradePackage !== undefined) content['upgradePackage'] = await fileHash(upgradePackage);
  else if (!needed.includes('nx-otp:generate-upgrade')) {
    const folder = join(workspaceRoot, project.data.root, 'dist', 'upgrade');
    for (const name of (await readdir(folder).catch(() => [])).sort()) {
      content[`upgradePackage ${name}`] = await fileHash(join(folder, name));
    }
  }
  if (!needed.includes('nx-otp:previous-release')) {
    const paths = [given.get('previousRelease'), ...listOption(given.get('previousReleases'))];
    for (const [at, one] of paths.entries()) {
      if (typeof one === 'string')
        content[`previousRelease${at}`] = await releaseFingerprint(resolve(workspaceRoot, one));
    }
  }
  return content;
}

async function fileHash(file: string): Promise<string> {
  const content = await readFile(file).catch(() => undefined);
  return content === undefined ? 'missing' : createHash('sha256').update(content).digest('hex');
}
