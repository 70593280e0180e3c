import { instructionToTerm, parseInstruction, type Direction, type Instruction } from '../appup';
import { OtpError } from '../error';
import { printTerm, readFirstTerm, string } from '../erlang';

/** An appup for one version pair, as a file for source control. */
export interface ReviewableAppup {
  readonly application: string;
  readonly from: string;
  readonly to: string;
  /** Below the folder of reviewed appups: `dummy/0.1_to_0.2.appup`. */
  readonly path: string;
  readonly text: string;
  /** Directions for which people wrote a section already; the file has none for them. */
  readonly written: readonly Direction[];
}

/**
 * The appups that `generateAppups` planned, one for each application and base, with the reason of each instruction as a
 * comment above it. `readKeptAppups` reads the same instructions back. Sections that people wrote are left out, and so
 * are appups that would have none.
 *
 * @param index the text of `appups.json`
 * @param file for messages
 * @throws OtpError (`appups-missing`) when this is no such index; (`version-name`) for a version that no file can be
 *   named for
 */
export function reviewableAppups(index: string, file: string): ReviewableAppup[] {
  return plannedApplications(index, file).flatMap(({ name, version, sections }) =>
    [...new Set(sections.map((section) => section.version))].flatMap((from) => {
      const ofPair = sections.filter((section) => section.version === from);
      const planned = ofPair.filter(({ origin }) => origin === 'generated');
      if (planned.length === 0) return [];
      const written = ofPair.filter(({ origin }) => origin !== 'generated');
      return [
        {
          application: name,
          from,
          to: version,
          path: pathOfPair(name, from, version, file),
          text: appupText(name, from, version, planned),
          written: written.map(({ direction }) => direction),
        },
      ];
    }),
  );
}

function pathOfPair(application: string, from: string, to: string, file: string): string {
  const name = `${from}_to_${to}.appup`;
  // What reads it takes the name apart again, and passes over files whose names begin with a dot.
  const canBeNamed =
    [application, name].every((part) => /^[^./\\][^/\\\p{Cc}]*$/u.test(part)) &&
    !from.includes('_to_') &&
    !to.includes('_to_');
  if (canBeNamed) return `${application}/${name}`;
  throw new OtpError(`no file can be named for ${JSON.stringify({ application, from, to })}.`, {
    code: 'version-name',
    file,
    fix: `Write the appup to src/${application}.appup of the application instead.`,
  });
}

/** Longest line, where nothing longer stands in it. */
const width = 100;
const indent = 4;
const margin = ' '.repeat(indent);

function appupText(application: string, from: string, to: string, sections: readonly PlannedTexts[]): string {
  const of = (direction: Direction): string => {
    const section = sections.find((one) => one.direction === direction);
    if (section === undefined) return ' []';
    const other = printTerm(string(from));
    if (section.instructions.length === 0) return ` [{${other}, []}]`;
    return ` [{${other}, [\n${margin}${section.instructions.map(instructionText).join(`,\n${margin}`)}\n  ]}]`;
  };
  return [
    '%% coding: utf-8',
    ...comment(
      `${application} ${from} -> ${to} and back. Planned by nx-otp, with the reason above each instruction, for you to review and change. For this version pair the file wins over what is planned; delete it to have that again.`,
      '%%',
      0,
    ),
    `{${printTerm(string(to))},\n${of('up')},\n${of('down')}}.`,
    '',
  ].join('\n');
}

/** The instruction, after the line that says why. */
function instructionText({ instruction, reason }: PlannedTexts['instructions'][number]): string {
  const text = printTerm(instructionToTerm(instruction, { shortest: true }), { width, indent });
  return [...comment(reason, '%', indent), text].join(`\n${margin}`);
}

/** Lines of a comment; a control character could end it. */
function comment(text: string, mark: string, column: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/[\s\p{Cc}\p{Surrogate}\uFFFE\uFFFF]+/u).filter((one) => one !== '')) {
    const last = lines.at(-1);
    const longer = `${last ?? mark} ${word}`;
    if (last === undefined || column + longer.length > width) lines.push(`${mark} ${word}`);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

interface PlannedTexts {
  readonly direction: Direction;
  readonly version: string;
  readonly origin: string;
  readonly instructions: readonly { readonly instruction: Instruction; readonly reason: string }[];
}

interface PlannedApplication {
  readonly name: string;
  readonly version: string;
  readonly sections: readonly PlannedTexts[];
}

/** What the index says of each application. It may have been written by another version, or by hand. */
function plannedApplications(text: string, file: string): PlannedApplication[] {
  const wrong = (cause?: unknown): OtpError =>
    new OtpError('this is not the index of a folder of generated appups.', {
      code: 'appups-missing',
      file,
      cause,
    });
  const entries = (value: unknown): ReadonlyMap<string, unknown> => {
    if (typeof value !== 'object' || value === null) throw wrong();
    return new Map(Object.entries(value));
  };
  const listOf = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value)) throw wrong();
    return value;
  };
  const textOf = (value: unknown): string => {
    if (typeof value !== 'string') throw wrong();
    return value;
  };
  const instruction = (value: unknown): PlannedTexts['instructions'][number] => {
    const planned = entries(value);
    const written = textOf(planned.get('instruction'));
    const reason = planned.get('reason') ?? '';
    return {
      instruction: parseInstruction(readFirstTerm(`${written}\n.`, file).term),
      reason: textOf(reason),
    };
  };
  const section = (value: unknown): PlannedTexts => {
    const planned = entries(value);
    const direction = planned.get('direction');
    if (direction !== 'up' && direction !== 'down') throw wrong();
    return {
      direction,
      version: textOf(planned.get('version')),
      origin: textOf(planned.get('origin')),
      instructions: listOf(planned.get('instructions')).map(instruction),
    };
  };
  try {
    return listOf(entries(JSON.parse(text)).get('applications')).map((value) => {
      const application = entries(value);
      return {
        name: textOf(application.get('name')),
        version: textOf(application.get('version')),
        sections: listOf(application.get('sections')).map(section),
      };
    });
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof OtpError) throw wrong(error);
    throw error;
  }
}
