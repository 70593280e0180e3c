import type { ApplicationDiff } from './model';

/** How the version of an application and what is in it go together. */
export type VersionChange =
  | 'same'
  | 'bumped'
  /** A new version of what is the same: nothing to load, but the code path moves. */
  | 'bumped-without-change'
  /** What no node would ever get: neither relups nor unpacking look at more than the version. */
  | 'changed-without-bump';

/** Modules that are only equivalent have not changed; files beside them have. */
export function versionChange(application: ApplicationDiff): VersionChange {
  const { previous, next, modules, files, resource } = application;
  const codeChanged = modules.some((module) => module.kind !== 'equivalent');
  if (previous.version === next.version) {
    return codeChanged || files.length > 0 ? 'changed-without-bump' : 'same';
  }
  // With the version the .app differs in any case; what else differs in it is in `resource`.
  const otherFiles = files.filter((file) => file.path !== `ebin/${application.name}.app`);
  const changed = codeChanged || otherFiles.length > 0 || Object.keys(resource).length > 0;
  return changed ? 'bumped' : 'bumped-without-change';
}
