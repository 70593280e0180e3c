import { listElements, printTerm } from '../erlang';
import { OtpError } from '../error';
import { findSection, sectionVersionToTerm, type Appup, type AppupSection } from './appup-file';
import { instructionToTerm, parseInstruction, type Instruction } from './instruction';
import type { Direction } from './module-step';
import type { PlannedInstruction } from './module-instruction';

/** The appup of one application for all bases, and how each of its sections came about. */
export interface PlannedAppup {
  readonly application: string;
  readonly version: string;
  readonly appup: Appup;
  /** Up and down for each version that a base has of the application. */
  readonly sections: readonly PlannedSection[];
  /** Kept appups that are for another version of the application, of which nothing was used. */
  readonly stale: readonly Appup[];
}

export interface PlannedSection {
  readonly direction: Direction;
  /** The other version: up from it, or down to it. */
  readonly version: string;
  readonly origin:
    | { readonly kind: 'generated'; readonly instructions: readonly PlannedInstruction[] }
    /** Written by a person, or shipped with the application. */
    | { readonly kind: 'kept'; readonly file: string; readonly instructions: readonly Instruction[] };
}

/** What was planned for the pairs of one application, by direction and the version of the base. */
export type PlannedSections = (direction: Direction, version: string) => readonly PlannedInstruction[];

/**
 * Makes the appup of one application.
 *
 * A kept appup (written by hand, or shipped with the application) decides where it has a section for a version pair,
 * by OTP's matching rules; what it lacks is generated, and its other sections stay. One for another version of the
 * application says nothing about this one and is left aside.
 *
 * @param application its name and its new version
 * @param versions the versions that the bases have of it, each once
 * @param kept in the order they count
 */
export function assembleAppup(
  { name, version }: { readonly name: string; readonly version: string },
  versions: readonly string[],
  kept: readonly Appup[],
  planned: PlannedSections,
): PlannedAppup {
  const sections = versions.flatMap((previous) =>
    directions.map((direction): PlannedSection => {
      const origin = keptSection(kept, version, direction, previous);
      return {
        direction,
        version: previous,
        origin: origin ?? { kind: 'generated', instructions: planned(direction, previous) },
      };
    }),
  );
  return appupOfSections({ application: name, version }, sections, kept);
}

const directions = ['up', 'down'] as const;

/** The appup that consists of these sections, and of what kept appups have beside them. */
export function appupOfSections(
  { application, version }: Pick<PlannedAppup, 'application' | 'version'>,
  sections: readonly PlannedSection[],
  kept: readonly Appup[],
): PlannedAppup {
  const current = kept.filter((appup) => appup.version === version);
  const generated = (direction: Direction): AppupSection[] =>
    sections.flatMap((section) =>
      section.direction !== direction || section.origin.kind === 'kept'
        ? []
        : [
            {
              version: { kind: 'exact', version: section.version },
              instructions: section.origin.instructions.map(({ instruction }) => ({
                term: instructionToTerm(instruction, { shortest: true }),
              })),
            },
          ],
    );
  const appup: Appup = {
    file: current[0]?.file ?? `${application}.appup`,
    version,
    up: [...current.flatMap((appup) => appup.up), ...generated('up')],
    down: [...current.flatMap((appup) => appup.down), ...generated('down')],
  };
  return { application, version, appup, sections, stale: kept.filter((one) => one.version !== version) };
}

/** What people wrote for a version pair; undefined where they wrote nothing. */
export function keptSection(
  kept: readonly Appup[],
  version: string,
  direction: Direction,
  previous: string,
): Extract<PlannedSection['origin'], { kind: 'kept' }> | undefined {
  for (const appup of kept) {
    if (appup.version !== version) continue;
    const section = findSection(appup[direction], previous);
    if (section === undefined) continue;
    return { kind: 'kept', file: appup.file, instructions: sectionInstructions(section, appup.file) };
  }
  return undefined;
}

/** The instructions of a section; those of a list among them take its place, as in `systools_rc`. */
function sectionInstructions(section: AppupSection, file: string): Instruction[] {
  return section.instructions.flatMap(({ term, position }) => {
    const nested = listElements(term);
    try {
      return nested === undefined
        ? [parseInstruction(term)]
        : nested.map((element) => parseInstruction(element, { short: false }));
    } catch (error) {
      if (!(error instanceof OtpError)) throw error;
      throw new OtpError(
        `${error.problem} (in the section for ${printTerm(sectionVersionToTerm(section.version))})`,
        {
          code: error.code,
          file,
          position,
          fix: error.fix,
          cause: error,
        },
      );
    }
  });
}
