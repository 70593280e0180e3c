import type { PlannedAppup } from '../appup';
import { moduleRole } from '../appup/module-role';
import type { ModuleFacts } from '../diff';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown, type Linger } from '../facts';
import type { Diagnostic } from './diagnostic';
import { listed, quoted, replacementOf, restartsAll, type Section, sectionsOf } from './section';

/**
 * Old code is purged before a module is loaded (the pre-purge) and when the release is made permanent (the post-purge).
 * `brutal_purge` kills every process that is in it then: clients that wait in a function of a library are in no child
 * specification, and nobody suspends them. Who only holds a fun of it is not in it (`erlang:check_process_code/3`, since
 * OTP 20), and gets `badfun` after any purge.
 */
export function killedByPurge(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const seen = new Set<string>();
  return sectionsOf(pair, appups).flatMap((section) => {
    if (restartsAll(section)) return [];
    return section.application.modules.flatMap((difference): Diagnostic[] => {
      const { name } = difference;
      const facts = section.left.get(name)?.facts;
      if (facts === undefined || difference.kind === 'equivalent' || seen.has(name)) return [];
      const { lingers } = facts.details();
      if (isUnknown(lingers)) return [];
      const kept = keptFuns(section, facts, lingers);
      if (kept.length > 0) {
        seen.add(name);
        return [keptFunsDiagnostic(section, name, kept)];
      }
      if (!purgesBrutally(section, name)) return [];
      // A loop is `process-stays-in-old-code`, however it is purged, and so is the fun that it is started with.
      const hasLoop = lingers.some(({ kind }) => kind === 'loop');
      const waits = lingers.filter(
        ({ kind }) => kind === 'receive' || kind === 'call' || (kind === 'fun' && !hasLoop),
      );
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

/** Where funs come from that somebody still holds when the old code is purged, brutally or not. */
function keptFuns(section: Section, facts: ModuleFacts, lingers: readonly Linger[]): readonly Linger[] {
  const replacement = replacementOf(section, facts.name);
  // A code change can make them anew.
  const converts = replacement?.how === 'advanced';
  if (replacement === undefined && section.entered.has(facts.name)) return [];
  return lingers.filter(({ kind, function: name }) => {
    if (kind === 'kept-fun') return !(converts && name === 'init/1');
    return kind === 'answered-fun' && processCalls(section, facts.name, name);
  });
}

/** Whether a module of processes calls the function: what it is answered may be in a state. */
function processCalls({ left }: Section, module: string, called: string): boolean {
  return [...left.values()].some(
    ({ facts }) =>
      facts.name !== module &&
      (facts.calls.get(module)?.has(called) ?? false) &&
      moduleRole(facts, left).kind === 'process',
  );
}

function keptFunsDiagnostic(
  { application, place }: Section,
  module: string,
  kept: readonly Linger[],
): Diagnostic {
  const of = (kind: Linger['kind'], verb: string): string[] => {
    const names = kept.flatMap((linger) => (linger.kind === kind ? [linger.function] : []));
    return names.length === 0 ? [] : [`${listed(names)} ${verb} funs of it`];
  };
  const what = [...of('kept-fun', 'keeps'), ...of('answered-fun', 'answers')].join(', and ');
  return {
    code: 'killed-by-purge',
    severity: 'warning',
    application: application.name,
    module,
    message: `the instructions ${place} take away the old code of ${module}, and processes may hold funs of it: ${what}. No kind of purge waits for them: from make_permanent or the next load of ${module} on, calling such a fun ends in badfun.`,
    fix: `Keep external funs, fun ${quoted(module)}:F/A of an exported function, which lead to the code that is loaded; or make the funs anew in the code_change of whoever keeps them.`,
  };
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
