import { printTerm, type Term } from '../erlang';
import { OtpError, type Position } from '../error';
import type { Direction } from './script';

/**
 * Something that makes a relup impossible.
 *
 * `kind` is the error of OTP: of `systools_rc` for what stands in a script (`undef_module`, `bad_instruction`, ...),
 * of `systools_relup` for a missing appup or section (`no_relup`, `file_problem`, `missing_sasl`), of `systools_make`
 * for a release (`duplicate_modules`, `circular_dependencies`, ...). Only `bad-version-pattern` is our own.
 */
export interface RelupProblem {
  readonly kind: string;
  /** What is wrong, as a sentence. */
  readonly problem: string;
  /** What to do about it, as a sentence. */
  readonly fix: string;
  /** The appup or the `.rel` file to open. */
  readonly file?: string | undefined;
  readonly position?: Position | undefined;
  readonly application?: string | undefined;
  /** The section of the appup: the version as it is written there, such as `"1"` or `<<"1\\..*">>`. */
  readonly section?: { readonly direction: Direction; readonly version: string } | undefined;
  /** The instruction, printed as it is written. */
  readonly instruction?: string | undefined;
}

/** Where an instruction comes from. */
export interface Origin {
  readonly direction: Direction;
  readonly application?: string | undefined;
  readonly file?: string | undefined;
  readonly position?: Position | undefined;
  /** The version of the appup's section, printed. */
  readonly section?: string | undefined;
  readonly term: Term;
}

/** `FILE:LINE:COLUMN: what is wrong, in which instruction and section. What to do.` */
export function formatProblem(problem: RelupProblem): string {
  return toOtpError(problem).message;
}

/** The problem as an error with its kind as the code. */
export function toOtpError(problem: RelupProblem): OtpError {
  const { kind, file, position, fix, section, instruction } = problem;
  const place = [
    instruction === undefined ? undefined : `in ${instruction}`,
    section === undefined
      ? undefined
      : `${section.direction === 'up' ? 'up from' : 'down to'} ${section.version}`,
  ].filter((part) => part !== undefined);
  const text = place.length === 0 ? problem.problem : `${problem.problem} (${place.join(', ')})`;
  return new OtpError(text, {
    code: kind,
    fix,
    file,
    position,
  });
}

/** A problem of one instruction. */
export function problemAt(origin: Origin, kind: string, problem: string, fix: string): RelupProblem {
  const { direction, application, file, position, section } = origin;
  return {
    kind,
    problem,
    fix,
    file,
    position,
    application,
    section: section === undefined ? undefined : { direction, version: section },
    instruction: written(origin),
  };
}

/** The instruction as it is written. */
export function written(origin: Origin): string {
  return printTerm(origin.term);
}

/** Without those that say the same of the same place: one section may serve several bases. */
export function distinctProblems(problems: readonly RelupProblem[]): RelupProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const key = JSON.stringify(problem);
    return seen.has(key) ? false : seen.add(key);
  });
}
