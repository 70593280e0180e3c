import type { PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown, type Linger } from '../facts';
import type { Diagnostic } from './diagnostic';
import { listed, quoted, replacementOf, restartsAll, type Section, sectionsOf } from './section';

/**
 * Old code is purged before a module is loaded (the pre-purge) and when the release is made permanent (the post-purge).
 * `brutal_purge` kills every process that is in it then, or holds a fun of it: clients that wait in a function of a
 * library are in no child specification, and nobody suspends them.
 */
export function killedByPurge(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const seen = new Set<string>();
  return sectionsOf(pair, appups).flatMap((section) => {
    if (restartsAll(section)) return [];
    return section.application.modules.flatMap((difference): Diagnostic[] => {
      const { name } = difference;
      const facts = section.left.get(name)?.facts;
      if (facts === undefined || difference.kind === 'equivalent' || seen.has(name)) return [];
      if (!purgesBrutally(section, name)) return [];
      const { lingers } = facts.details();
      if (isUnknown(lingers)) return [];
      // A loop is `process-stays-in-old-code`, however it is purged, and so is the fun that it is started with.
      const hasLoop = lingers.some(({ kind }) => kind === 'loop');
      const waits = lingers.filter(({ kind }) => kind !== 'loop' && !(hasLoop && kind === 'fun'));
      if (waits.length === 0) return [];
      seen.add(name);
      const isDeleted = section.entered.get(name) === undefined;
      return [
        {
          code: 'killed-by-purge',
          severity: 'warning',
          application: section.application.name,
          module: name,
          message: `the instructions ${section.place} purge the old code of ${name} brutally, and processes may be in it: ${describe(waits)}. They would be killed, whoever they are.`,
          fix: isDeleted
            ? `Keep ${name} for one more version, or write {remove, {${quoted(name)}, soft_purge, soft_purge}} in the place of {delete_module, ${quoted(name)}}, which refuses the upgrade while they wait.`
            : `Write soft_purge for both purges, as in {load_module, ${quoted(name)}, soft_purge, soft_purge, []}; while they wait, an upgrade or a downgrade that follows is refused with old_processes.`,
        },
      ];
    });
  });
}

function purgesBrutally(section: Section, module: string): boolean {
  const replacement = replacementOf(section, module);
  if (replacement !== undefined) return replacement.purges.includes('brutal_purge');
  return section.instructions.some(
    (instruction) =>
      (instruction.kind === 'delete_module' && instruction.module === module) ||
      (instruction.kind === 'remove' &&
        instruction.module === module &&
        [instruction.prePurge, instruction.postPurge].includes('brutal_purge')),
  );
}

function describe(lingers: readonly Linger[]): string {
  const by = (kind: Linger['kind'], text: string): string[] => {
    const functions = lingers.flatMap((linger) => (linger.kind === kind ? [linger.function] : []));
    return functions.length === 0 ? [] : [`${listed(functions)} ${text}`];
  };
  return [
    ...by('receive', 'may wait for a message without limit'),
    ...by('call', 'may wait for an answer without limit'),
    ...by('fun', 'gives away funs of it'),
  ].join(', ');
}
