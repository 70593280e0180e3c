/** What a user names a base by. */
export type BaseSpecification =
  /** The release of a revision, which is built. */
  | { readonly kind: 'revision'; readonly revision: string }
  /** A folder, a tarball, a folder that keeps releases, or a snapshot of a node. */
  | { readonly kind: 'path'; readonly path: string };

/**
 * `git:REVISION`, or a path. A path that begins with `git:` is written `./git:...`.
 */
export function parseBaseSpecification(text: string): BaseSpecification {
  return text.startsWith('git:')
    ? { kind: 'revision', revision: text.slice('git:'.length) }
    : { kind: 'path', path: text };
}

/** `FOLDER#VSN`: the version that is meant of a folder that keeps several. */
export function versionInFolder(
  path: string,
): { readonly path: string; readonly version: string } | undefined {
  const [, folder, version] = /^(.+)#([^#/]+)$/s.exec(path) ?? [];
  return folder === undefined || version === undefined ? undefined : { path: folder, version };
}
