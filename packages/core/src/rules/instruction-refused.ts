import type { PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import type { Diagnostic } from './diagnostic';
import { sectionsOf, type Section } from './section';

/** `release_handler_1:eval/2` knows neither, though relup(4) names them. */
export function instructionRefused(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  return sectionsOf(pair, appups).flatMap(inSection);
}

function inSection({ instructions, application, place }: Section): Diagnostic[] {
  return instructions.flatMap(({ kind }): Diagnostic[] =>
    kind !== 'restart' && kind !== 'reboot'
      ? []
      : [
          {
            code: 'instruction-refused',
            severity: 'error',
            application: application.name,
            message: `the instructions ${place} hold ${kind}, which systools passes on and release_handler refuses (illegal_instruction_after_point_of_no_return).`,
            fix: 'Write restart_emulator, or restart_new_emulator where the emulator itself changes.',
          },
        ],
  );
}
