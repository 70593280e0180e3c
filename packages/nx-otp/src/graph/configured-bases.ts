import type { NxJsonConfiguration } from '@nx/devkit';

/**
 * The previous releases that a project is configured with, in a target of its `project.json`, of `nx` in its
 * `package.json`, or in the target defaults of the workspace.
 * @param read the text of a file of the project; empty where there is none
 * @param targets those that are inferred for it
 */
export function configuredBases(
  read: (file: string) => string,
  nxJson: NxJsonConfiguration,
  targets: readonly string[],
): string[] {
  const project = parsed(read('project.json'));
  const ofPackage = at(parsed(read('package.json')), 'nx');
  for (const source of [at(project, 'targets'), at(ofPackage, 'targets'), nxJson.targetDefaults]) {
    for (const target of targets) {
      const options = at(at(source, target), 'options');
      const found = [at(options, 'previousRelease'), ...listOf(at(options, 'previousReleases'))];
      const bases = found.filter((base): base is string => typeof base === 'string' && base !== '');
      if (bases.length > 0) return bases;
    }
  }
  return [];
}

/** What is wrong with the file is told by Nx. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function at(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
