import type { PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, listed, restartsAll, sectionsOf } from './section';

/** What nobody could look into is not taken to be fine: one finding for each application says where. */
export function factsUnknown(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const hot = new Set(
    sectionsOf(pair, appups)
      .filter((section) => !restartsAll(section))
      .map(({ application }) => application),
  );
  return [...hot].flatMap((application): Diagnostic[] => {
    const modules: string[] = [];
    const reasons = new Set<string>();
    for (const { name, previous, next } of changedModules(application)) {
      const facts = [previous.details().lingers, next.details().lingers];
      const unknown = facts.flatMap((fact) => (isUnknown(fact) ? [fact.unknown] : []));
      if (unknown.length === 0) continue;
      modules.push(name);
      for (const reason of unknown) reasons.add(reason);
    }
    if (modules.length === 0) return [];
    return [
      {
        code: 'facts-unknown',
        severity: 'info',
        application: application.name,
        message: `whether processes may stay in the old code of ${listed(modules)} could not be found out (${[...reasons].sort().join('; ')}), so nobody has checked whether a purge kills some.`,
        fix: 'Build both releases with debug info, or with the facts that generate keeps beside the release.',
      },
    ];
  });
}
