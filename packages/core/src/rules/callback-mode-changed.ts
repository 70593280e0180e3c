import type { PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, quoted, replacementOf, restartsAll, type Section, sectionsOf } from './section';

/**
 * gen_statem asks for the callback mode when it starts and after a code change (`gen_statem:system_code_change/4`), and
 * not when the module is loaded: a process of the old mode would call functions that the new code does not have.
 */
export function callbackModeChanged(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  const seen = new Set<string>();
  return sectionsOf(pair, appups).flatMap((section) => {
    if (restartsAll(section)) return [];
    return changedModules(section.application).flatMap(({ name, previous, next }): Diagnostic[] => {
      const [before, after] = [previous.details().callbackMode, next.details().callbackMode];
      if (before === null || after === null || isUnknown(before) || isUnknown(after)) return [];
      const replacement = replacementOf(section, name);
      if (before === after || replacement === undefined || seen.has(name)) return [];
      if (replacement.how === 'advanced') {
        if (!asksNewerCode(section, name)) return [];
        seen.add(name);
        return [wayBack(section, name, before, after)];
      }
      seen.add(name);
      return [
        {
          code: 'callback-mode-changed',
          severity: 'error',
          application: section.application.name,
          module: name,
          message: `callback_mode/0 of ${name} answered ${before} and answers ${after}, and the instructions ${section.place} load it without a code change: gen_statem asks only when it starts and after a code change, so processes that run go on in the other mode and crash.`,
          fix: `Give ${name} a code_change/4, which may answer {ok, State, Data}, and write {update, ${quoted(name)}, {advanced, []}}.`,
        },
      ];
    });
  });
}

/**
 * On the way down the state of a dynamic module is converted before the older code is loaded (`systools_rc`), so that it
 * is the newer code that is asked for its mode.
 */
function asksNewerCode({ direction, instructions }: Section, module: string): boolean {
  return (
    direction === 'down' &&
    instructions.some(
      (instruction) =>
        instruction.kind === 'update' &&
        instruction.module === module &&
        instruction.moduleType === 'dynamic',
    )
  );
}

function wayBack({ application, place }: Section, module: string, before: string, after: string): Diagnostic {
  return {
    code: 'callback-mode-changed',
    severity: 'error',
    application: application.name,
    module,
    message: `callback_mode/0 of ${module} answered ${before} and answers ${after}, and the instructions ${place} convert the state before they load the older code: gen_statem then asks the newer code, and the processes go on in its mode with code that does not have it.`,
    fix: `Stop the processes of ${module} before that and start them after it, by {apply, ...} in the section ${place}, or allow this finding where nobody will downgrade.`,
  };
}
