import type { ApplicationDiff, ModuleDiff } from '../diff';
import type { Diagnostic } from './diagnostic';

/**
 * Bases that have one version of an application share its sections in the appup, so the same must have changed since.
 * Where their builds of that version differ, what is right for one is wrong for another.
 *
 * @param applications one application's differences to the bases that have it in one version
 */
export function basesDiffer(applications: readonly ApplicationDiff[]): Diagnostic[] {
  const [first, ...others] = applications;
  if (first === undefined) return [];
  const other = others.find((application) => steps(application) !== steps(first));
  if (other === undefined) return [];
  const { name, previous } = first;
  return [
    {
      code: 'bases-differ',
      severity: 'error',
      application: name,
      message: `the previous releases in ${first.previous.tree.origin} and ${other.previous.tree.origin} have ${name} ${previous.version} with different code, and one section of the appup would have to serve both.`,
      fix: `Make one package for each of these releases, or build them from the same ${name} ${previous.version}.`,
    },
  ];
}

/**
 * The same section would have to be another one for each of these bases, because they have other versions of other
 * applications, with which this one is in another order.
 */
export function sectionsDiffer(
  application: string,
  direction: 'up' | 'down',
  version: string,
  bases: readonly [string, string],
): Diagnostic[] {
  const pair = direction === 'up' ? `up from ${version}` : `down to ${version}`;
  return [
    {
      code: 'bases-differ',
      severity: 'error',
      application,
      message: `the section ${pair} of ${application} would have to be another one for the release ${bases[0]} than for ${bases[1]}: their other applications have other versions, and its modules have to change in another order among those.`,
      fix: 'Make one package for each of these releases, or write the section yourself.',
    },
  ];
}

function steps(application: ApplicationDiff): string {
  return JSON.stringify(application.modules.flatMap(step));
}

function step(module: ModuleDiff): string[][] {
  switch (module.kind) {
    case 'equivalent':
      return [];
    case 'added':
      return [[module.kind, module.name]];
    case 'removed':
      return [[module.kind, module.name, module.previous.md5]];
    case 'changed':
      return [[module.kind, module.name, module.change, module.previous.md5]];
  }
}
