/** Where in a text file something was found; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface OtpErrorDetails {
  /** What stable kind of mistake this is, for programs: `'term-syntax'`, `'beam-corrupt'`, `'release-missing'`... */
  readonly code: string;
  /** The file the reader of the error should open. */
  readonly file?: string;
  readonly position?: Position;
  /** What to do about it, as a sentence. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/**
 * A mistake in what we were given: a file, an option, a release. Its message is made for the person who
 * can mend it (`file:line:column: what is wrong. What to do.`) and it is shown without a stack trace.
 * Every other class of error that leaves this package is a defect of ours.
 */
export class OtpError extends Error {
  override readonly name = 'OtpError';
  readonly code: string;
  readonly file: string | undefined;
  readonly position: Position | undefined;
  readonly fix: string | undefined;
  /** The message without file and fix. */
  readonly problem: string;

  constructor(problem: string, details: OtpErrorDetails) {
    const place = details.file === undefined ? '' : `${formatPlace(details.file, details.position)}: `;
    const fix = details.fix === undefined ? '' : ` ${details.fix}`;
    super(`${place}${problem}${fix}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.problem = problem;
    this.code = details.code;
    this.file = details.file;
    this.position = details.position;
    this.fix = details.fix;
  }
}

function formatPlace(file: string, position: Position | undefined): string {
  return position === undefined ? file : `${file}:${position.line}:${position.column}`;
}
