import type { ApplicationDiff } from '../diff';
import type { Diagnostic } from './diagnostic';

/**
 * Code that changed under an unchanged application version never reaches the node: relups look at versions only,
 * and unpacking does not replace a file that is there. The upgrade would succeed and change nothing.
 */
export function codeChangedSameVersion(application: ApplicationDiff): Diagnostic[] {
  if (application.previous.version !== application.next.version) return [];
  const modules = application.modules.filter((module) => module.kind !== 'equivalent').map((module) => module.name);
  if (modules.length > 0) {
    return [finding(application, `the code of ${names(modules)} differs`)];
  }
  const files = application.files.filter((file) => !file.path.endsWith('.beam')).map((file) => file.path);
  return files.length > 0 ? [finding(application, `${names(files)} differ${files.length === 1 ? 's' : ''}`)] : [];
}

function finding(application: ApplicationDiff, what: string): Diagnostic {
  const { name, next } = application;
  return {
    code: 'code-changed-same-version',
    severity: 'error',
    application: name,
    message: `${what}, but the version of ${name} is ${next.version} in both releases, so the node would keep the old files.`,
    fix: `Give ${name} a new version in ${name}.app.src, or build both releases from the same ${name} ${next.version}.`,
  };
}

function names(all: readonly string[]): string {
  const shown = all.slice(0, 5).join(', ');
  return all.length > 5 ? `${shown} and ${all.length - 5} more` : shown;
}
