import { instructionToTerm, type PlannedAppup } from '../appup';
import type { ReleasePair } from '../diff/module-index';
import { printTerm } from '../erlang';
import type { Diagnostic } from './diagnostic';
import { sectionsOf, type Section } from './section';

/** `check_install_release` evaluates everything up to the point of no return, and `install_release` does again. */
export function applyRunsTwice(pair: ReleasePair, appups: readonly PlannedAppup[]): Diagnostic[] {
  return sectionsOf(pair, appups).flatMap(inSection);
}

function inSection({ instructions, application, place }: Section): Diagnostic[] {
  const end = instructions.findIndex(({ kind }) => kind === 'point_of_no_return');
  const [first] = instructions.slice(0, Math.max(end, 0)).filter(({ kind }) => kind === 'apply');
  if (first === undefined) return [];
  return [
    {
      code: 'apply-runs-twice',
      severity: 'warning',
      application: application.name,
      message: `the instructions ${place} call ${printTerm(instructionToTerm(first))} before the point of no return: release_handler makes that call when the upgrade is checked, and again when it is installed.`,
      fix: 'Write it behind point_of_no_return, or see that it may be called twice.',
    },
  ];
}
