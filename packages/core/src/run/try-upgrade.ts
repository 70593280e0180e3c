import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** Where an upgrade is to be tried. */
export interface PlaceToTry {
  readonly layout: ReleaseLayout;
  readonly name: string;
  /** That which runs. */
  readonly version: string;
  /** The root of the release that runs; relative to where the lines are typed. */
  readonly installation: string;
  /** The name of the node, where it is not that of the release. */
  readonly node: string | undefined;
  /** Whether the new version is unpacked there already. */
  readonly unpacked: boolean;
}

/** What to type to install an upgrade on a node by hand and to go back, line by line. */
export function stepsToTry(upgrade: UpgradeToTry, place: PlaceToTry): string[] {
  const { layout, name, version, installation, node, unpacked } = place;
  const { copyTo, upgrade: up, downgrade } = installationSteps(layout, name, upgrade.version);
  const target = join(installation, copyTo);
  const copy = [
    // Where relx wants the package there is no folder yet.
    ...(layout === 'relx' ? [shellCommand('mkdir', '-p', dirname(target))] : []),
    shellCommand('cp', upgrade.path, target),
  ];
  const install = up.filter((step) => !(unpacked && step.includes('unpack_release')));
  const back = ['and back:', ...downgrade(version)];
  const first = unpacked ? [] : copy;
  if (layout === 'reltool') return [...first, 'in its shell:', ...install, ...back];
  const named =
    layout === 'mix' && node !== undefined ? [shellCommand('export', `RELEASE_NODE=${node}`)] : [];
  return [...first, shellCommand('cd', installation), ...named, ...install, ...back];
}
