import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installationSteps } from '../package';
import type { ReleaseLayout } from '../release';
import { shellCommand } from './shell-command';

export interface UpgradeToTry {
  readonly path: string;
  readonly version: string;
}

/** A package `NAME_VSN.tar.gz` in a folder that leads to another version than this; undefined where there is none. */
export async function upgradeToTry(
  folder: string,
  name: string,
  version: string,
): Promise<UpgradeToTry | undefined> {
  const entries = await readdir(folder).catch(() => []);
  for (const entry of entries.sort()) {
    if (!entry.startsWith(`${name}_`) || !entry.endsWith('.tar.gz')) continue;
    const to = entry.slice(name.length + 1, -'.tar.gz'.length);
    if (to !== '' && to !== version) return { path: join(folder, entry), version: to };
  }
  return undefined;
}

/**
 * What to type to install an upgrade on a node by hand and to go back, line by line.
 * @param installation the root of the release that runs; relative to where the lines are typed
 * @param node its name, where that is not the one of the release
 */
export function stepsToTry(
  layout: ReleaseLayout,
  name: string,
  version: string,
  upgrade: UpgradeToTry,
  installation: string,
  node: string | undefined,
): string[] {
  const { copyTo, upgrade: up, downgrade } = installationSteps(layout, name, upgrade.version);
  const target = join(installation, copyTo);
  const folder = join(target, '..');
  const copy = [
    // Where relx wants the package there is no folder yet.
    ...(layout === 'relx' ? [shellCommand('mkdir', '-p', folder)] : []),
    shellCommand('cp', upgrade.path, target),
  ];
  const back = downgrade(version);
  if (layout === 'reltool') return [...copy, 'and in its shell:', ...up, 'and back:', ...back];
  const named =
    layout === 'mix' && node !== undefined ? [shellCommand('export', `RELEASE_NODE=${node}`)] : [];
  return [...copy, shellCommand('cd', installation), ...named, ...up, 'and back:', ...back];
}
