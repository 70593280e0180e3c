import {
  binary,
  list,
  listElements,
  printTerm,
  string,
  stringValue,
  tuple,
  tupleOf,
  type Term,
  type TermFile,
} from '../erlang';
import { OtpError, type Position } from '../error';
import { compileVersionPattern } from './version-pattern';

/** An application upgrade file (`ebin/NAME.appup`): how to come to `version` of the application, and how to leave it. */
export interface Appup {
  /** The file, for messages. */
  readonly file: string;
  readonly version: string;
  /** The up-from sections, in the order of the file, which is the order they are matched in. */
  readonly up: readonly AppupSection[];
  /** The down-to sections, in the order of the file. */
  readonly down: readonly AppupSection[];
}

/** The script between two versions of the application. */
export interface AppupSection {
  /** The other version: a string stands for itself, a binary is a regular expression. */
  readonly version:
    | { readonly kind: 'exact'; readonly version: string }
    | { readonly kind: 'pattern'; readonly source: string };
  readonly instructions: readonly AppupInstruction[];
}

/** An element of a script as it was written: mostly an instruction, or a list of them. */
export interface AppupInstruction {
  readonly term: Term;
  /** Where it was read; absent for one that was made. */
  readonly position?: Position | undefined;
}

/**
 * Reads `{Vsn, [{UpFromVsn, [Instruction]}], [{DownToVsn, [Instruction]}]}`. Of a file with several terms only the
 * first counts, as for `systools_lib:read_term/1`. The instructions are not looked at: `parseInstruction` does.
 *
 * Stricter than systools, which passes over a section that is no pair of a version and a script: here it is an
 * error, because whoever wrote it wanted it to count.
 *
 * @param source the file, or the term where there is no file to point into
 * @param file the file, for messages
 * @throws OtpError `file_problem` (the name systools gives it) with the line and the shape that was expected.
 */
export function parseAppup(source: TermFile | Term, file: string): Appup {
  const positionOf = (term: Term): Position | undefined =>
    'terms' in source ? source.positionOf(term) : undefined;
  const wrong = (problem: string, where: Term | undefined): OtpError =>
    new OtpError(problem, {
      code: 'file_problem',
      file,
      position: where === undefined ? undefined : positionOf(where),
      fix: 'An appup is {"VSN", [{"UP-FROM-VSN", [INSTRUCTION]}], [{"DOWN-TO-VSN", [INSTRUCTION]}]}.',
    });
  const term = 'terms' in source ? source.terms[0] : source;
  if (term === undefined) throw wrong('the appup is empty.', undefined);
  const [versionTerm, upTerm, downTerm] = tupleOf(term, undefined, 3)?.elements ?? [];
  if (versionTerm === undefined || upTerm === undefined || downTerm === undefined) {
    throw wrong(`expected a tuple of three elements, found ${excerpt(term)}.`, term);
  }
  const version = stringValue(versionTerm);
  if (version === undefined) {
    throw wrong(
      `the version of the application must be a string, found ${excerpt(versionTerm)}.`,
      versionTerm,
    );
  }

  const sections = (sectionsTerm: Term, what: string): AppupSection[] => {
    const elements = listElements(sectionsTerm);
    if (elements === undefined) {
      throw wrong(`the ${what} sections must be a list, found ${excerpt(sectionsTerm)}.`, sectionsTerm);
    }
    return elements.map((element) => section(element, what));
  };
  const section = (element: Term, what: string): AppupSection => {
    const [versionTerm, script] = tupleOf(element, undefined, 2)?.elements ?? [];
    if (versionTerm === undefined || script === undefined) {
      throw wrong(`a section for ${what} must be {Version, Script}, found ${excerpt(element)}.`, element);
    }
    const version = sectionVersion(versionTerm);
    if (version === undefined) {
      throw wrong(
        `the version of a section for ${what} must be a string, or a binary that holds a regular expression, found ${excerpt(versionTerm)}.`,
        element,
      );
    }
    const instructions = listElements(script);
    if (instructions === undefined) {
      throw wrong(
        `the script ${what} ${printTerm(versionTerm)} must be a list, found ${excerpt(script)}.`,
        element,
      );
    }
    return {
      version,
      instructions: instructions.map((instruction) => ({
        term: instruction,
        position: positionOf(instruction),
      })),
    };
  };
  return { file, version, up: sections(upTerm, 'up from'), down: sections(downTerm, 'down to') };
}

/**
 * The section for `version`, as `systools_relup:appup_search_for_version/2` finds it: the first in the order of
 * the file whose string is equal, or whose pattern's leftmost match is the whole version. An exact string does
 * not win over an earlier pattern. Sections after the one found are not looked at.
 * @throws OtpError `bad-version-pattern` when a pattern on the way cannot be read.
 */
export function findSection(sections: readonly AppupSection[], version: string): AppupSection | undefined {
  return sections.find((section) =>
    section.version.kind === 'exact'
      ? section.version.version === version
      : compileVersionPattern(section.version.source).matchesWhole(version),
  );
}

/** The term of an appup, to be printed as the file. */
export function appupToTerm(appup: Omit<Appup, 'file'>): Term {
  const sections = (sections: readonly AppupSection[]): Term =>
    list(
      sections.map(({ version, instructions }) =>
        tuple(sectionVersionToTerm(version), list(instructions.map(({ term }) => term))),
      ),
    );
  return tuple(string(appup.version), sections(appup.up), sections(appup.down));
}

/** The version of a section as it stands in the file: `"1.0"`, or `<<"1\\..*">>`. */
export function sectionVersionToTerm(version: AppupSection['version']): Term {
  return version.kind === 'exact' ? string(version.version) : binary(Buffer.from(version.source, 'utf8'));
}

function sectionVersion(term: Term): AppupSection['version'] | undefined {
  if (term.kind !== 'binary') {
    const version = stringValue(term);
    return version === undefined ? undefined : { kind: 'exact', version };
  }
  if (term.bitsInLastByte !== 8) return undefined;
  try {
    return {
      kind: 'pattern',
      source: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(term.bytes),
    };
  } catch {
    return undefined;
  }
}

function excerpt(term: Term): string {
  const text = printTerm(term);
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
