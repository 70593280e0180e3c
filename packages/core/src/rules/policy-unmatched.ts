import type { UpgradePolicy } from '../appup';
import { didYouMean } from '../nearest-name';
import type { ReleaseDescription } from '../release/model';
import type { Diagnostic } from './diagnostic';

/**
 * Names in the policy that no application and no module of the releases has: what was meant for them would be missed
 * without a word. Names in its allowances are not looked at, as an allowance without a finding is one itself.
 */
export function unmatchedPolicy(
  policy: Pick<UpgradePolicy, 'applications'>,
  releases: readonly ReleaseDescription[],
): Diagnostic[] {
  const modulesOf = new Map<string, Set<string>>();
  for (const { name, resource } of releases.flatMap(({ applications }) => applications)) {
    const modules = modulesOf.get(name) ?? new Set();
    for (const module of resource.modules) modules.add(module);
    modulesOf.set(name, modules);
  }
  const all = new Set([...modulesOf.values()].flatMap((modules) => [...modules]));
  const found: Diagnostic[] = [];
  for (const [application, { modules }] of policy.applications) {
    const own = modulesOf.get(application);
    if (own === undefined) {
      found.push(
        unmatched({ application }, `there is no application ${application} in the releases`, [
          application,
          modulesOf.keys(),
        ]),
      );
      continue;
    }
    for (const [module, { loadAfter = [], dependencies = [] }] of modules) {
      if (!own.has(module)) {
        const other = [...modulesOf].find(([, others]) => others.has(module))?.[0];
        const elsewhere = other === undefined ? '' : `; it is one of ${other}`;
        found.push(
          unmatched({ application, module }, `${application} has no module ${module}${elsewhere}`, [
            module,
            own,
          ]),
        );
      }
      for (const named of new Set([...loadAfter, ...dependencies])) {
        if (all.has(named)) continue;
        found.push(
          unmatched(
            { application, module },
            `${named}, which is named for ${module}, is no module of the releases`,
            [named, all],
          ),
        );
      }
    }
  }
  return found;
}

function unmatched(
  of: Pick<Diagnostic, 'application' | 'module'>,
  what: string,
  [name, candidates]: readonly [string, Iterable<string>],
): Diagnostic {
  return {
    code: 'policy-unmatched',
    severity: 'error',
    ...of,
    message: `the project's policy says how to upgrade something that is not there: ${what}.`,
    fix: `Correct the name, or remove what is said of it.${didYouMean(name, candidates)}`,
  };
}
