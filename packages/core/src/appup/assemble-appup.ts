import { listElements, printTerm } from '../erlang';
import type { ApplicationDiff } from '../diff';
import { OtpError } from '../error';
import { findSection, sectionVersionToTerm, type Appup, type AppupSection } from './appup-file';
import { instructionToTerm, parseInstruction, type Instruction } from './instruction';
import type { Direction } from './module-step';
import { planInstructions, type PlannedInstruction } from './plan-appup';

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

/**
 * Makes the appup of one application.
 *
 * A kept appup (written by hand, or shipped with the application) decides where it has a section for a version pair,
 * by OTP's matching rules; what it lacks is generated, and its other sections stay. One for another version of the
 * application says nothing about this one and is left aside.
 *
 * @param bases the application's differences to each base, all with the same new version and another old one
 * @param kept in the order they count
 */
export function assembleAppup(bases: readonly ApplicationDiff[], kept: readonly Appup[]): PlannedAppup {
  const [first] = bases;
  if (first === undefined) throw new Error('an appup needs at least one base');
  const { name: application, version } = first.next;
  const current = kept.filter((appup) => appup.version === version);
  const sections: PlannedSection[] = [];
  const generated: Record<Direction, AppupSection[]> = { up: [], down: [] };
  for (const base of bases) {
    for (const direction of ['up', 'down'] as const) {
      const section = planSection(base, direction, current);
      sections.push(section);
      if (section.origin.kind === 'generated') {
        generated[direction].push({
          version: { kind: 'exact', version: section.version },
          instructions: section.origin.instructions.map(({ instruction }) => ({
            term: instructionToTerm(instruction, { shortest: true }),
          })),
        });
      }
    }
  }
  const appup: Appup = {
    file: current[0]?.file ?? `${application}.appup`,
    version,
    up: [...current.flatMap((appup) => appup.up), ...generated.up],
    down: [...current.flatMap((appup) => appup.down), ...generated.down],
  };
  const stale = kept.filter((appup) => appup.version !== version);
  return { application, version, appup, sections, stale };
}

function planSection(base: ApplicationDiff, direction: Direction, kept: readonly Appup[]): PlannedSection {
  const { version } = base.previous;
  for (const appup of kept) {
    const section = findSection(appup[direction], version);
    if (section === undefined) continue;
    return {
      direction,
      version,
      origin: { kind: 'kept', file: appup.file, instructions: sectionInstructions(section, appup.file) },
    };
  }
  return {
    direction,
    version,
    origin: { kind: 'generated', instructions: planInstructions(base, direction) },
  };
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
