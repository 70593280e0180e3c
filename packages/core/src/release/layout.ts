import type { Release } from './model';

/**
 * Who laid the release out, which decides how its node is started and told to upgrade. `reltool` stands for every plain
 * OTP target system.
 */
export type ReleaseLayout = 'reltool' | 'relx' | 'mix';

/** By what only that tool writes: relx' script that calls release_handler, and mix' environment of each version. */
export function layoutOf({ tree, versionPath }: Pick<Release, 'tree' | 'versionPath'>): ReleaseLayout {
  return layoutIn((path) => tree.files.some((file) => file.path === path), versionPath);
}

/** The same for a folder on disk. */
export function layoutIn(has: (path: string) => boolean, versionPath: string): ReleaseLayout {
  if (has('bin/install_upgrade.escript')) return 'relx';
  return has(`${versionPath}/env.sh`) && has(`${versionPath}/elixir`) ? 'mix' : 'reltool';
}

/**
 * The start script of relx boots the version that is written in it. It lies there twice, and `bin/NAME upgrade` and
 * `bin/NAME downgrade` copy `bin/NAME-VSN` to `bin/NAME`; where that is missing the node boots the version before.
 */
export function versionedStartScript({ name, version }: Pick<Release, 'name' | 'version'>): string {
  return `bin/${name}-${version}`;
}
