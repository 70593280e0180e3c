import { basename, join, posix } from 'node:path';
import { DependencyType, type ProjectGraphExternalNode, type RawProjectGraphDependency } from '@nx/devkit';
import { above, type FoundProject } from './find-projects';
import { readLockFile, type LockedPackage } from './lock-files';

/** What a lock file pins, as Nx knows it. */
export interface ExternalNode {
  readonly lockFile: string;
  readonly locked: LockedPackage;
  /** Named `hex:NAME` or `git:NAME`; with `@VERSION` where another lock file pins another version. */
  readonly node: ProjectGraphExternalNode;
}

/** @returns sorted */
export function lockFilesIn(files: readonly string[]): string[] {
  return files
    .filter((file) => basename(file) === 'rebar.lock' || basename(file) === 'mix.lock')
    .filter((file) => !/(?:^|\/)(?:_build|_checkouts|deps|node_modules)\//.test(file))
    .sort();
}

/** The lock file of the nearest folder, that of the project or one above it. */
export function lockFileFor(
  project: Pick<FoundProject, 'root' | 'tool'>,
  locks: readonly string[],
): string | undefined {
  const names = project.tool === 'mix' ? ['mix.lock'] : ['rebar.lock', 'mix.lock'];
  for (const folder of above(project.root)) {
    const found = names.map((name) => posix.join(folder, name)).find((file) => locks.includes(file));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** @param locks sorted; the first that pins a package gives it the plain name */
export function externalNodes(locks: readonly string[], workspaceRoot: string): ExternalNode[] {
  const versions = new Map<string, string>();
  return locks.flatMap((lockFile) =>
    readLockFile(join(workspaceRoot, lockFile)).map((locked) => {
      const { source, name, packageName, version, hash } = locked;
      const plain = `${source}:${name}` as const;
      const first = versions.get(plain) ?? version;
      versions.set(plain, first);
      return {
        lockFile,
        locked,
        node: {
          type: source,
          name: first === version ? plain : `${plain}@${version}`,
          data: { packageName, version, ...(hash !== undefined && hash !== '' && { hash }) },
        },
      };
    }),
  );
}

/** The node of a package by the name that projects call it by, for each lock file. */
export function nodesByName(
  nodes: readonly ExternalNode[],
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const byLock = new Map<string, Map<string, string>>();
  for (const { lockFile, locked, node } of nodes) {
    const names = byLock.get(lockFile) ?? new Map<string, string>();
    byLock.set(lockFile, names.set(locked.name, node.name));
  }
  return byLock;
}

/** What the packages of a lock file need of each other. */
export function externalDependencies(nodes: readonly ExternalNode[]): RawProjectGraphDependency[] {
  const byLock = nodesByName(nodes);
  return nodes.flatMap(({ lockFile, locked, node }) =>
    locked.needs.flatMap((needed) => {
      const target = byLock.get(lockFile)?.get(needed);
      return target === undefined || target === node.name
        ? []
        : [{ source: node.name, target, type: DependencyType.static }];
    }),
  );
}
