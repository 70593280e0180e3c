import type { ApplicationDiff } from '../diff';
import type { Diagnostic } from './diagnostic';

/**
 * What changed under an unchanged application version never reaches the node: relups look at versions only,
 * and unpacking does not replace a file that is there. The upgrade would succeed and change nothing.
 */
export function codeChangedSameVersion({
  name,
  previous,
  next,
  modules,
  files,
}: ApplicationDiff): Diagnostic[] {
  if (previous.version !== next.version) return [];
  const changed = modules.filter((module) => module.kind !== 'equivalent').map((module) => module.name);
  const paths = files.map((file) => file.path);
  const parts = [
    ...(changed.length > 0 ? [`the code of ${names(changed)}`] : []),
    ...(paths.length > 0 ? [names(paths)] : []),
  ];
  if (parts.length === 0) return [];
  const verb = parts.length > 1 || (changed.length === 0 && paths.length > 1) ? 'differ' : 'differs';
  return [
    {
      code: 'code-changed-same-version',
      severity: 'error',
      application: name,
      message: `${parts.join(' and ')} ${verb}, but the version of ${name} is ${next.version} in both releases, so the node would keep the old files.`,
      fix: `Give ${name} a new version in ${name}.app.src, or build both releases from the same ${name} ${next.version}.`,
    },
  ];
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, 5).join(', ');
  return all.length > 5 ? `${shown} and ${all.length - 5} more` : shown;
}
