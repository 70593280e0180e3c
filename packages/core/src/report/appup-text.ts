import { instructionToTerm, type Instruction, type PlannedAppup, type PlannedSection } from '../appup';
import { printTerm } from '../erlang';

/**
 * The planned appups as a person reads them in a terminal: each instruction in the order it is carried out, and why
 * it is there.
 */
export function formatAppups(appups: readonly PlannedAppup[]): string {
  return appups
    .flatMap((appup) => [`${appup.application} ${appup.version}`, ...appup.sections.flatMap(formatSection)])
    .join('\n');
}

function formatSection({ direction, version, origin }: PlannedSection): string[] {
  const pair = direction === 'up' ? `up from ${version}` : `down to ${version}`;
  const source = origin.kind === 'kept' ? ` (as written in ${origin.file})` : '';
  const lines =
    origin.kind === 'kept'
      ? origin.instructions.map(formatInstruction)
      : origin.instructions.flatMap(({ instruction, reason }) => [
          formatInstruction(instruction),
          `  % ${reason}`,
        ]);
  return [
    `  ${pair}${source}`,
    ...(lines.length === 0 ? ['no instructions'] : lines).map((line) => `${' '.repeat(indent)}${line}`),
  ];
}

const indent = 4;

/** Without the indentation of its first line; the others have it. */
function formatInstruction(instruction: Instruction): string {
  return printTerm(instructionToTerm(instruction, { shortest: true }), { indent });
}
