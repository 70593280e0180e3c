import type { PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import { isUnknown } from '../facts';
import type { Diagnostic } from './diagnostic';
import { changedModules, quoted, replacementOf, restartsAll, sectionsOf } from './section';

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
      if (before === after || replacement === undefined || replacement.how === 'advanced') return [];
      if (seen.has(name)) return [];
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
