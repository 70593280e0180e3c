import type { ReleaseDiff } from '../diff';
import { layoutOf, versionedStartScript } from '../release';
import type { Diagnostic } from './diagnostic';

/**
 * Unpacking replaces no file that is there, and a package holds nothing outside of `lib`, `releases` and `erts-VSN`: a
 * start script that changed has to be brought to the node in another way. That of relx is in the package under a name
 * with its version, and `bin/NAME upgrade` puts it in its place.
 */
export function fileNotShipped({ previous, next, startScripts }: ReleaseDiff): Diagnostic[] {
  const shipped = layoutOf(next) === 'relx' ? [versionedStartScript(next), `bin/${next.name}`] : [];
  const paths = startScripts
    .filter(({ kind, path }) => kind !== 'removed' && !shipped.includes(path))
    .map(({ path }) => path);
  if (paths.length === 0) return [];
  return [
    {
      code: 'file-not-shipped',
      severity: 'warning',
      message: `${paths.join(', ')} ${paths.length === 1 ? 'is' : 'are'} not as in ${previous.version}, and no upgrade package brings what lies in bin, so the node goes on with what it has.`,
      fix: 'See that the new release starts with the old scripts, or copy the new ones to the node.',
    },
  ];
}
