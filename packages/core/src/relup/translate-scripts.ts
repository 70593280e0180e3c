import type { LowLevelInstruction } from '../appup/instruction';
import type { ApplicationInRelease } from '../release/model';
import { translateApplicationInstructions } from './application-instructions';
import { checkScript } from './check-script';
import { translateComponents } from './translate-components';
import { mergeObjectCode } from './merge-object-code';
import { mergeScripts } from './merge-scripts';
import { distinctProblems, type RelupProblem } from './problem';
import { placeRestarts } from './restart-instructions';
import { readScript, type Direction, type Script } from './script';

/**
 * Turns the scripts that lead from one release to another into the one low-level script of the relup, as
 * `systools_rc:translate_scripts/4` does. The scripts become one, so that the dependencies of a module may lie in
 * any application.
 *
 * systools stops at the first mistake. Here the phases go on with what could be understood, and all problems of all
 * scripts come back at once; the first that systools would report is among them, and there are none exactly when
 * systools succeeds. A mistake that only follows from an instruction that could not be read is not reported.
 *
 * Where OTP leaves the order of unrelated modules to the hash of their names, they stay in the order of the script.
 *
 * @param input.entered the applications of the release that is entered, in its start order: the versions of the
 *   object code come from here, and the first application that has a module counts
 * @param input.left the applications of the release that is left
 */
export function translateScripts(input: {
  readonly direction: Direction;
  readonly scripts: readonly Script[];
  readonly entered: readonly ApplicationInRelease[];
  readonly left: readonly ApplicationInRelease[];
}): { readonly instructions: readonly LowLevelInstruction[]; readonly problems: readonly RelupProblem[] } {
  const { direction, entered, left } = input;
  const read = input.scripts.map((script) => readScript(script, direction));
  const merged = mergeScripts(read.map(({ elements }) => elements));
  const checked = checkScript(merged);
  const expanded = translateApplicationInstructions(merged.after, { entered, left });
  const translated = translateComponents(expanded.script, {
    direction,
    entered,
    left,
    unread: merged.unread,
  });
  const objectCode = mergeObjectCode([...merged.before, ...translated.objectCode]);
  const placed = placeRestarts(direction, objectCode.before, translated.after);
  const problems = distinctProblems([
    ...read.flatMap(({ problems }) => problems),
    ...merged.problems,
    ...checked,
    ...expanded.problems,
    ...translated.problems,
    ...objectCode.problems,
  ]);
  return { instructions: [...placed.before, { kind: 'point_of_no_return' }, ...placed.after], problems };
}
