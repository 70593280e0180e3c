import type { PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import { moduleRole } from '../appup/module-role';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { restartsAll, sectionsOf } from './section';

/**
 * An appup that was written for other versions may update modules that are the same in both releases. Their
 * `code_change` then converts a state that is of the new shape already.
 */
export function unchangedModuleUpdated(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const seen = new Set<string>();
  return sectionsOf(pair, appups).flatMap((section) => {
    if (section.keptIn === undefined || restartsAll(section)) return [];
    const { application, keptIn, instructions, place } = section;
    const differing = new Set(
      application.modules.flatMap((module) => (module.kind === 'equivalent' ? [] : [module.name])),
    );
    const updated = instructions.flatMap((instruction) => {
      if (instruction.kind === 'update')
        return instruction.change.kind === 'advanced' ? [instruction.module] : [];
      return instruction.kind === 'code_change' ? instruction.changes.map(({ module }) => module) : [];
    });
    return updated.flatMap((module): Diagnostic[] => {
      const facts = pair.modules.next.get(module);
      if (facts?.application !== application.name || differing.has(module)) return [];
      // A supervisor reads its children again and finds the same.
      const role = moduleRole(facts.facts, pair.modules.next);
      if (role.kind === 'supervisor' || seen.has(module)) return [];
      seen.add(module);
      const conversions = Object.values(facts.facts.details().codeChange);
      const converts = conversions.some((one) => !isUnknown(one) && one === 'converts');
      return [
        {
          code: 'unchanged-module-updated',
          severity: converts ? 'error' : 'warning',
          application: application.name,
          module,
          message: `${module} is the same in both releases, and the instructions ${place} call its code change all the same${converts ? ', which would convert a state that is as it should be' : ''}.`,
          fix: `Write a section for exactly this pair without ${module}: take it out of ${keptIn}, or, where that came with ${application.name}, put one into rel/appups/${application.name}/${application.previous.version}_to_${application.next.version}.appup.`,
        },
      ];
    });
  });
}
