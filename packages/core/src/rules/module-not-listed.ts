import type { ApplicationDiff } from '../diff';
import type { Diagnostic } from './diagnostic';

/**
 * A beam in `ebin` that the `.app` does not list is invisible to boot scripts and relups: an instruction cannot name it
 * (`no_such_module`), so a node that has loaded it goes on with the old code, and one that boots in embedded mode
 * never loads it.
 */
export function moduleNotListed({ name, previous, next, files }: ApplicationDiff): Diagnostic[] {
  // Under one version all that differs is `code-changed-same-version`.
  if (previous.version === next.version) return [];
  return files.flatMap(({ kind, path }): Diagnostic[] => {
    const module = /^ebin\/([^/]+)\.beam$/.exec(path)?.[1];
    if (module === undefined || kind === 'removed') return [];
    return [
      {
        code: 'module-not-listed',
        severity: kind === 'changed' ? 'error' : 'warning',
        application: name,
        module,
        message:
          kind === 'changed'
            ? `the code of ${module} changed, but ${name}.app does not list it, so no instruction can load it and the node would keep what it has.`
            : `${module} is new in ebin, but ${name}.app does not list it, so neither the upgrade nor the next boot loads it.`,
        fix: `Add ${module} to the modules of ${name}.app, or take ${path} out of the release.`,
      },
    ];
  });
}
