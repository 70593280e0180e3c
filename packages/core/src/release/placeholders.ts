import { layoutOf } from './layout';
import type { Release } from './model';

/**
 * The `${NAME}` in the `sys.config` of a release of relx, each once. Its start script fills them in when the node boots, where
 * `RELX_REPLACE_OS_VARS` is set.
 */
export async function readPlaceholders(release: Release): Promise<string[]> {
  const { sysConfig } = release.configuration;
  if (sysConfig.kind !== 'present' || layoutOf(release) !== 'relx') return [];
  const text = (await release.tree.read(sysConfig.path)).toString().replace(/^\s*%.*$/gm, '');
  return [...new Set(text.match(/\$\{[A-Za-z_]\w*(?::-[^}]*)?\}/g) ?? [])];
}
