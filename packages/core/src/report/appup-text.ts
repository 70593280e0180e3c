import { instructionToTerm, type PlannedAppup, type PlannedSection } from '../appup';
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
      ? origin.instructions.map((instruction) =>
          printTerm(instructionToTerm(instruction, { shortest: true })),
        )
      : origin.instructions.flatMap(({ instruction, reason }) => [
          printTerm(instructionToTerm(instruction, { shortest: true })),
          `  % ${reason}`,
        ]);
  return [
    `  ${pair}${source}`,
    ...(lines.length === 0 ? ['no instructions'] : lines).map((line) => `    ${line}`),
  ];
}
